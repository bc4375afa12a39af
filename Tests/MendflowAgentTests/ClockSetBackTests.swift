import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@Suite("An agent whose clock was a day ahead and is set back")
struct ClockSetBackTests {
    /// The world's clock, as a machine shows it that has another time.
    private final class WrongClock: AgentClock {
        private let base: VirtualClock
        private let shift = Mutex(Period.days(1))

        init(_ base: VirtualClock) { self.base = base }

        func setRight() { shift.withLock { $0 = .zero } }
        func now() -> AgentTime { base.now() + shift.withLock { $0 } }
        func monotonic() -> Period { base.monotonic() }
        func sleep(for period: Period) async throws { try await base.sleep(for: period) }
    }

    private struct Outcome {
        var world: World
        var records: [AuditRecord]
    }

    /// One run fails and is retried while the clock is ahead, and another one once it is right; a cap allows one an hour.
    private static func world(retries: [Simulator.Outcome]) throws -> Outcome {
        let failure = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)
        let world = try World { simulator in
            simulator.add(.orderSync(.init(next: [failure, failure], retries: retries)))
        }
        var policy = Policy.retryOrders()
        policy.guards.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))]
        let set = try World.set([policy])
        let clock = WrongClock(world.clock)
        let records = try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set, clock: clock), for: .minutes(6))
            clock.setRight()
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set, clock: clock), for: .hours(3))
            return try await world.store.records(after: 0, limit: 100_000).map {
                try CanonicalRecord(bytes: $0.bytes).record
            }
        }
        return Outcome(world: world, records: records)
    }

    @Test("is held back by its caps for as long as they say, and not until real time has caught up")
    func caps() throws {
        let outcome = try Self.world(retries: [.success(after: 100), .success(after: 100)])
        let intents = try outcome.world.intents()
        #expect(intents.map(\.state) == [.applied, .applied] && Set(intents.map(\.draft.execution)).count == 2)
        let second = try #require(intents.last)
        let waited = second.reservedAt - World.start
        #expect(waited > .hours(1) && waited < .minutes(70), "\(waited)")
    }

    @Test("records what its clock shows, in the order of their numbers; they are dated on, which the chain holds to")
    func records() async throws {
        let records = try Self.world(retries: [.success(after: 100), .success(after: 100)]).records
        let wrong = records.filter { ($0.clock ?? $0.at) >= World.start + .days(1) }
        let right = records.drop { $0.clock == nil }
        #expect(!wrong.isEmpty && right.count > 10)
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.at <= $1.at })
        let ahead = try #require(wrong.last?.at)
        #expect(right.allSatisfy { $0.at == ahead && $0.clock.map { $0 < World.start + .hours(4) } == true })
        let shown = right.compactMap(\.clock)
        #expect(
            zip(shown, shown.dropFirst()).allSatisfy { $0 <= $1 }
                && shown.last.map { $0 - shown[0] > .hours(2) } == true)
    }

    @Test("keeps that it was set back, once")
    func kept() throws {
        let world = try Self.world(retries: [.success(after: 100), .success(after: 100)]).world
        let ledger = try world.store.everything()
        let baseline = try #require(ledger.baseline(of: "main"))
        let setBack = try #require(ledger.tick(of: baseline.instance)?.setBack)
        #expect(setBack.from >= World.start + .days(1) && setBack.to - World.start < .minutes(10))
        #expect(setBack.entry < ledger.head.sequence)
    }
}
