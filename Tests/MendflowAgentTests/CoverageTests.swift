import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("What a poll covers")
struct CoverageTests {
    /// A world with a past: one run a second, every tenth failed.
    static func past(_ count: Int, kind: Simulator.Configuration = .init()) throws -> World {
        try World(kind: kind) { simulator in
            simulator.add(
                .orderSync(.init(next: [], thenAlways: [.success(after: 100)], retries: [.success(after: 100)])))
            for index in 0..<count {
                let at = World.start.milliseconds - Int64(count - index) * 1000
                simulator.addExecution(
                    of: World.workflow, status: index % 10 == 0 ? .error : .success, startedAt: at, stoppedAt: at + 100)
            }
        }
    }

    @Test("a long past is read page by page, tick by tick, and what may have unread retries is held until then")
    func backfill() throws {
        let world = try Self.past(2000)
        let reports = try world.simulation.run {
            let agent = try await world.agent(
                try World.set([.retryOrders()]), mode: .dryRun, change: { $0.pagesPerTick = 6 })
            var reports: [TickReport] = []
            for _ in 0..<4 { reports.append(await agent.tick()) }
            return reports
        }
        let from = try #require(reports[0].snapshot?.coverage.retriesKnownFrom)
        #expect(from > "1" && from < "2000")
        let early = reports[0].plan.decisions.filter { $0.root < from && $0.status == .error }
        #expect(!early.isEmpty)
        #expect(early.allSatisfy { $0.verdict.label == "incomplete_poll" })
        #expect(reports[0].plan.decisions.contains { $0.root >= from && $0.verdict.label != "incomplete_poll" })
        #expect(reports.last?.snapshot?.coverage.retriesKnownFrom == nil)
        #expect(reports.last?.plan.decisions.contains { $0.verdict.label == "incomplete_poll" } == false)
    }

    @Test("after a restart failed runs are found again at once, and none is retried that healed meanwhile")
    func restart() throws {
        let world = try Self.past(1500)
        let set = try World.set([.retryOrders()])
        let again = try world.simulation.run {
            for _ in 0..<4 { _ = await (try await world.agent(set, mode: .dryRun)).tick() }
            return await (try await world.agent(set, mode: .dryRun)).tick()
        }
        #expect(again.snapshot?.coverage.retriesKnownFrom == nil)
        #expect(again.plan.rowsJudged == 150)
    }

    @Test("a run that failed unseen far below the newest ids is found by the deep sweep")
    func sweep() throws {
        let world = try World(kind: HiddenRowTests.queue) { simulator in
            simulator.add(.orderSync(.always(.success(after: 1))))
        }
        let set = try World.set([.retryOrders()])
        let found = try world.simulation.run {
            let agent = try await world.agent(set, mode: .dryRun, change: { $0.sweepInterval = .minutes(10) })
            _ = await agent.tick()
            // Between two ticks: a queued run fails, and a thousand others with higher ids fail or succeed.
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                n8n.addExecution(of: World.workflow, status: .error, startedAt: now, stoppedAt: now + 1)
                for index in 0..<1500 {
                    n8n.addExecution(
                        of: World.workflow, status: index % 2 == 0 ? .error : .success, startedAt: now,
                        stoppedAt: now + 1)
                }
            }
            try await world.clock.sleep(for: .minutes(11))
            return await agent.tick().plan.decisions.contains { $0.execution == "1" }
        }
        #expect(found)
    }

    @Test("where n8n answers 429 the agent comes back later and later, and goes on where it was")
    func backsOff() throws {
        let start = World.start.milliseconds
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 10))))
            simulator.faults = [.storm(.tooManyRequests(retryAfter: 120), during: start + 60_000..<start + 1_800_000)]
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(1)) }
        let during = world.box.withSimulator { n8n in
            n8n.requests.count { $0.at >= start + 60_000 && $0.at < start + 1_800_000 }
        }
        #expect(during < 20)
        #expect(world.events.named("read.recovered").count == 1)
    }

    @Test("a server that takes twenty seconds for each page is read for a minute per tick, and what is missing is said")
    func slowPages() throws {
        let start = World.start.milliseconds
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 10))))
            for _ in 0..<2500 {
                simulator.addExecution(of: World.workflow, status: .waiting, startedAt: start - 1000, stoppedAt: start)
            }
            simulator.faults = [.storm(.delayAnswer(20_000), during: start..<start + 36_000_000)]
        }
        let set = try World.set([.retryOrders()])
        let report = try world.simulation.run { try await world.agent(set).tick() }
        guard case .partial(let reasons) = report.completeness else {
            Issue.record("\(report.completeness)")
            return
        }
        #expect(reasons.contains { $0.contains("reading took more than 1m") }, "\(reasons)")
        #expect(report.requests <= 4)
    }

    @Test(
        "a hidden queued run that fails between two ticks below thousands of newer ids is decided",
        arguments: [
            false, true,
        ])
    func hiddenFailure(watchesQueued: Bool) throws {
        let world = try World(kind: HiddenRowTests.queue) { simulator in
            simulator.add(
                .orderSync(.init(next: [.success(after: 605_500), .error(.http(503, method: "POST"), after: 50)])))
        }
        let policies =
            [Policy.retryOrders()] + (watchesQueued ? [HiddenRowTests.stopStale("queued", after: .hours(9))] : [])
        let set = try World.set(policies)
        let late = try world.simulation.run {
            // The first keeps the only worker busy for ten minutes; the second waits in the queue, in no list.
            world.box.withSimulator { n8n in
                for _ in 0..<2 { _ = n8n.trigger(World.workflow, now: world.clock.now().milliseconds) }
            }
            let agent = try await world.agent(set, mode: .dryRun)
            _ = await agent.tick()
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                for index in 0..<5000 {
                    n8n.addExecution(
                        of: World.workflow, status: index % 10 == 0 ? .error : .success, startedAt: now,
                        stoppedAt: now + 1)
                }
            }
            for minute in 0..<60 {
                try await world.clock.sleep(for: .seconds(30))
                if await agent.tick().plan.decisions.contains(where: { $0.execution == "2" && $0.status == .error }) {
                    return minute
                }
            }
            return -1
        }
        // It fails in the eleventh minute; the next sweep is ten minutes away at most.
        #expect(late >= 20 && late <= (watchesQueued ? 22 : 44), "\(late)")
    }
}
