import MendflowCore
import Testing

@Suite("An incident that holds retries")
struct IncidentHoldTests {
    /// Five runs that crashed three minutes ago, in an incident that opened ten minutes ago.
    private func world(
        _ state: Incident.State = .open, failedProbes: Int = 0, since: Period = .minutes(10), probe: ExecutionID? = nil
    ) -> World {
        var world = World(policy("retry") { $0.guards.giveUpAfter = .hours(24) })
        for id in 41...45 { world.add(ExecutionID("\(id)"), .crashed, ago: .minutes(30)) }
        let extent = Incident.Extent(
            firstSeen: noon - .minutes(30), lastSeen: noon - .minutes(30), failures: 5,
            members: IDRanges([41...45]), workflows: ["Order sync"])
        var incident = Incident(
            key: "incident-41", traits: IncidentTraits([.errorClass], errorClass: .crash), extent: extent,
            holding: Incident.Holding(
                probeAfter: .minutes(5), pace: IncidentPace(amount: 2, per: .minutes(1))),
            at: agentNoon - since)
        (incident.state, incident.failedProbes, incident.probe) = (state, failedProbes, probe)
        world.view.incidents[incident.key] = incident
        return world
    }

    private func acting(_ world: World) -> [String] { world.plan().actions.map(\.draft.execution.text) }

    @Test("lets one of its runs go, the oldest, and holds the others as `incident`")
    func probe() {
        let world = world()
        #expect(acting(world) == ["41"])
        #expect(world.plan().actions.first?.draft.incident == "incident-41")
        #expect((42...45).allSatisfy { world.label(ExecutionID("\($0)")) == "incident" })
    }

    @Test("lets nothing go before it is time, nor while one is tried")
    func waits() {
        let early = world(since: .minutes(4))
        #expect(acting(early).isEmpty)
        guard case .wait(_, let until?, .incident)? = early.decision("41")?.verdict else {
            Issue.record("41 does not wait for a time")
            return
        }
        #expect(until == noon + .minutes(1))
        #expect(acting(world(failedProbes: 1)) == ["41"], "after ten minutes")
        #expect(acting(world(failedProbes: 2)).isEmpty, "after twenty")
        #expect(acting(world(failedProbes: 9, since: .minutes(61))) == ["41"], "after an hour at most")
        #expect(acting(world(.probing, probe: "41")).isEmpty)
    }

    @Test("need not wait again where what was to be tried was not sent after all: that is no try that failed")
    func untried() throws {
        var world = world(.probing, failedProbes: 3, since: .seconds(30), probe: "41")
        let tried = try #require(world.view.incidents["incident-41"])
        #expect(acting(world).isEmpty)
        world.view.incidents["incident-41"]?.state = .open
        #expect(acting(world).isEmpty, "after forty minutes")
        world.view.incidents["incident-41"]?.since = tried.sinceUntried
        #expect(acting(world) == ["41"])
    }

    @Test("lets the others go at its pace once the first has healed")
    func drains() {
        var world = world(.draining)
        #expect(acting(world) == ["41", "42"] && world.label("43") == "incident")
        world.intend(.retry, "41", .sending, ago: .seconds(30))
        world.view.intents[0].draft.incident = "incident-41"
        #expect(acting(world) == ["42"])
    }

    @Test("holds the others as `incident` while it drains, also where as many retries run as may")
    func full() {
        var world = world(.draining)
        world.limits.maxInFlight = 1
        #expect(acting(world) == ["41"])
        #expect((42...45).allSatisfy { world.label(ExecutionID("\($0)")) == "incident" })
    }

    @Test("holds nothing of another kind, nothing that ended before, and nothing where it only observes")
    func others() {
        var world = world()
        world.add("50", .error, ago: .minutes(20))
        world.add("40", .crashed, ago: .minutes(31))
        #expect(Set(acting(world)) == ["40", "41", "50"])
        world.view.incidents["incident-41"]?.holding = nil
        #expect(acting(world).count == 7)
        #expect(world.plan().actions.allSatisfy { $0.draft.incident == nil })
    }

    @Test("never widens what policies match: what nobody would retry is not tried either")
    func narrows() {
        var world = world()
        world.protections = [Protection(match: .workflow("Order sync"))]
        #expect(acting(world).isEmpty && world.label("41") == "protected")
        world.protections = []
        world.policies = []
        #expect(acting(world).isEmpty)
    }

    @Test("what became of what was tried is told by its retry's run")
    func progress() throws {
        var world = world(.probing, probe: "41")
        let incident = try #require(world.view.incidents["incident-41"])
        func probe() -> IncidentProgress.Probe? { IncidentProgress(incident, world.view, world.snapshot).probe }
        #expect(probe() == .notSent)
        world.intend(.retry, "41", .sending, ago: .minutes(9))
        world.view.intents[0].draft.incident = "incident-41"
        #expect(probe() == nil)
        (world.view.intents[0].state, world.view.intents[0].child) = (.applied, "60")
        world.add("60", .running, retryOf: "41", ago: .minutes(8))
        #expect(probe() == nil)
        world.add("60", .success, retryOf: "41", ago: .minutes(8))
        #expect(probe() == .healed)
        world.add("60", .error, retryOf: "41", ago: .minutes(8))
        #expect(probe() == .failed)
        (world.view.intents[0].state, world.view.intents[0].child) = (.unresolved, nil)
        #expect(probe() == .unanswered)
    }
}
