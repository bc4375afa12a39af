import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("An agent that looks for incidents")
struct IncidentTests {
    /// An n8n in which so many runs crash, and whose retries come to this.
    private func world(_ retries: [Simulator.Outcome], thenAlways rest: Simulator.Outcome) throws -> World {
        try World { simulator in
            simulator.add(
                .orderSync(
                    .init(thenAlways: [.crash(after: 100)], retries: retries, retriesThenAlways: [rest])))
        }
    }

    private func policies(holds: Bool) throws -> PolicySet {
        var policy = Policy.retryOrders(maxRetries: 5)
        policy.guards.yieldToHumans = .zero
        var set = try World.set([policy], limits: InstanceLimits(maxInFlight: 50, maxActions: []))
        set.incidents = IncidentRules(
            traits: [.errorClass], overAfter: .minutes(15), holds: holds, probeAfter: .minutes(6),
            pace: IncidentPace(amount: 3, per: .minutes(1)))
        return set
    }

    private func crash(_ world: World, _ count: Int) {
        world.box.withSimulator { simulator in
            for _ in 0..<count { _ = simulator.trigger(World.workflow, now: world.clock.now().milliseconds) }
        }
    }

    /// What was written down of incidents, in order.
    private func told(_ world: World) async throws -> [String] {
        try await world.store.records(after: 0, limit: 1_000_000).compactMap { record in
            switch try record.entry().event {
            case .incidentOpened(_, let incident): "opened \(incident.extent.failures)"
            case .incidentMoved(_, let move): "\(move.state.rawValue) \(move.why)"
            case .incidentOver(_, let end): "over \(end.extent.failures)"
            default: nil
            }
        }
    }

    private func retried(_ world: World) -> Int {
        (1...12).count { !world.retries(of: $0).isEmpty }
    }

    @Test("tells a mass crash as one incident, and retries as ever where nothing is to be held")
    func observes() throws {
        let world = try world([], thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            try await world.run(try await world.agent(try policies(holds: false)), for: .minutes(12))
            #expect(try await told(world) == ["opened 12"] && retried(world) == 12)
            try await world.run(try await world.agent(try policies(holds: false)), for: .minutes(10))
            #expect(try await told(world) == ["opened 12", "over 12"])
        }
    }

    @Test("tries one, lets the others go at a pace when that heals, and is over when all are")
    func drains() throws {
        let world = try world([], thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            let set = try policies(holds: true)
            try await world.run(try await world.agent(set), for: .minutes(5))
            #expect(retried(world) == 0)
            try await world.run(try await world.agent(set), for: .minutes(3))
            #expect(retried(world) >= 1 && retried(world) <= 7, "one, and what its pace lets go after it")
            try await world.run(try await world.agent(set), for: .minutes(14))
            #expect(retried(world) == 12)
            let told = try await told(world)
            #expect(told.first == "opened 12" && told.contains("draining 1 healed") && told.last == "over 12")
        }
    }

    @Test(
        "opens again where what it lets go fails again, and drains anew once another one heals: one incident all the while"
    )
    func reopens() throws {
        let failing = [Simulator.Outcome](repeating: .crash(after: 100), count: 5)
        let world = try world([.success(after: 100)] + failing, thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            try await world.run(try await world.agent(try policies(holds: true)), for: .minutes(180))
            let told = try await told(world)
            let drained = try #require(told.firstIndex { $0.hasPrefix("draining") })
            let again = try #require(told.firstIndex { $0.hasPrefix("open ") && !$0.hasSuffix(" ") }, "\(told)")
            #expect(drained < again && told[again...].contains { $0.hasPrefix("draining") }, "\(told)")
            #expect(
                told.count { $0.hasPrefix("opened") } == 1 && told.last == "over 12" && retried(world) == 12, "\(told)")
        }
    }

    @Test(
        "lets everything go where `hold` is not in the configuration any more, and says why",
        arguments: [5, 7] as [Int64])
    func released(after minutes: Int64) throws {
        let world = try world([.crash(after: 100)], thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            try await world.run(try await world.agent(try policies(holds: true)), for: .minutes(minutes))
            #expect(retried(world) == (minutes > 6 ? 1 : 0))
            crash(world, 2)
            try await world.run(try await world.agent(try policies(holds: false)), for: .minutes(7))
            #expect((1...12).allSatisfy { !world.retries(of: $0).isEmpty })
            let told = try await told(world)
            #expect(told.count { $0.hasPrefix("open `incidents` says `hold: true` no more") } == 1, "\(told)")
            #expect(!told.contains { $0.hasPrefix("draining") })
        }
        let incident = try #require(
            try world.store.everything().incidents(of: InstanceKey(name: "main", epoch: 1))["incident-1"])
        #expect(incident.holding == nil && incident.state == .open)
    }

    @Test("takes a cause that comes back once it is over for another incident, under the key of its own first failure")
    func comesBack() throws {
        let world = try world([], thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            try await world.run(try await world.agent(try policies(holds: false)), for: .minutes(22))
            #expect(try await told(world) == ["opened 12", "over 12"])
            // An agent that has just started knows of no incident that is over.
            crash(world, 6)
            try await world.run(try await world.agent(try policies(holds: false)), for: .minutes(3))
            #expect(try await told(world) == ["opened 12", "over 12", "opened 6"])
        }
        let key = InstanceKey(name: "main", epoch: 1)
        let incidents = try world.store.everything().incidents(of: key)
        #expect(incidents.count == 1 && incidents["incident-1"] == nil)
    }

    @Test("goes on with the next one at once where n8n does not have the one any more that was to be tried")
    func gone() throws {
        let world = try world([], thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            let agent = try await world.agent(try policies(holds: true))
            try await world.run(agent, for: .minutes(5))
            world.box.withSimulator { simulator in
                for id in 1...4 { simulator.personDeletes(id, now: world.clock.now().milliseconds) }
            }
            try await world.run(agent, for: .minutes(6))
            let told = try await told(world)
            #expect(told.filter { $0.hasSuffix("was not sent after all") }.count == 4, "\(told)")
            #expect(!world.retries(of: 5).isEmpty, "\(told)")
        }
    }

    @Test("backs off when the one that is tried fails, and tries again; nothing else is sent meanwhile")
    func backsOff() throws {
        let world = try world([.crash(after: 100), .crash(after: 100)], thenAlways: .success(after: 100))
        try world.simulation.run {
            crash(world, 12)
            let set = try policies(holds: true)
            try await world.run(try await world.agent(set), for: .minutes(11))
            #expect(retried(world) == 1)
            // Killed and started again meanwhile: what is known stands in the ledger.
            try await world.run(try await world.agent(set), for: .minutes(20))
            #expect(retried(world) == 2)
            try await world.run(try await world.agent(set), for: .minutes(50))
            #expect(retried(world) == 12)
            let told = try await told(world)
            #expect(told.filter { $0.hasSuffix("did not heal") }.count == 2)
            #expect(told.contains { $0.hasPrefix("draining") })
        }
    }
}
