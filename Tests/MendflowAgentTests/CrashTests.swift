import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("Runs that n8n calls crashed, in queue mode")
struct CrashTests {
    /// A worker dies under a run at the first minute; n8n calls it crashed ten seconds later.
    private func world(then: @escaping @Sendable (World) async throws -> Void) throws -> World {
        var kind = Simulator.Configuration(era: .c, mode: .queue(workers: 2))
        kind.queueRecoveryInterval = 10_000
        let world = try World(kind: kind) { simulator in
            simulator.add(.orderSync(.init(next: [.hang], retries: [.success(after: 100)])))
        }
        let set = try World.set([.retryOrders(statuses: ["crashed"])])
        try world.simulation.run {
            let agent = try await world.agent(set)
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(1))
            world.box.withSimulator { $0.killWorker(0, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(2))
            try await then(world)
            try await world.run(agent, for: .minutes(20))
        }
        return world
    }

    @Test(
        "are left alone while that may change: one became an error two minutes later, which the policy does not retry")
    func changes() throws {
        let world = try world { world in
            #expect(world.box.withSimulator { $0.database[1]?.status } == .crashed)
            world.box.withSimulator { $0.giveUpStalled(1, now: world.clock.now().milliseconds) }
        }
        #expect(world.retries(of: 1).isEmpty)
    }

    @Test("are retried once they have been so for five minutes")
    func stays() throws {
        let world = try world { world in #expect(world.retries(of: 1).isEmpty) }
        #expect(world.retries(of: 1).count == 1)
        let sent = try #require(try world.intents().first?.sendingAt)
        #expect(sent >= World.start + .minutes(6) && sent <= World.start + .minutes(8))
    }
}
