public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
import MendflowOperations
import MendflowPolicy
public import MendflowTestKit
public import MendflowWorkspace

extension Folder {
    /// What is read of it, with the key that it names.
    public func load(clock: any AgentClock = VirtualClock(.noon)) throws -> (
        workspace: Workspace?, report: FindingsReport
    ) {
        try Workspace.load(
            path: path + "/mendflow.yaml", environment: .test(clock))
    }

    /// The workspace, with a ledger that knows its instances.
    public func workspace(clock: any AgentClock = VirtualClock(.noon)) async throws -> Workspace {
        guard let workspace = try load(clock: clock).workspace else {
            throw MendflowFailure(.findings, "the test's files are bad")
        }
        let yesterday = clock.now() - .days(1)
        let serverTime = ClockOffset.zero.server(yesterday)
        _ = try await workspace.openLedger(create: true)
        for name in workspace.instanceNames {
            let baseline = InstanceBaseline(
                instance: InstanceKey(name: name, epoch: 1), url: "http://n8n", since: serverTime, highest: nil,
                fingerprints: [], at: serverTime)
            try await workspace.append([.began(baseline, .initialised(by: "test"))], at: yesterday)
        }
        return workspace
    }
}

extension Workspace {
    /// Writes events into the ledger, as somebody else would, and answers the numbers of their entries.
    @discardableResult
    public func append(_ events: [LedgerEvent], at time: AgentTime = .noon) async throws -> [Int64] {
        try await Ledger(try openLedger(), LedgerScope()).append(events.map { LedgerEntry($0, at: time) })
    }

    /// What the ledger holds, all of it.
    public func everything() async throws -> LedgerState {
        try await openLedger().load(LedgerScope(since: AgentTime(milliseconds: .min)))
    }
}
