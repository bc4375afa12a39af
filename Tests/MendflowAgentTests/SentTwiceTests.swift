import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@testable import MendflowAgent

@Suite("A retry that is sent twice on its way, where n8n refuses one of the two for its limit of requests")
struct SentTwiceTests {
    /// An n8n that takes one change a minute, and honours keys; its answer to the second of two equal requests is what comes back.
    private static func world(
        _ retry: Simulator.Outcome, settings: Simulator.JSON = ["executionOrder": "v1"]
    ) throws -> World {
        var kind = Simulator.Configuration(release: Simulator.Release(2, 47))
        kind.rateLimit = .init(reads: 1000, writes: 1)
        let world = try World(kind: kind) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 0)], retries: [retry]), settings: settings))
            simulator.faults = [.init(.duplicate, at: [.retry])]
        }
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let set = try World.set([.retryOrders(maxRetries: 1)])
            try await world.run(try await world.agent(set), for: .minutes(10))
        }
        return world
    }

    private static func refusals(_ world: World) -> Int {
        world.events.named("action.refused").count
    }

    @Test("counts as done by the run that is seen, and is not sent again")
    func seen() throws {
        let world = try Self.world(.error(.http(503, method: "POST"), after: 100))
        let intents = try world.intents()
        #expect(Self.refusals(world) == 1, "n8n's answer was the one to the other request")
        #expect(intents.map(\.state) == [.applied] && intents.first?.child == "2")
        #expect(intents.first?.hasDoubtfulChild == true, "it may be a person's just as well")
        #expect(world.retries(of: 1).count == 1 && world.requests(.retry) == 1)
    }

    @Test("is sent again under its key where n8n keeps no row of its run, so that n8n tells of it and does nothing")
    func unseen() throws {
        let world = try Self.world(.success(after: 100), settings: ["saveDataSuccessExecution": "none"])
        let intents = try world.intents()
        #expect(intents.map(\.state) == [.void, .applied])
        #expect(Set(intents.map(\.key)).count == 1)
        #expect(world.retries(of: 1).count == 1 && world.requests(.retry) == 2)
        #expect(
            try world.store.everything().view(of: InstanceKey(name: "main", epoch: 1), shadow: false).healed == ["1"])
    }
}
