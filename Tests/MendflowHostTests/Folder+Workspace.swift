import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowTestKit
import MendflowWorkspace

extension Folder {
    /// What is read of it.
    func load(clock: any AgentClock = VirtualClock(.noon)) throws -> (workspace: Workspace?, report: FindingsReport) {
        try Workspace.load(
            path: path + "/mendflow.yaml", environment: .test(clock))
    }

    /// The workspace, with a ledger that knows its instances.
    func workspace(clock: any AgentClock = VirtualClock(.noon)) async throws -> Workspace {
        guard let workspace = try load(clock: clock).workspace else {
            throw MendflowFailure(.findings, "the test's files are bad")
        }
        let now = clock.now()
        let ledger = try await Ledger(try workspace.openLedger(create: true), LedgerScope())
        for name in workspace.instanceNames {
            let baseline = InstanceBaseline(
                instance: InstanceKey(name: name, epoch: 1), url: "http://n8n", since: now - .days(1), highest: nil,
                fingerprints: [], at: now - .days(1))
            try await ledger.append([LedgerEntry(.began(baseline, .initialised(by: "test")), at: now - .days(1))])
        }
        return workspace
    }
}
