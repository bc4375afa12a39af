import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("An agent that misses runs")
struct AbsenceTests {
    private func world() throws -> World {
        try World { simulator in
            simulator.add(.orderSync(.init()))
        }
    }

    /// Misses runs of Order sync after three hours.
    private func policies(mode: Mode = .enforce) throws -> PolicySet {
        var policy = Policy.retryOrders(statuses: ["success"])
        (policy.name, policy.mode, policy.remediation, policy.tags) = ("hourly", mode, nil, ["needs-human"])
        policy.match = .test(FieldTest(.workflowID, [.anyOf([.wildcard(World.workflow)])]))
        policy.absence = AbsenceCondition(within: .hours(3))
        return try World.set([policy])
    }

    private func trigger(_ world: World) {
        world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
    }

    /// Runs an agent that ends then, as its process would. It looks seldom: what is missed is missed for hours.
    private func run(_ world: World, _ set: PolicySet, for period: Period, mode: Mode = .enforce) async throws {
        let agent = try await world.agent(
            set, mode: mode,
            change: {
                $0.lookBack = .hours(27)
                $0.pollInterval = .minutes(4)
            })
        try await world.run(agent, for: period)
    }

    /// What was told, in order.
    private func told(_ world: World) async throws -> [String] {
        try await world.store.records(after: 0, limit: 1_000_000).compactMap { record in
            switch try record.entry().event {
            case .absenceBegan(_, let absence): "began after \(absence.last)\(absence.isShadow ? " in dry-run" : "")"
            case .absenceEnded(_, let end): "ended: \(end.cause.rawValue) \(end.run?.text ?? "")"
            default: nil
            }
        }
    }

    @Test("tells it once across restarts, tags the last run, and tells that it is over")
    func once() throws {
        let world = try world()
        let set = try policies()
        try world.simulation.run {
            trigger(world)
            try await run(world, set, for: .hours(2))
            #expect(try await told(world).isEmpty)
            try await run(world, set, for: .hours(2))
            #expect(try await told(world) == ["began after 1"])
            #expect(world.box.withSimulator { $0.database[1]?.tags } == ["Tag0000000000001"])
            try await run(world, set, for: .hours(9))
            #expect(try await told(world) == ["began after 1"] && world.requests(.writeTags) == 1)
            trigger(world)
            try await run(world, set, for: .minutes(5))
            #expect(try await told(world) == ["began after 1", "ended: ran 2"])
            try await run(world, set, for: .hours(4))
            #expect(try await told(world).last == "began after 2" && world.requests(.writeTags) == 2)
        }
    }

    @Test("in dry-run it is on record as dry-run's, and nothing is tagged")
    func dryRun() throws {
        let world = try world()
        try world.simulation.run {
            trigger(world)
            try await run(world, try policies(), for: .hours(4), mode: .dryRun)
            #expect(try await told(world) == ["began after 1 in dry-run"] && world.requests(.writeTags) == 0)
            try await run(world, try policies(mode: .dryRun), for: .hours(1))
            #expect(try await told(world) == ["began after 1 in dry-run"])
            try await run(world, try policies(), for: .hours(1))
            #expect(
                try await told(world) == ["began after 1 in dry-run", "ended: unwatched ", "began after 1"])
        }
    }

    @Test("a policy that is gone ends what it missed")
    func gone() throws {
        let world = try world()
        try world.simulation.run {
            trigger(world)
            try await run(world, try policies(), for: .hours(4))
            try await run(world, try World.set([]), for: .minutes(2))
            #expect(try await told(world) == ["began after 1", "ended: unwatched "])
        }
    }
}
