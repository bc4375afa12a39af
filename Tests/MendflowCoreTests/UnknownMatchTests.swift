import MendflowCore
import Testing

@Suite("An unknown is not a no")
struct UnknownMatchTests {
    /// A failure whose data tells nothing, and a policy that wants to know its class.
    private func world(_ readability: ExecutionDetail.Readability, mode: Mode = .enforce) -> World {
        let match = Condition.all([.failed, .when(.errorClass, .anyOf([.wildcard("transient")]))])
        var world = World(policy("p", match: match, tags: ["seen"], mode: mode))
        world.add("1", detail: ExecutionDetail(readability: readability))
        return world
    }

    private func why(_ world: World, _ pass: Planner.Pass = .enforced) -> String? {
        if case .held(_, let words)? = world.decision("1", pass)?.verdict { words } else { nil }
    }

    @Test("a failure whose data cannot be read is held as match_unknown, with why it cannot, and by which policy")
    func unreadable() {
        let world = world(.unreadable("n8n answers 500"))
        #expect(world.label("1") == "match_unknown" && why(world) == "n8n answers 500")
        #expect(world.decision("1")?.policy?.name == "p")
    }

    @Test("in dry-run just so")
    func dryRun() {
        let world = world(.oversized, mode: .dryRun)
        #expect(world.label("1", .dryRun) == "match_unknown")
        #expect(why(world, .dryRun) == "the run's data is too large to read")
    }

    @Test("where another condition says no, it is a no, and where another policy matches, that one owns")
    func plain() {
        var world = world(.oversized)
        world.policies[0].match = world.policies[0].match.map { .all([$0, .workflow("Another")]) }
        #expect(world.label("1") == "no_policy")
        world = self.world(.oversized)
        world.policies.append(policy("other", .retry { $0.acceptedRisks = Set(RepeatRisk.allCases) }))
        #expect(world.decision("1")?.policy?.name == "other" && world.label("1") != "match_unknown")
    }

    @Test("so it is where the workflow cannot be seen, and an exception that goes with it holds what others want")
    func workflow() {
        var world = World(
            policy("named", .retry(), match: .all([.failed, .workflow("Another")])), policy("all", priority: -1))
        world.add("1")
        world.snapshot.workflows = [:]
        #expect(world.decision("1")?.policy?.name == "all" && world.label("1") == "act")
        world.policies[0].exceptions = [PolicyException(match: .failed, reason: "kept")]
        #expect(world.label("1") == "excepted")
        world.policies.removeLast()
        #expect(world.label("1") == "match_unknown")
    }

    @Test("what lists show and n8n denies by id is held as unfound, tags and owned chains included")
    func unfound() {
        var world = world(.unfound)
        world.policies[0].match = .failed
        #expect(world.label("1") == "unfound" && why(world)?.contains("404") == true)
        #expect(world.plan().actions.isEmpty && world.decision("1")?.policy == nil)
        world.view.owners["1"] = "p"
        #expect(world.label("1") == "unfound" && world.decision("1")?.policy?.name == "p")
    }
}
