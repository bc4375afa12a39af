import MendflowEnvironment
import MendflowWorkspace

extension Workspace {
    /// Who runs the command.
    var user: String { environment.user }
}
