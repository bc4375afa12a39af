import MendflowAgent
import MendflowCore
import MendflowLedger
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
            let first = try await world.agent(set)
            _ = await first.runOnce()
            try await world.clock.sleep(for: .hours(2))
            world.box.withSimulator { other(&$0, world.clock.now().milliseconds) }
            try await world.run(restarting ? try await world.agent(set) : first, for: .hours(1))
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
        var ledger = try world.store.everything()
        let view = ledger.view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        #expect(view.alarm?.contains("instance adopt") == true)
        let draft = IntentDraft(
            instance: InstanceKey(name: "main", epoch: 1), action: .retry, execution: "9", root: "9",
            workflow: "w", policy: "p", policyVersion: "v")
        let action = ProposedAction(draft: draft, due: World.serverStart)
        let entry = LedgerEntry(.reserved(Reservation(action, isShadow: false)), at: World.start + .hours(9))
        #expect(throws: LedgerRefusal.paused(view.alarm ?? "")) { try ledger.append([entry]) }
    }

    @Test("unsaved runs that vanish are no alarm, though the highest id goes back")
    func vanished() throws {
        let world = try Self.world(restarting: true) { n8n, now in
            n8n.personDeletes(3, now: now)
            n8n.personDeletes(2, now: now)
        }
        #expect(world.events.named("epoch.alarm").isEmpty)
    }

    /// Its rows begin at once or later than the next deep sweep: what was read of it before that tells nothing of it.
    @Test(
        "is recognised by its newest executions all being gone, though its ids are others", arguments: [false, true],
        [Int64(100), 700_000])
    func otherIDs(restarting: Bool, after: Int64) throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 10))))
            for _ in 0..<3 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            let first = try await world.agent(set)
            try await world.run(first, for: .minutes(5))
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                n8n.kill(now: now)
                n8n.restore(Simulator.Database())
                n8n.start(now: now)
                n8n.database.nextID = 5000
                n8n.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 10))))
                for _ in 0..<5 { _ = n8n.trigger(World.workflow, now: now + after) }
            }
            try await world.run(restarting ? try await world.agent(set) : first, for: .hours(1))
        }
        #expect(world.events.named("epoch.alarm").count == 1, "said once in a process")
        #expect(world.requests(.retry) == 0)
    }

    @Test("is recognised by a run that was a retry and is none now, though no row of before is left to compare with")
    func changedRetry() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 10))))
            for _ in 0..<3 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
        }
        let main = InstanceKey(name: "main", epoch: 1)
        try world.simulation.run {
            let agent = try await world.agent(try World.set([.retryOrders()]))
            let ledger = try await Ledger(world.store, LedgerScope())
            let latch = Latch(.child("2"), "1", at: World.serverStart)
            try await ledger.append([LedgerEntry(.latched(main, latch, shadow: false), at: world.clock.now())])
            try await world.run(agent, for: .minutes(5))
        }
        #expect(world.events.named("epoch.alarm").count == 1)
        #expect(world.requests(.retry) == 0)
    }

    @Test("a workflow that is deleted with its executions, the newest of all, is no alarm")
    func deletedWorkflow() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 10))))
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            other.id = "Wf00000000000002"
            simulator.add(other)
            let past = (World.start - .hours(1)).milliseconds
            for _ in 0..<3 { simulator.addExecution(of: other.id, status: .success, startedAt: past) }
            for _ in 0..<12 { simulator.addExecution(of: World.workflow, status: .success, startedAt: past + 1000) }
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            try await world.run(try await world.agent(set), for: .minutes(5))
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                for id in 4...15 { n8n.personDeletes(id, now: now) }
                _ = n8n.trigger("Wf00000000000002", now: now)
            }
            try await world.run(try await world.agent(set), for: .minutes(15))
        }
        #expect(world.events.named("epoch.alarm").isEmpty)
    }

    /// Runs an agent while one run waits for days and others fail, lets all that has ended be as `then` makes it, and runs
    /// an agent on.
    static func waiting(restarting: Bool, _ then: @escaping @Sendable (inout Simulator, Int64) -> Void) throws -> World
    {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 10))))
            simulator.add(Self.approvals)
            _ = simulator.trigger(Self.approvals.id, now: World.start.milliseconds)
            for _ in 0..<3 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
        }
        let set = try World.set([.retryOrders(maxRetries: 1)])
        try world.simulation.run {
            let first = try await world.agent(set)
            try await world.run(first, for: .minutes(30))
            world.box.withSimulator { then(&$0, world.clock.now().milliseconds) }
            try await world.run(restarting ? try await world.agent(set) : first, for: .hours(1))
        }
        return world
    }

    private static var approvals: Simulator.Workflow {
        var workflow = Simulator.Workflow.orderSync(
            .always(.wait(for: 200_000_000, after: 10, then: .success(after: 10))))
        (workflow.id, workflow.name) = ("Wf00000000000002", "Approvals")
        return workflow
    }

    @Test(
        "is the same one while a run that was known goes on, though all that had ended is pruned",
        arguments: [false, true])
    func prunedButLive(restarting: Bool) throws {
        let world = try Self.waiting(restarting: restarting) { n8n, now in
            for id in n8n.database.ids where id != 1 { n8n.personDeletes(id, now: now) }
            for _ in 0..<3 { _ = n8n.trigger(World.workflow, now: now) }
        }
        #expect(world.events.named("epoch.alarm").isEmpty)
        #expect(world.requests(.retry) == 6, "three before, and three after")
    }

    @Test(
        "is another one where the run that goes on began at another time, or is of another workflow",
        arguments: [false, true])
    func otherLiveRun(restarting: Bool) throws {
        for workflow in ["Wf00000000000002", "Wf00000000000003"] {
            let world = try Self.waiting(restarting: restarting) { n8n, now in
                n8n.kill(now: now)
                n8n.restore(Simulator.Database())
                n8n.start(now: now)
                n8n.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 10))))
                var waiting = Self.approvals
                waiting.id = workflow
                n8n.add(waiting)
                _ = n8n.trigger(workflow, now: now)
                n8n.database.nextID = 5000
                for _ in 0..<5 { _ = n8n.trigger(World.workflow, now: now + 100) }
            }
            #expect(!world.events.named("epoch.alarm").isEmpty)
            #expect(world.requests(.retry) == 3)
        }
    }

    @Test("an upgrade that contradicts nothing is noticed within ten minutes")
    func upgrade() throws {
        let world = try World(kind: .init(era: .a)) { simulator in
            simulator.add(.orderSync(.always(.success(after: 10))))
            simulator.addExecution(
                of: World.workflow, status: .success, startedAt: (World.start - .hours(1)).milliseconds)
        }
        let set = try World.set([.stopStaleWaiting])
        try world.simulation.run {
            let agent = try await world.agent(set)
            try await world.run(agent, for: .minutes(2))
            let release = try #require(Simulator.Release("2.41.1"))
            world.box.withSimulator { $0.upgrade(to: release, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(12))
        }
        #expect(world.events.named("server.changed").count == 1)
        #expect(world.events.named("epoch.alarm").isEmpty)
    }
}
