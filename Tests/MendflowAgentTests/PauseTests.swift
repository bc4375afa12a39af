import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A pause for a time")
struct PauseTests {
    @Test("lets nothing out before its end by the agent's clock, and everything after it", arguments: [0, 120])
    func ends(minutesAhead: Int64) throws {
        let world = try World { simulator in
            simulator.configuration.clockAhead = Period.minutes(minutesAhead).milliseconds
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            _ = simulator.trigger(World.workflow, now: World.start.milliseconds)
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            let pause = LedgerEvent.paused(
                instance: nil, reason: "lunch", by: "test", until: World.start + .minutes(30))
            try await Ledger(world.store, LedgerScope()).append([LedgerEntry(pause, at: World.start)])
            let agent = try await world.agent(set)
            try await world.run(agent, for: .minutes(29))
            #expect(world.retries(of: 1).isEmpty)
            #expect(world.events.named("acting.paused").map(\.level) == [.warning])
            #expect(world.events.named("acting.paused")[0].message.contains("lunch (until 2026-11-02T08:30:00.000Z)"))
            #expect(world.events.named("acting.resumed").isEmpty)
            try await world.run(agent, for: .minutes(10))
        }
        #expect(world.retries(of: 1).count == 1)
        #expect(world.events.named("acting.resumed").count == 1)
    }

    @Test("is over on record too, once and by nobody, so that who was told of it is told of that")
    func onRecord() throws {
        let world = try World { $0.add(.orderSync(.init(next: []))) }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            let ledger = try await Ledger(world.store, LedgerScope())
            for instance in [nil, "main", "other"] {
                let pause = LedgerEvent.paused(
                    instance: instance, reason: "", by: "test", until: World.start + .minutes(30))
                try await ledger.append([LedgerEntry(pause, at: World.start)])
            }
            for _ in 0..<2 { try await world.run(try await world.agent(set), for: .minutes(29)) }
            let ends = try await world.store.records(after: 0, limit: 1_000_000).compactMap { record -> String? in
                guard case .resumed(let instance, let who) = try record.entry().event else { return nil }
                return "\(instance ?? "all") by '\(who)'"
            }
            // That of another instance is for the agent of that one to tell.
            #expect(ends == ["all by ''", "main by ''"])
        }
    }
}
