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
}
