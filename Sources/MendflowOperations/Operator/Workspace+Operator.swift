import MendflowWorkspace

extension Workspace {
    /// Who runs the command, as the environment says.
    var user: String {
        environment["SUDO_USER"] ?? environment["USER"] ?? environment["LOGNAME"] ?? "user \(TextFile.userID)"
    }
}
