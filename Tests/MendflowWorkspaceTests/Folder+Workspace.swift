import MendflowCore
import MendflowTestKit
import MendflowWorkspace

extension Folder {
    /// What is read of it.
    func load(clock: any AgentClock = VirtualClock(.noon)) throws -> (workspace: Workspace?, report: FindingsReport) {
        try Workspace.load(
            path: path + "/mendflow.yaml", environment: ["N8N_API_KEY": "secret-of-the-test"], clock: clock)
    }
}
