import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowWorkspace
import Synchronization
import Testing

@testable import MendflowHost

@Suite("What stands in the ledger, for all loops of a host")
struct StandingLedgerTests {
    @Test("is loaded once, kept up by what is written, and loaded anew after ten minutes")
    func kept() async throws {
        let (folder, clock, loads) = (try Folder(), VirtualClock(.noon), Loads())
        let workspace = try await folder.workspace(clock: clock)
        var environment = workspace.environment
        environment.ledgers = WrappedLedgers(environment.ledgers) { store, _ in CountingStore(base: store, loads: loads)
        }
        let standing = StandingLedger(workspace.with(environment))
        func epoch() async -> Int? { await standing.state()?.baseline(of: "production")?.instance.epoch }
        for _ in 1...20 { #expect(await epoch() == 1) }
        let since = ClockOffset.zero.server(clock.now())
        let next = InstanceBaseline(
            instance: InstanceKey(name: "production", epoch: 2), url: "", since: since, highest: nil, fingerprints: [],
            at: since)
        try await workspace.append([.began(next, .adopted(by: "me", reason: "r", from: 1, alarm: nil))])
        #expect(await epoch() == 2 && loads.count == 1)
        clock.advance(by: .minutes(10))
        #expect(await epoch() == 2 && loads.count == 2)
        withExtendedLifetime(folder) {}
    }

    private final class Loads: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func note() { state.withLock { $0 += 1 } }
    }

    private struct CountingStore: LedgerStore {
        let base: any LedgerStore, loads: Loads

        func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
            loads.note()
            return try await base.load(scope)
        }
        func append(
            _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            try await base.append(entries, expecting: head, fence: fence)
        }
        func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
            try await base.records(after: sequence, limit: limit)
        }
        func records(
            about executions: Set<ExecutionID>, instance: InstanceKey
        ) async throws(LedgerFailure) -> [SealedRecord] {
            try await base.records(about: executions, instance: instance)
        }
        func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
            try await base.verify(expecting: expected)
        }
    }
}
