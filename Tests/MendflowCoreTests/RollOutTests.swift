import Testing

@testable import MendflowCore

@Suite("A roll-out")
struct RollOutTests {
    private let chains = (1...4000).map { ExecutionID(String($0)) }

    private func share(_ percent: Int, _ policy: String = "p", _ instance: String = "production") -> Set<ExecutionID> {
        Set(chains.filter { RollOut(percent: percent).includes($0, of: instance, policy: policy) })
    }

    @Test("takes about as many chains as it says")
    func size() {
        for percent in [1, 10, 50, 90] {
            let expected = chains.count * percent / 100
            #expect(abs(share(percent).count - expected) < 120, "\(percent)")
        }
        #expect(share(0).isEmpty)
        #expect(share(100).count == chains.count)
    }

    @Test("only adds chains when it is raised")
    func monotonous() {
        for (low, high) in [(1, 2), (10, 25), (25, 100)] { #expect(share(low).isSubset(of: share(high))) }
    }

    @Test("is another one for another policy and another instance")
    func apart() {
        #expect(share(10).intersection(share(10, "q")).count < share(10).count / 2)
        #expect(share(10).intersection(share(10, "p", "staging")).count < share(10).count / 2)
    }

    /// Ten failed chains, and a policy that acts on half of all.
    private var world: World {
        var world = World(policy("p") { $0.rollout = RollOut(percent: 50) })
        for number in 1...10 { world.add(ExecutionID(String(number))) }
        return world
    }

    @Test("withholds what is due for the other chains, and tells what it would have been")
    func withheld() {
        let plan = world.plan()
        for decision in plan.decisions {
            let takesPart = RollOut(percent: 50).includes(decision.root, of: "production", policy: "p")
            if takesPart {
                #expect(decision.verdict.label == "act" && decision.withheld == nil)
            } else {
                #expect(decision.verdict.label == "not_in_rollout")
                #expect(
                    decision.withheld?.request
                        == "POST /executions/\(decision.execution)/retry {\"loadWorkflow\":false}")
            }
        }
        #expect(Set(plan.decisions.map(\.verdict.label)) == ["act", "not_in_rollout"])
    }

    @Test("decides by the chain's first run, so that a retry of it stays in or out")
    func chain() {
        var world = world
        for number in 1...10 {
            world.add(ExecutionID(String(number + 20)), retryOf: ExecutionID(String(number)), ago: .minutes(30))
        }
        let plan = world.plan()
        #expect(plan.decisions.count == 10)
        for decision in plan.decisions {
            let takesPart = RollOut(percent: 50).includes(decision.root, of: "production", policy: "p")
            #expect((decision.verdict.label == "act") == takesPart)
        }
    }

    @Test("tells what is in the way first, and takes no place in a cap for what is withheld")
    func order() {
        var world = world
        world.policies[0].guards.maxActions = [ActionCap(amount: 10, per: .tick)]
        world.protections = [Protection(match: .workflow("Order sync"))]
        #expect(Set(world.plan().decisions.map(\.verdict.label)) == ["protected"])
        world.protections = []
        world.policies[0].rollout = RollOut(percent: 0)
        #expect(Set(world.plan().decisions.map(\.verdict.label)) == ["not_in_rollout"])
    }

    @Test("keeps other policies from the chains that it leaves out: they are owned")
    func owned() {
        var world = world
        world.policies.append(policy("q"))
        #expect(world.plan().actions.allSatisfy { $0.draft.policy == "p" })
    }

    @Test("withholds a policy's own tags, and not those of others")
    func tags() {
        var world = World(
            policy("p", nil, tags: ["seen"]) { $0.rollout = RollOut(percent: 0) }, policy("q", nil, tags: ["flaky"]))
        world.add("1")
        let plan = world.plan()
        #expect(plan.actions.map(\.draft.tags) == [["flaky"]])
        let left = plan.decisions.first { $0.verdict.label == "not_in_rollout" }
        #expect(left?.policy?.name == "p" && left?.withheld?.draft.tags == ["seen"])
    }
}
