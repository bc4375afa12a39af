import MendflowCore
import Testing

extension World {
    fileprivate func look(
        _ rules: IncidentRules = IncidentRules(), since previous: IncidentWatch? = nil, after time: Period = .zero,
        past: [IncidentEnd] = []
    ) -> IncidentWatch {
        var snapshot = snapshot
        snapshot.now = noon + time
        return IncidentWatch(
            rules, snapshot, open: view.incidents, past: past, tables: set.tables, since: previous)
    }

    /// Takes in what the ledger would hold then.
    fileprivate mutating func tell(_ watch: IncidentWatch) {
        let (opened, grown) = watch.changes(at: agentNoon)
        for incident in opened { view.incidents[incident.key] = incident }
        for move in grown { view.incidents[move.key]?.extent = move.extent }
        for end in watch.quiet { view.incidents[end.key] = nil }
    }

    /// Adds runs that crashed together, a second apart.
    fileprivate mutating func crash(_ ids: ClosedRange<Int>, ago: Period, workflows: Int = 3) {
        for id in ids {
            add(
                ExecutionID("\(id)"), .crashed, ago: ago - .seconds(Int64(id - ids.lowerBound)),
                workflow: WorkflowID("w\(id % workflows)"), detail: nil)
        }
    }

    /// Adds a run that failed at a node that calls a host.
    fileprivate mutating func fail(_ id: ExecutionID, host: String, ago: Period, mode: ExecutionMode = "webhook") {
        var detail = ExecutionDetail.harmless
        detail.lastNode = NodeEvidence(name: "Post", type: "n8n-nodes-base.httpRequest", target: "\(host)/orders")
        add(id, .error, ago: ago, mode: mode, detail: detail)
    }
}

@Suite("Failures that belong together")
struct IncidentWatchTests {
    @Test("a mass crash is one incident, not sixty, and no data is asked for")
    func massCrash() throws {
        var world = World()
        world.crash(41...100, ago: .minutes(3))
        let watch = world.look()
        let incident = try #require(watch.changes(at: agentNoon).opened.first)
        #expect(watch.new.count == 1 && watch.needs.isEmpty)
        #expect(incident.key == "incident-41" && incident.extent.failures == 60)
        #expect(incident.extent.members.description == "41-100")
        #expect(incident.words == "60 crashes in 3 workflows")
        #expect(incident.extent.firstSeen == noon - .minutes(3))
    }

    @Test("fewer, or further apart, are none")
    func tooFew() {
        var world = World()
        world.crash(41...44, ago: .minutes(3))
        #expect(world.look().new.isEmpty)
        world.add("40", .crashed, ago: .minutes(13) + .seconds(1), detail: nil)
        #expect(world.look().new.isEmpty)
        world.add("39", .crashed, ago: .minutes(12), detail: nil)
        #expect(world.look().new.count == 1)
    }

    @Test("hosts are told apart, unless nobody asks for that; nor do retries and runs by hand count")
    func kinds() {
        var world = World()
        for id in 1...3 { world.fail(ExecutionID("\(id)"), host: "a.example", ago: .minutes(5)) }
        for id in 4...6 { world.fail(ExecutionID("\(id)"), host: "b.example", ago: .minutes(5)) }
        #expect(world.look().new.isEmpty)
        let any = IncidentRules(traits: [.errorClass, .nodeType])
        #expect(world.look(any).new.map(\.extent.failures) == [6])
        #expect(world.look(any).new.first?.traits.host == nil)
        for id in 7...9 { world.fail(ExecutionID("\(id)"), host: "a.example", ago: .minutes(4), mode: "manual") }
        for id in 10...12 { world.add(ExecutionID("\(id)"), retryOf: "1", ago: .minutes(3)) }
        #expect(world.look().new.isEmpty)
        for id in 13...14 { world.fail(ExecutionID("\(id)"), host: "a.example", ago: .minutes(4)) }
        #expect(world.look().new.first?.traits.words.hasSuffix("in HTTP Request nodes at a.example") == true)
    }

    @Test("what data was not read yet is asked for, and counts for nothing until then")
    func needs() {
        var world = World()
        for id in 1...5 { world.add(ExecutionID("\(id)"), .error, ago: .minutes(5), detail: nil) }
        #expect(world.look().new.isEmpty && world.look().needs.count == 5)
        world.add("6", .error, ago: .hours(3), detail: nil)
        #expect(world.look().needs.count == 5, "what is long over is not asked for")
    }

