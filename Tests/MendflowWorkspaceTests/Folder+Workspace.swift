import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowTestKit
import MendflowWorkspace

extension Folder {
    /// What is read of it.
    func load(clock: any AgentClock = VirtualClock(.noon)) throws -> (workspace: Workspace?, report: FindingsReport) {
        try Workspace.load(
            path: path + "/mendflow.yaml", environment: .test(clock))
    }
}
