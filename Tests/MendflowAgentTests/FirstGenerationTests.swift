import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("An n8n of the first generation (1.123), which can retry and delete, and neither stop nor tag")
struct FirstGenerationTests {
    private static let first = Simulator.Release(1, 123, 81)

    private static let stopLong = HiddenRowTests.stopStale("running", after: .minutes(1))

    private func phases(_ world: World, _ id: ExecutionID) throws -> [String] {
        let view = try world.store.everything().view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        return view.verdicts[id]?.parts.map(\.phase.rawValue) ?? []
    }

    /// Requests that would change something at a path that ends in a word.
    private func posts(_ world: World, _ word: String) -> Int {
        world.box.withSimulator { n8n in
            n8n.requests.count { $0.request.method != .get && $0.request.url.hasSuffix("/" + word) && !$0.isProbe }
        }
    }

    @Test("a retry heals, as on later ones")
    func retries() throws {
        let world = try World(kind: .init(release: Self.first)) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 1000)])))
        }
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(try World.set([.retryOrders()])), for: .minutes(10))
        }
        #expect(world.retries(of: 1).count == 1)
        #expect(try world.intents().map(\.state) == [.applied])
    }

    @Test("stops and tags are held as not offered: nothing is sent, nothing is unresolved")
    func notOffered() throws {
        var policy = Self.stopLong
        policy.tags = ["needs-human"]
        let world = try World(kind: .init(release: Self.first)) { $0.add(.orderSync(.always(.hang))) }
        let set = try World.set([policy])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(30))
        }
        #expect(Set(try phases(world, "1")) == ["not_offered"])
        #expect(try world.intents(.stop).isEmpty && world.intents(.tag).isEmpty)
        #expect(posts(world, "stop") == 0 && posts(world, "tags") == 0)
    }

    @Test("once it is upgraded they are done")
    func upgraded() throws {
        let world = try World(kind: .init(release: Self.first)) { $0.add(.orderSync(.always(.hang))) }
        let set = try World.set([Self.stopLong])
        try world.simulation.run {
            let agent = try await world.agent(set)
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(5))
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                n8n.upgrade(to: Simulator.Era.c.release, now: now)
                _ = n8n.trigger(World.workflow, now: now)
            }
            try await world.run(agent, for: .minutes(15))
        }
        #expect(world.box.withSimulator { $0.database[2]?.status } == .canceled)
        #expect(try world.intents(.stop).map(\.state) == [.applied])
    }

    @Test("where it takes the place of a later one just before a stop is sent, its answer proves that nothing was done")
    func downgraded() throws {
        let world = try World { $0.add(.orderSync(.always(.hang))) }
        let set = try World.set([Self.stopLong])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(
                set,
                hook: { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                    guard step == .sending else { return }
                    world.box.withSimulator { $0.configuration.release = Self.first }
                })
            try await world.run(agent, for: .minutes(30))
        }
        let intents = try world.intents(.stop)
        #expect(intents.map(\.state) == [.void], "\(intents)")
        #expect(intents.first?.note?.contains("refused (not_offered.stop)") == true)
        #expect(posts(world, "stop") == 1)
        #expect(try phases(world, "1") == ["not_offered"])
    }
}
