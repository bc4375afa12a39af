import MendflowCore
import MendflowWorkspace

extension Workspace {
    /// Who runs the command, as the environment says.
    var user: String {
        environment["SUDO_USER"] ?? environment["USER"] ?? environment["LOGNAME"] ?? "user \(TextFile.userID)"
    }

    /// The record of an operator's command.
    func command(_ name: String, reason: String, at now: Timestamp) -> AuditRecord {
        AuditRecord(
            .command, instance: nil, at: now,
            fields: ["command": .text(name), "who": .text(user), "reason": .text(reason)])
    }
}
