import MendflowEnvironment
import MendflowWorkspace

extension Workspace {
    /// Who runs the command.
    package var user: String { environment.user }
}
