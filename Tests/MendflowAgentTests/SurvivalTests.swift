import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("One bad thing does not stop the rest")
struct SurvivalTests {
    /// Two failed runs of "Order sync", one heals, and a stale wait, on a server with a quirk.
    private static func world(_ quirk: Simulator.Quirk?) throws -> World {
        var kind = Simulator.Configuration()
        if let quirk { kind.quirks = [quirk] }
        return try World(kind: kind) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            var waits = Simulator.Workflow.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10))))
            waits.id = "Wf00000000000002"
            waits.name = "Waits"
            simulator.add(waits)
            let old = (World.start - .hours(3)).milliseconds
            simulator.addExecution(of: waits.id, status: .waiting, startedAt: old, stoppedAt: old)
            _ = simulator.trigger(World.workflow, now: World.start.milliseconds)
        }
    }

    @Test("where rows cannot be read by id, the lists' rows are acted on, and what needs data is unknown")
    func rowsByIDFail() throws {
        let world = try Self.world(.readFails)
        let set = try World.set([.stopStaleWaiting, .retryOrders(risks: [.possible])])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(20)) }
        #expect(world.box.withSimulator { $0.database[1]?.status } == .canceled)
        #expect(try world.intents(.stop).count == 1, "no intent is made and dropped tick after tick")
        // The risk of a retry cannot be judged without data; `possible` covers what is unknown, and the lists show the row.
        #expect(try world.intents(.retry).count <= 1)
        let withData = world.box.withSimulator { n8n in
            n8n.requests.count { $0.request.url.contains("/executions/2?includeData") }
        }
        #expect(withData <= 3, "after 5 minutes, then 10")
    }

    @Test("one lost answer of the last look drops nothing: it is asked for once more at once")
    func lookLost() throws {
        let world = try Self.world(nil)
        let set = try World.set([.stopStaleWaiting])
        try world.simulation.run {
            let agent = try await world.agent(set)
            world.box.withSimulator { n8n in
                // The first read of it is that of its data.
                n8n.faults = [.init(.loseAnswer(after: 50), at: [.read], executions: [1], passing: 1, times: 1)]
            }
            try await world.run(agent, for: .minutes(1))
        }
        #expect(try world.intents(.stop).map(\.state) == [.applied])
        let looks = world.box.withSimulator { n8n in
            n8n.requests.map(\.request.url).filter { $0.contains("/executions/1") && !$0.contains("includeData=true") }
        }
        #expect(looks.count >= 2, "the look's read was lost and asked for again: \(looks)")
        #expect(world.events.named("action.dropped").isEmpty)
    }

    @Test("a live row that no list shows and whose answer never comes ends no poll")
    func hiddenRowNeverAnswered() throws {
        let world = try World(kind: .init(era: .a)) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            var waits = Simulator.Workflow.orderSync(.always(.waitForEvent(after: 10, then: .success(after: 10))))
            waits.id = "Wf00000000000002"
            waits.name = "Waits"
            simulator.add(waits)
            let old = (World.start - .hours(3)).milliseconds
            simulator.addExecution(of: waits.id, status: .waiting, startedAt: old, stoppedAt: old)
            _ = simulator.trigger(World.workflow, now: World.start.milliseconds)
        }
        world.box.withSimulator { n8n in
            n8n.faults = [.init(.badGateway, at: [.read], executions: [1], times: nil)]
        }
        let set = try World.set([.stopStaleWaiting, .retryOrders(risks: [.possible])])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(30)) }
        let reads = world.box.withSimulator { n8n in n8n.requests.count { $0.request.url.contains("/executions/1") } }
        #expect(reads > 0, "it was asked for")
        #expect(world.retries(of: 2).count == 1, "the other one is acted on")
    }

    @Test("a row whose answer never comes holds nobody else, and what it drops is tried later each time")
    func rowNeverAnswered() throws {
        let world = try Self.world(nil)
        let set = try World.set([.stopStaleWaiting, .retryOrders(risks: [.possible])])
        world.box.withSimulator { n8n in
            n8n.faults = [.init(.badGateway, at: [.read], executions: [1], times: nil)]
        }
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(30)) }
        #expect(world.retries(of: 2).count == 1, "the other one is acted on")
        let drops = try world.intents(.stop).count
        #expect(drops > 1 && drops < 8, "\(drops) in half an hour")
        #expect(world.box.withSimulator { $0.database[1]?.status } == .waiting)
    }

    @Test("a stop that is not obeyed and whose second answer is lost ends ineffective, and the tick goes on")
    func secondStopLost() throws {
        let world = try Self.world(nil)
        world.box.withSimulator { n8n in
            n8n.faults = [.init(.errorBefore, at: [.stop]), .init(.loseRequest(after: 100), at: [.stop])]
        }
        let set = try World.set([.stopStaleWaiting, .retryOrders()])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(20)) }
        #expect(try world.intents(.stop).map(\.state).last == .ineffective)
        #expect(world.retries(of: 2).count == 1)
        #expect(world.events.named("ledger.failed").isEmpty)
    }

    @Test("a stopped run that finishes after all is on record as not stopped")
    func flips() throws {
        let world = try Self.world(nil)
        let set = try World.set([.stopStaleWaiting])
        try world.simulation.run {
            let agent = try await world.agent(set)
            try await world.run(agent, for: .minutes(2))
            world.box.withSimulator { n8n in
                guard var row = n8n.database[1] else { return }
                row.status = .success
                n8n.database.put(row)
            }
            try await world.run(agent, for: .minutes(9))
        }
        let stop = try #require(try world.intents(.stop).first)
        #expect(stop.state == .ineffective && stop.note?.contains("success") == true)
        #expect(world.events.named("action.ineffective").count == 1)
    }

    @Test("a clock that is an hour behind the server's holds its caps all the same")
    func clocks() throws {
        let world = try World { simulator in
            simulator.configuration.clockAhead = Period.hours(2).milliseconds
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100))))
            for _ in 0..<6 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
        }
        var policy = Policy.retryOrders()
        policy.guards.maxActions = [ActionCap(amount: 2, per: .window(.hours(1)))]
        let set = try World.set([policy])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(30)) }
        #expect(try world.intents(.retry).count == 2)
    }
}
