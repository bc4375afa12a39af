import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A run that may be ours or a person's")
struct WhoseChildTests {
    private static func world(_ fault: Simulator.Fault, retries: [Simulator.Outcome]) throws -> World {
        try World { simulator in
            simulator.add(
                .orderSync(.init(next: [.error(.http(503, method: "POST"), after: 100)], retries: retries)))
            simulator.faults = [.init(fault, at: [.retry])]
        }
    }

    private static func events(_ world: World) throws -> [LedgerEvent] {
        try world.simulation.run {
            try await world.store.records(after: 0, limit: 10_000).map { sealed in
                try LedgerEntry(try CanonicalRecord(bytes: sealed.bytes).record).event
            }
        }
    }

    private static func latches(_ world: World) throws -> [Latch] {
        try events(world).compactMap { event in if case .latched(_, let latch, _) = event { latch } else { nil } }
    }

    /// Runs that people's retries became.
    private static func people(_ world: World) throws -> [ExecutionID] {
        try latches(world).compactMap { if case .personRetried(let child) = $0.fact { child } else { nil } }
    }

    @Test("after a lost request counts as a try and is nobody's for sure: the chain does not wait for people")
    func lostRequest() throws {
        let failure = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)
        let world = try Self.world(.loseRequest(), retries: [failure, .success(after: 100)])
        let set = try World.set([.retryOrders(maxRetries: 2)])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(3))
            #expect(try world.intents().map(\.state) == [.unresolved])
            world.box.withSimulator { _ = $0.personRetries(1, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(10))
        }
        let lost = try #require(try world.intents().first)
        #expect(lost.state == .applied && lost.child == "2" && lost.hasDoubtfulChild)
        #expect(lost.note?.hasSuffix("ours or a person's") == true)
        #expect(try Self.people(world).isEmpty)
        // The second try is ours, and heals the chain.
        #expect(world.retries(of: 2) == [3])
        #expect(try Self.latches(world).filter { $0.fact == .healed }.map(\.execution) == ["1"])
    }

    @Test("while an answer is awaited is ours or a person's as the answer says")
    func answered() throws {
        let world = try Self.world(
            .personRetriesFirst,
            retries: [
                .error(.http(503, method: "POST"), after: 100), .error(.http(503, method: "POST"), after: 300_000),
            ])
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(20))
        }
        let outcomes = try Self.events(world).compactMap { event in
            if case .outcome(_, let settlement) = event { settlement } else { nil }
        }
        #expect(outcomes.map(\.child) == ["2", "3"])
        #expect(outcomes.first?.evidence == .child("2", .error, isDoubtful: true))
        #expect(outcomes.last?.evidence == .answered(.error))
        // The other run is a person's then, and is yielded to.
        #expect(try Self.people(world) == ["2"])
        #expect(world.requests(.retry) == 1)
    }
}
