import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowAgent

/// On a database that answers from afar each of these is a round trip.
@Suite("What a tick asks of the ledger's store")
struct LedgerTrafficTests {
    private struct Traffic: Hashable { var loads = 0, reads = 0, appends = 0 }

    /// Counts what is asked of a store.
    private final class CountedStore: LedgerStore {
        private let base: MemoryLedgerStore
        private let traffic = Mutex(Traffic())

        init(_ base: MemoryLedgerStore) { self.base = base }

        /// What was asked since this was called last.
        func taken() -> Traffic {
            traffic.withLock { all in
                defer { all = Traffic() }
                return all
            }
        }

        func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
            traffic.withLock { $0.loads += 1 }
            return try await base.load(scope)
        }
        func append(
            _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            traffic.withLock { $0.appends += 1 }
            return try await base.append(entries, expecting: head, fence: fence)
        }
        func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
            traffic.withLock { $0.reads += 1 }
            return try await base.records(after: sequence, limit: limit)
        }
        func records(
            about executions: Set<ExecutionID>, instance: InstanceKey
        ) async throws(LedgerFailure) -> [SealedRecord] {
            traffic.withLock { $0.reads += 1 }
            return try await base.records(about: executions, instance: instance)
        }
        func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
            try await base.verify(expecting: expected)
        }
    }

    /// A world in which so many runs failed a while ago, and their retries fail again.
    private static func world(failures: Int) throws -> World {
        try World { simulator in
            simulator.add(.orderSync(.init(retriesThenAlways: [.error(.http(503, method: "POST"), after: 100)])))
            for index in 0..<failures {
                let at = World.start.milliseconds - 600_000 + Int64(index * 2_000)
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100,
                    error: .http(503, method: "POST"))
            }
        }
    }

    @Test(
        "is what changed, once for the replays that are open and once for what is decided; an idle tick writes one append"
    )
    func idle() throws {
        let world = try Self.world(failures: 0)
        let store = CountedStore(world.store)
        try world.simulation.run {
            let agent = try await world.agent(
                try World.set([.retryOrders()]), refresh: { _ in nil }, store: store)
            for _ in 0..<5 {
                _ = await agent.tick()
                try await world.clock.sleep(for: .seconds(30))
            }
            _ = store.taken()
            for _ in 0..<5 {
                _ = await agent.tick()
                let asked = store.taken()
                #expect(asked.loads == 0 && asked.reads == 2 && asked.appends <= 1, "\(asked)")
                try await world.clock.sleep(for: .seconds(30))
            }
        }
    }

    @Test(
        "is one append for all that is decided and reserved; each action then writes two, before it is sent and when it is over"
    )
    func acting() throws {
        let world = try Self.world(failures: 5)
        let store = CountedStore(world.store)
        try world.simulation.run {
            let agent = try await world.agent(try World.set([.retryOrders()]), store: store)
            var report = await agent.tick()
            _ = store.taken()
            while report.started.isEmpty {
                report = await agent.tick()
                let asked = store.taken()
                #expect(asked.appends <= 1, "\(asked)")
            }
            // As many as may be under way at once.
            #expect(report.started.count == 3)
            for action in report.started { await agent.perform(action) }
            #expect(store.taken().appends == 6)
        }
    }
}
