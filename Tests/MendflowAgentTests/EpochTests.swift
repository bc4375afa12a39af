import MendflowAgent
import MendflowCore
import MendflowLedgerSQLite
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A database that is not the one it was")
struct EpochTests {
    /// Runs an agent, replaces n8n's database by what `other` makes of it, and runs another process's agent.
    static func world(
        restarting: Bool, _ other: @escaping @Sendable (inout Simulator, Int64) -> Void
    ) throws -> World {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 10))))
            var second = Simulator.Workflow.orderSync(.always(.error(.http(503, method: "POST"), after: 10)))
            second.id = "Wf00000000000002"
            second.name = "Other"
            simulator.add(second)
        }
        var policy = Policy.retryOrders()
        policy.match = .test(FieldTest(.status, [.anyOf([.wildcard("error")])]))
        let set = try World.set([policy])
        try world.simulation.run {
            for _ in 0..<3 {
                world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            }
            let first = try world.agent(set)
            _ = await first.runOnce()
            try await world.clock.sleep(for: .hours(2))
            world.box.withSimulator { other(&$0, world.clock.now().milliseconds) }
            try await world.run(restarting ? try world.agent(set) : first, for: .hours(1))
        }
        return world
    }

    static func replace(_ n8n: inout Simulator, _ now: Int64) {
        n8n.kill(now: now)
        n8n.restore(Simulator.Database())
        n8n.start(now: now)
        var second = Simulator.Workflow.orderSync(.always(.error(.http(503, method: "POST"), after: 10)))
        second.id = "Wf00000000000002"
        n8n.add(second)
        for _ in 0..<5 { _ = n8n.trigger("Wf00000000000002", now: now + 100) }
    }

    @Test("stops everything, says so, and stays stopped in another process", arguments: [false, true])
    func swapped(restarting: Bool) throws {
        let world = try Self.world(restarting: restarting) { n8n, now in Self.replace(&n8n, now) }
        #expect(!world.events.named("epoch.alarm").isEmpty)
        #expect(world.requests(.retry) == 0)
        let ledger = try SQLiteLedger.open(path: world.ledgerPath, create: false)
        let view = try ledger.view(
            of: InstanceKey(name: "main", epoch: 1), since: World.start, shadow: false, chains: [])
        #expect(view.alarm?.contains("instance adopt") == true)
        let draft = IntentDraft(
            instance: InstanceKey(name: "main", epoch: 1), action: .retry, execution: "9", root: "9",
            workflow: "w", policy: "p", policyVersion: "v")
        #expect(throws: LedgerFailure.self) {
            try ledger.commit([.reserve(draft)], audit: [], at: World.start + .hours(9))
        }
    }

    @Test("unsaved runs that vanish are no alarm, though the highest id goes back")
    func vanished() throws {
        let world = try Self.world(restarting: true) { n8n, now in
            n8n.personDeletes(3, now: now)
            n8n.personDeletes(2, now: now)
        }
        #expect(world.events.named("epoch.alarm").isEmpty)
    }
}
