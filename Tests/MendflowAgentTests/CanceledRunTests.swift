import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("Runs that were canceled, and what n8n says of their retries")
struct CanceledRunTests {
    private static let policy = Policy.retryOrders(statuses: ["error", "canceled"])

    private func view(_ world: World) throws -> LedgerView {
        try world.store.everything().view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
    }

    private func phases(_ world: World, _ id: ExecutionID) throws -> [String] {
        try view(world).verdicts[id]?.parts.map(\.phase.rawValue) ?? []
    }

    /// A run that a person stops after ten seconds, whose retries run all nodes.
    private func stopped(
        settings: Simulator.JSON = [:], _ then: @escaping @Sendable (World, PolicySet) async throws -> Void
    ) throws -> World {
        let world = try World { simulator in
            simulator.add(.orderSync(.init(next: [.hang], retries: [.success(after: 1000)]), settings: settings))
        }
        let set = try World.set([Self.policy])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.clock.sleep(for: .seconds(10))
            world.box.withSimulator { _ = $0.personStops(1, now: world.clock.now().milliseconds) }
            try await then(world, set)
        }
        return world
    }

    @Test("one whose progress was not saved is retried once: it ran to its end, and n8n calls it an error")
    func ranToItsEnd() throws {
        let world = try stopped { world, set in try await world.run(try await world.agent(set), for: .hours(1)) }
        #expect(world.box.withSimulator { $0.database[2]?.status } == .error)
        #expect(world.retries(of: 1).count == 1 && world.retries(of: 2).isEmpty)
        #expect(try view(world).outcomeUnknown == ["2"] && view(world).healed.isEmpty)
        #expect(try phases(world, "2") == ["outcome_unknown"])
    }

    @Test("that is remembered over a restart and the loss of its row")
    func remembered() throws {
        let world = try stopped { world, set in
            try await world.run(try await world.agent(set), for: .minutes(20))
            world.box.withSimulator { $0.personDeletes(2, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        #expect(world.retries(of: 1).count == 1)
        #expect(try view(world).outcomeUnknown == ["2"])
        #expect(try phases(world, "1") == ["outcome_unknown"])
    }

    @Test("the answer alone tells it, where failures are not kept")
    func notKept() throws {
        let world = try stopped { world, set in
            world.box.withSimulator { $0.faults = [.init(.childNotSaved, at: [.retry])] }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        #expect(world.box.withSimulator { $0.database[2] == nil })
        #expect(world.retries(of: 1).count == 1)
        #expect(try view(world).outcomeUnknown == ["2"])
    }

    @Test("one whose progress was saved is healed by a retry that says so")
    func saved() throws {
        let world = try stopped(settings: ["saveExecutionProgress": true]) { world, set in
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        #expect(world.retries(of: 1).count == 1)
        #expect(try view(world).healed == ["1"] && view(world).outcomeUnknown.isEmpty)
    }

    @Test(
        "one that a time limit cut off in a call has nothing to resume: never sent, and a person's retry heals nothing")
    func ranNothing() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.init(next: [.hang]), settings: ["executionTimeout": 3]))
        }
        let set = try World.set([Self.policy])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(set)
            try await world.run(agent, for: .minutes(10))
            #expect(try phases(world, "1") == ["nothing_to_resume"])
            world.box.withSimulator { _ = $0.personRetries(1, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(30))
        }
        #expect(world.box.withSimulator { $0.database[2]?.status } == .success)
        #expect(try view(world).ranNothing == ["2"] && view(world).healed.isEmpty)
        #expect(try phases(world, "1") == ["nothing_to_resume"])
        #expect(world.retries(of: 1).isEmpty)
    }
}
