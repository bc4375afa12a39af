import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A retry in queue mode whose call n8n never answers")
struct UnansweredRetryTests {
    /// Two runs fail; the retry of the first heals at once, and its call is never answered.
    private static func world(keepsSuccesses: Bool = true) throws -> World {
        let settings: Simulator.JSON =
            keepsSuccesses ? [:] : ["saveDataSuccessExecution": "none"]
        return try World(kind: Simulator.Configuration(era: .c, mode: .queue(workers: 2))) { simulator in
            let failure = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)
            simulator.add(
                .orderSync(.init(next: [failure, failure], retries: [.success(after: 50)]), settings: settings))
            simulator.faults = [.init(.neverAnswered, at: [.retry])]
        }
    }

    private func run(_ world: World, for period: Period, _ policies: PolicySet) throws {
        try world.simulation.run {
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                for _ in 0..<2 { _ = n8n.trigger(World.workflow, now: now) }
            }
            try await world.run(try await world.agent(policies), for: period)
        }
    }

    @Test("is settled while it waits, by its run, which no list shows", arguments: [true, false])
    func settled(keepsSuccesses: Bool) throws {
        let world = try Self.world(keepsSuccesses: keepsSuccesses)
        try run(world, for: .minutes(10), try World.set([.retryOrders()]))
        let intents = try world.intents()
        #expect(intents.count == 2)
        for intent in intents {
            #expect(intent.state == .applied && intent.child != nil, "\(intent)")
            let (sent, settled) = (try #require(intent.sendingAt), try #require(intent.settledAt))
            #expect(settled - sent < .minutes(2))
        }
        #expect([1, 2].map { world.retries(of: $0).count } == [1, 1])
    }

    @Test("gives its place under max_in_flight to the next one")
    func makesRoom() throws {
        let world = try Self.world()
        let limits = InstanceLimits(maxInFlight: 1, maxActions: [])
        try run(world, for: .minutes(10), try World.set([.retryOrders()], limits: limits))
        #expect([1, 2].map { world.retries(of: $0).count } == [1, 1])
    }

    @Test("is hung up on, and that is said: the connection does not stay open for hours")
    func hungUp() throws {
        let world = try Self.world()
        let set = try World.set([.retryOrders()])
        try run(world, for: .minutes(5), set)
        #expect(world.events.named("action.hung_up").count == 1)
        #expect(world.events.named("action.unresolved").isEmpty)
        #expect(Set(try world.intents().map(\.state)) == [.applied])
    }

    @Test("is not hung up on while its run goes on, however long that takes")
    func patient() throws {
        let world = try World(kind: Simulator.Configuration(era: .c, mode: .queue(workers: 2))) { simulator in
            simulator.add(
                .orderSync(
                    .init(
                        next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 3_600_000)])))
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(2))
        }
        #expect(world.events.named("action.hung_up").isEmpty)
        #expect(try world.intents().map(\.state) == [.applied])
    }
}
