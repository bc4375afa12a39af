import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

/// A ledger that is sealed under an agent that works.
@Suite("An agent whose ledger is sealed")
struct SealTests {
    private static func world() throws -> World {
        try World { simulator in
            simulator.add(.orderSync(.init(retriesThenAlways: [.error(.http(503, method: "POST"), after: 100)])))
            for index in 0..<12 {
                let at = World.start.milliseconds - 60_000 + Int64(index * 2_000)
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100,
                    error: .http(503, method: "POST"))
            }
        }
    }

    /// Seals as much as the rules allow, and keeps what was there; answers how many records went.
    private static func seal(
        _ store: MemoryLedgerStore, _ kept: borrowing Mutex<[SealedRecord]>, at now: AgentTime
    ) async throws -> Int {
        let state = try await store.load(LedgerScope())
        let open = state.intents(in: [.reserved, .sending, .unresolved]).map(\.id.number)
        let last = min(state.head.sequence - 1, (open.min() ?? .max) - 1)
        guard last > state.floor else { return 0 }
        var sealer = try LedgerSealer(try await store.base(), after: state.newestSegment)
        let records = try await store.records(after: state.floor, limit: Int(last - state.floor))
        for record in records { try sealer.take(record) }
        let sealing = sealer.sealing(digest: [UInt8](repeating: 0, count: 32), by: "test", at: now)
        _ = try await store.seal(sealing, expecting: state.head, fence: nil)
        kept.withLock { $0 += records }
        return records.count
    }

    @Test("decides and acts as it would have, and what it decided comes out again from all records")
    func same() throws {
        let policies = try World.set([.retryOrders()])
        func intents(sealing: Bool) throws -> [String] {
            let world = try Self.world()
            let kept = Mutex<[SealedRecord]>([])
            try world.simulation.run {
                let agent = try await world.agent(policies)
                for _ in 0..<8 {
                    try await world.runOn(agent, for: .minutes(10))
                    if sealing { #expect(try await Self.seal(world.store, kept, at: world.clock.now()) > 0) }
                }
                #expect(try await world.store.verify(expecting: nil).fault == nil)
                let all = kept.withLock { $0 } + (try await world.store.records(after: 0, limit: .max))
                let made = try DecisionReplay(all).all { _, list in policies.evidence == list ? policies : nil }
                #expect(made.count > 20 && made.allSatisfy(\.isSame))
            }
            return try world.intents().map { "\($0.draft.execution) \($0.state) \($0.reservedAt)" }
        }
        #expect(try intents(sealing: true) == intents(sealing: false))
    }

    @Test("makes a plan anew whose evidence was sealed while it was made")
    func race() throws {
        let policies = try World.set([.retryOrders()])
        let world = try Self.world()
        let kept = Mutex<[SealedRecord]>([])
        try world.simulation.run {
            let sealed = Mutex(0)
            // Whenever something is decided, the ledger was sealed a moment before.
            let store = HookedStore(world.store) { entries, append throws(LedgerFailure) in
                let decides = entries.contains { if case .decided = $0.event { true } else { false } }
                if decides, sealed.withLock({ $0 < 6 }) {
                    let count = (try? await Self.seal(world.store, kept, at: world.clock.now())) ?? 0
                    if count > 0 { sealed.withLock { $0 += 1 } }
                }
                return try await append()
            }
            let agent = try await world.agent(policies, store: store)
            try await world.runOn(agent, for: .hours(2))
            #expect(sealed.withLock { $0 } == 6)
            #expect(try await world.store.verify(expecting: nil).fault == nil)
        }
        #expect(world.events.all.filter { $0.name == "ledger.failed" }.isEmpty)
        #expect(try world.intents().filter { $0.state == .applied }.count > 20)
    }

    @Test("of decisions that lean on what was sealed none is called wrong, and all others are made again")
    func replay() throws {
        let policies = try World.set([.retryOrders()])
        let world = try Self.world()
        let kept = Mutex<[SealedRecord]>([])
        try world.simulation.run {
            let agent = try await world.agent(policies)
            try await world.runOn(agent, for: .minutes(5))
            _ = try await Self.seal(world.store, kept, at: world.clock.now())
            try await world.runOn(agent, for: .hours(1))
            let records = try await world.store.records(after: 0, limit: .max)
            let state = try await world.store.load(LedgerScope())
            let replay = try DecisionReplay(records, behind: state.newestSegment, base: try await world.store.base())
            let made = try replay.all { _, list in policies.evidence == list ? policies : nil }
            let decided = try records.filter { sealed in
                guard case .decided(let decided) = try sealed.entry().event else { return false }
                return decided.evidence != nil
            }
            #expect(!made.isEmpty && made.allSatisfy(\.isSame))
            #expect(made.count + replay.leaningCount == decided.count)
        }
    }
}

extension World {
    /// Runs an agent's loop for a time, without making its decisions again: a part of them may be sealed.
    fileprivate func runOn(_ agent: InstanceAgent, for period: Period) async throws {
        let clock = clock
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await agent.run() }
            group.addTask { try await clock.sleep(for: period) }
            try await group.next()
            group.cancelAll()
        }
    }
}