    @Test("what fails later belongs to it, and is written down where it is much")
    func grows() throws {
        var world = World()
        world.crash(41...46, ago: .minutes(9))
        world.tell(world.look())
        #expect(world.look().changes(at: agentNoon).opened.isEmpty)
        world.crash(47...48, ago: .minutes(8))
        #expect(world.look().changes(at: agentNoon).grown.isEmpty)
        world.crash(49...53, ago: .minutes(8))
        let move = try #require(world.look().changes(at: agentNoon).grown.first)
        #expect(move.key == "incident-41" && move.extent.failures == 13 && move.state == .open)
        world.tell(world.look())
        world.crash(60...60, ago: .minutes(1))
        #expect(world.look().changes(at: agentNoon).grown.first?.extent.failures == 14, "five minutes later")
    }

    @Test("is over when nothing failed for a while, and what was counted opens no other")
    func over() {
        var world = World()
        world.crash(41...46, ago: .minutes(9))
        let first = world.look()
        world.tell(first)
        let open = world.look(since: first)
        #expect(open.quiet.isEmpty && open.holdsUntil == noon - .minutes(9) + .seconds(5) + .minutes(30))
        let later = world.look(since: open, after: .minutes(22))
        #expect(later.quiet.map(\.key) == ["incident-41"] && later.quiet.first?.extent.failures == 6)
        world.tell(later)
        world.add("50", .crashed, ago: Period(milliseconds: -22 * 60_000), detail: nil)
        #expect(world.look(since: later, after: .minutes(22)).new.isEmpty)
        #expect(world.look(after: .minutes(22)).new.isEmpty, "nor after a restart, which forgets what is over")
    }

    @Test("what was counted opens no other while one is open that began before it")
    func besideALongOne() {
        var world = World()
        world.crash(41...46, ago: .minutes(170))
        for id in 50...55 { world.fail(ExecutionID("\(id)"), host: "a.example", ago: .minutes(160)) }
        // The crashes are held still, so that much older failures are looked at.
        world.tell(world.look(after: Period(milliseconds: -150 * 60_000)))
        world.view.incidents["incident-50"] = nil
        world.fail("60", host: "a.example", ago: .minutes(1))
        #expect(world.view.incidents.keys.sorted() == ["incident-41"])
        #expect(world.look().new.isEmpty)
    }

    @Test("nor where what failed since, without a pause, is known later only")
    func dataCameLate() {
        var world = World()
        world.crash(41...46, ago: .minutes(170))
        world.tell(world.look(after: Period(milliseconds: -150 * 60_000)))
        // It was over when nobody could read what had failed in the last half hour.
        for id in 50...54 { world.fail(ExecutionID("\(id)"), host: "a.example", ago: .minutes(58)) }
        for (id, ago) in [(60, 35), (61, 12), (62, 1)] as [(Int, Int64)] {
            world.fail(ExecutionID("\(id)"), host: "a.example", ago: .minutes(ago))
        }
        #expect(world.look().new.isEmpty)
    }

    @Test(
        "nor where n8n's clock was set back, so that it is young again for an agent that has just started and looked up what is over"
    )
    func youngAgain() {
        var world = World()
        world.crash(41...46, ago: .minutes(9))
        let first = world.look()
        world.tell(first)
        let later = world.look(since: first, after: .minutes(22))
        let past = later.quiet
        world.tell(later)
        // By n8n's clock it is noon again.
        #expect(world.look().new.count == 1 && world.look(past: past).new.isEmpty)
        world.crash(50...55, ago: .minutes(2))
        let since = world.look(past: past).new
        #expect(since.map(\.extent.failures) == [6] && since.first?.first == "50", "what fails since is another one")
    }

    @Test("what a long quiet lies behind opens no other, also for an agent that has just started")
    func overBeforeTheStart() {
        var world = World()
        world.crash(41...46, ago: .minutes(35))
        world.crash(60...60, ago: .minutes(2))
        #expect(world.look().new.isEmpty)
        world.crash(61...64, ago: .minutes(1))
        #expect(world.look().new.map(\.first) == ["60"] && world.look().new.map(\.extent.failures) == [5])
    }

    @Test("one that happened while nobody looked is found as long as it would not be over")
    func whileAway() {
        var world = World()
        world.crash(41...60, ago: .minutes(25))
        #expect(world.look().new.count == 1)
        #expect(world.look(after: .minutes(6)).new.isEmpty)
    }

    @Test("stays bounded: of very many scattered failures the oldest are known by id, all are counted")
    func bounded() throws {
        var world = World()
        for id in 1...500 {
            world.add(
                ExecutionID("\(id * 2)"), .crashed, ago: .minutes(5), workflow: WorkflowID("w\(id)"), detail: nil)
        }
        world.tell(world.look())
        let incident = try #require(world.view.incidents["incident-2"])
        #expect(incident.extent.members.ranges.count == Incident.Extent.mostRanges)
        #expect(incident.extent.failures == 500 && incident.extent.workflows.count == Incident.Extent.mostWorkflows)
        #expect(world.look().extents["incident-2"]?.failures == 500, "none is counted twice")
    }
}
