import MendflowCore
import Testing

@Suite("Stopping a run")
struct StopTests {
    private func world() -> World {
        var world = World(policy("s", .stop, match: .live))
        world.add("7", .waiting, ago: .hours(3))
        return world
    }

    @Test("a live run is stopped, an ended one never", arguments: ExecutionStatus.allCases)
    func statuses(status: ExecutionStatus) {
        var world = World(policy("s", .stop, match: nil))
        world.add("7", status, ago: .hours(3))
        #expect((world.plan().actions.first?.request == "POST /executions/7/stop") == status.isLive)
    }

    @Test("a stop is given a minute to show, sent once more, given a minute, and then ineffective")
    func verification() {
        var world = world()
        world.intend(.stop, "7", ago: .seconds(30), policy: "s")
        #expect(world.label("7") == "verifying" && world.decision("7")?.verdict.until == noon + .seconds(30))
        world.view.intents[0].settledAt = agentNoon - .seconds(60)
        #expect(world.label("7") == "act" && world.plan().actions.first?.draft.attempt == 2)
        world.intend(.stop, "7", ago: .seconds(30), policy: "s")
        #expect(world.label("7") == "verifying")
        world.view.intents[1].settledAt = agentNoon - .seconds(60)
        #expect(world.label("7") == "ineffective")
        world.view.intents = []
        world.intend(.stop, "7", .ineffective, policy: "s")
        #expect(world.label("7") == "ineffective")
    }

    @Test("a stop under way holds, a refused one waits and ends after three, one that cannot be is left")
    func refusals() {
        var world = world()
        world.intend(.stop, "7", .sending, policy: "s")
        #expect(world.label("7") == "in_flight")
        world.view.intents = []
        world.intend(.stop, "7", .void, ago: .seconds(20), policy: "s")
        #expect(world.decision("7")?.verdict.until == noon + .seconds(40))
        for _ in 0..<2 { world.intend(.stop, "7", .void, policy: "s") }
        #expect(world.label("7") == "refused")
        world.view = LedgerView(closed: ["7": [.stop]])
        #expect(world.label("7") == "closed")
    }

    @Test("the policy of the first stop goes on owning it")
    func owner() {
        var world = world()
        world.policies.append(policy("new", .stop, match: .live, priority: 9))
        #expect(world.decision("7")?.policy?.name == "new")
        world.intend(.stop, "7", ago: .minutes(5), policy: "s")
        #expect(world.decision("7")?.policy?.name == "s")
    }
}
