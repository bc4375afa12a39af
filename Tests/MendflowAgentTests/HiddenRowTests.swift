import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("Executions that no list shows")
struct HiddenRowTests {
    static let queue = Simulator.Configuration(era: .c, mode: .queue(workers: 1, slots: 1))

    static func stopStale(_ status: String, after: Period = .hours(1)) -> Policy {
        Policy(
            name: "stop-stale-\(status)", mode: .enforce,
            match: .all([
                .test(FieldTest(.status, [.anyOf([.wildcard(status)])])),
                .test(FieldTest(.age, [.period(.gte, after)])),
            ]), remediation: .stop)
    }

    /// One run keeps the only worker busy, so that all that come after it stay in the queue.
    static func busyWorld(_ queued: Int) throws -> World {
        try World(kind: queue) { simulator in
            simulator.add(.orderSync(.init(next: [.hang], thenAlways: [.success(after: 100)])))
            for _ in 0...queued { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
        }
    }

    @Test("in queue mode queued runs are found by their ids, and stopped when they are stale")
    func queued() throws {
        let world = try Self.busyWorld(5)
        let set = try World.set([Self.stopStale("queued")])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(2)) }
        let statuses = world.box.withSimulator { n8n in (2...6).map { n8n.database[$0]?.status } }
        #expect(statuses.allSatisfy { $0 == .canceled })
        #expect(try world.intents(.stop).count == 5)
        #expect(world.events.named("server.hides_queued").count == 1)
    }

    @Test("they are asked for only where a policy looks at them")
    func onlyWhereItMatters() throws {
        let world = try Self.busyWorld(5)
        let set = try World.set([Self.stopStale("running", after: .hours(5))])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(1)) }
        let asked = world.box.withSimulator { n8n in n8n.requests.count { $0.endpoint == .read } }
        #expect(asked < 10)
    }

    @Test("more of them than the budget are asked for tick by tick, and that is said")
    func budget() throws {
        let world = try Self.busyWorld(120)
        let set = try World.set([Self.stopStale("queued", after: .hours(30))])
        let left = try world.simulation.run {
            let agent = try await world.agent(set, change: { $0.gapBudget = 20 })
            world.box.withSimulator { n8n in
                // A finished run above them all bounds the gap.
                _ = n8n.addExecution(of: World.workflow, status: .success, startedAt: World.start.milliseconds)
            }
            var left: [Int] = []
            for _ in 0..<8 { left.append(await agent.tick().snapshot?.coverage.unknownIDs ?? -1) }
            return left
        }
        #expect(left.first.map { $0 > 80 } == true)
        #expect(left.last == 0)
        #expect(zip(left, left.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(world.events.named("gaps.outgrown").count == 1, "once an hour, not on every tick")
        #expect(world.events.named("gaps.closed").count == 1)
    }

    @Test("on era A waiting runs are found by their ids, and stopped when they are stale")
    func waiting() throws {
        let world = try World(kind: Simulator.Configuration(era: .a)) { simulator in
            simulator.add(.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10)))))
        }
        let set = try World.set([.stopStaleWaiting])
        try world.simulation.run {
            for _ in 0..<3 {
                world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            }
            try await world.run(try await world.agent(set), for: .hours(3))
        }
        let statuses = world.box.withSimulator { n8n in (1...3).map { n8n.database[$0]?.status } }
        #expect(statuses.allSatisfy { $0 == .canceled })
    }

    @Test("on era A runs that waited already when the agent was set up are found too", arguments: [true, false])
    func waitingBefore(othersAreListed: Bool) throws {
        let world = try World(
            kind: Simulator.Configuration(era: .a), highest: othersAreListed ? "5" : nil
        ) { simulator in
            simulator.add(.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10)))))
            for _ in 0..<3 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds - 60_000) }
            _ = simulator.advance(to: World.start.milliseconds)
            if othersAreListed {
                for hours in [2, 1] as [Int64] {
                    _ = simulator.addExecution(
                        of: World.workflow, status: .success,
                        startedAt: (World.start - .hours(hours)).milliseconds)
                }
            }
        }
        let set = try World.set([.stopStaleWaiting])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(3)) }
        let statuses = world.box.withSimulator { n8n in (1...3).map { n8n.database[$0]?.status } }
        #expect(statuses.allSatisfy { $0 == .canceled }, "\(statuses)")
    }

    @Test("for an open retry only ids above those that were known before it are asked for")
    func aboveTheWatermark() throws {
        let world = try World(kind: Self.queue) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 600_000)])))
            simulator.faults = [.init(.loseRequest(after: 500), at: [.retry])]
            // Ids that n8n gave and did not keep.
            simulator.database.nextID = 5000
            _ = simulator.addExecution(
                of: World.workflow, status: .success, startedAt: (World.start - .hours(5)).milliseconds)
            simulator.database.nextID = 6000
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(30))
        }
        #expect(try world.intents().map(\.state) == [.unresolved])
        let asked = world.box.withSimulator { n8n in
            n8n.requests.filter { $0.endpoint == .read }
                .compactMap { Int($0.request.url.split(separator: "/").last ?? "") }
        }
        #expect(asked.allSatisfy { !(5001..<6000).contains($0) } && asked.contains { $0 > 6000 })
        #expect(world.events.named("gaps.outgrown").isEmpty)
    }

    @Test("a person's retry that waits in the queue is found by the last look, and nothing is sent")
    func lastLook() throws {
        let world = try World(kind: Self.queue) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            var other = Simulator.Workflow.orderSync(.always(.hang))
            other.id = "Wf00000000000002"
            other.name = "Other"
            simulator.add(other)
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(
                set,
                hook: { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                    guard step == .reserved else { return }
                    let now = world.clock.now().milliseconds
                    world.box.withSimulator { n8n in
                        // The only worker is busy from now on, so the person's retry stays in the queue, in no list.
                        _ = n8n.trigger("Wf00000000000002", now: now)
                        _ = n8n.personRetries(1, now: now)
                    }
                })
            try await world.run(agent, for: .minutes(20))
        }
        #expect(world.requests(.retry) == 0)
        #expect(try world.intents().first?.note?.contains("live") == true)
    }

    @Test("the child of a lost answer is found in the queue, and settles that it ran")
    func lostAnswer() throws {
        let world = try World(kind: Self.queue) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 600_000)])))
            simulator.faults = [.init(.loseAnswer(after: 500), at: [.retry])]
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        #expect(world.retries(of: 1).count == 1)
        #expect(try world.intents().map(\.state) == [.applied])
    }

    @Test("the child of a lost answer is found though it is the newest of all and nobody looks at queued runs")
    func lostAnswerOnAQuietServer() throws {
        let world = try World(kind: Self.queue) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 1000)])))
            var other = Simulator.Workflow.orderSync(.always(.hang))
            other.id = "Wf00000000000002"
            other.name = "Other"
            simulator.add(other)
            simulator.faults = [.init(.loseAnswer(after: 500), at: [.retry])]
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.clock.sleep(for: .seconds(5))
            // The only worker is busy from now on, so the retry stays in the queue and no list shows it.
            world.box.withSimulator { _ = $0.trigger("Wf00000000000002", now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(5))
        }
        let intents = try world.intents()
        #expect(intents.map(\.state) == [.applied] && intents.first?.note?.contains("queued") == true, "\(intents)")
        #expect(world.retries(of: 1).count == 1)
    }
}
