import MendflowCore
import Testing

@Suite("Deleting")
struct DeleteTests {
    private func world(_ match: Condition = .status(.error, .crashed, .canceled, .success)) -> World {
        var world = World(policy("old", .delete, match: match))
        world.snapshot.baseline = noon - .days(90)
        return world
    }

    @Test("ended rows whose chain is older than the look-back, successes too")
    func plain() {
        var world = world()
        for (number, status) in [ExecutionStatus.error, .crashed, .canceled, .success].enumerated() {
            world.add(ExecutionID("\(number)"), status, ago: .hours(49))
        }
        world.add("8", ago: .hours(47))
        world.add("9", .running, ago: .hours(90))
        #expect(Set(world.plan().actions.map(\.request)) == Set((0...3).map { "DELETE /executions/\($0)" }))
        #expect(world.label("8") == "retry_horizon" && world.label("9") == nil)
        world.snapshot.coverage.lookBack = .hours(72)
        #expect(world.plan().actions.isEmpty)
    }

    @Test("nothing while n8n's clock and the agent's are more than an hour apart, whichever is right")
    func clocksApart() {
        var world = world()
        world.add("1", ago: .days(60))
        for (apart, label): (Period, String) in [
            (.minutes(60), "act"), (.minutes(61), "clock_disputed"), (.days(-40), "clock_disputed"),
        ] {
            world.setClocksApart(by: apart)
            #expect(world.label("1") == label, "\(apart)")
        }
    }

    @Test("nothing that a policy may still retry")
    func giveUp() {
        var world = world()
        world.add("1", ago: .hours(60))
        #expect(world.label("1") == "act")
        world.policies.append(policy("late", match: .status(.crashed)) { $0.guards.giveUpAfter = .days(7) })
        #expect(world.label("1") == "retry_horizon")
    }

    @Test("nor what one in dry-run might retry, were it enforced")
    func giveUpInDryRun() {
        var world = world()
        world.add("1", ago: .hours(60))
        world.policies.append(
            policy("late", match: .status(.crashed), mode: .dryRun) { $0.guards.giveUpAfter = .days(7) })
        #expect(world.label("1") == "retry_horizon")
    }

    @Test("nothing of a chain with a run that is known and not seen, unless it is gone or older than all that is seen")
    func unseenRun() {
        var world = world()
        world.add("1", ago: .days(9))
        world.add("50", .running, ago: .minutes(1))
        world.add("40", .success, ago: .hours(47))
        world.view.children = ["1": ["45"]]
        #expect(world.label("1") == "leaf_gone")
        world.view.gone = ["45"]
        #expect(world.label("1") == "act")
        world.view.gone = []
        world.intend(.delete, "45", policy: "old")
        #expect(world.label("1") == "act")
        world.view.children = ["1": ["30"]]
        #expect(world.label("1") == "act")
        world.snapshot.coverage.hidesWaiting = true
        #expect(world.label("1") == "leaf_gone")
        world.snapshot.coverage.idsKnownFrom = "30"
        #expect(world.label("1") == "act")
        world.snapshot.coverage.idsKnownFrom = "31"
        world.view.healed = ["1"]
        #expect(world.label("1") == "act")
        world.view.children = ["1": ["30", "31"]]
        #expect(world.label("1") == "leaf_gone")
    }

    @Test("nothing of a chain that is live, on its way, or whose outcome nobody knows")
    func unsettled() {
        for status in [ExecutionStatus.running, .waiting] {
            var world = world()
            world.add("1", ago: .days(9))
            world.add("2", status, retryOf: "1", ago: .days(8))
            #expect(world.plan().actions.isEmpty, "\(status)")
        }
        for (state, label) in [(IntentState.sending, "in_flight"), (.unresolved, "unresolved")] {
            var world = world()
            world.add("1", ago: .days(9))
            world.intend(.retry, "1", state, ago: .days(8), policy: "gone")
            #expect(world.label("1") == label)
        }
    }

    @Test("nothing of a chain whose retries are not read yet")
    func uncovered() {
        var world = world()
        world.add("1", ago: .days(9))
        world.snapshot.coverage.retriesKnownFrom = "2"
        #expect(world.label("1") == "incomplete_poll")
        world.snapshot.coverage.retriesKnownFrom = "1"
        #expect(world.label("1") == "act")
    }

    @Test("a chain goes oldest first, so that nothing is ever left looking as if nobody had retried it")
    func oldestFirst() {
        var world = world()
        world.add("1", ago: .days(9))
        world.add("2", .success, retryOf: "1", ago: .days(8))
        #expect(world.label("1") == "act" && world.label("2") == "older_first")
        world.snapshot.executions["1"] = nil
        #expect(world.label("2") == "act")
    }

    @Test("only what the policy itself matches: a healed chain's failure stays where successes are deleted")
    func own() {
        var world = world(.status(.success))
        world.add("1", ago: .days(9))
        world.add("2", .success, retryOf: "1", ago: .days(8))
        #expect(world.plan().actions.isEmpty && world.label("2") == "older_first")
    }

    @Test("the owner has the say until the horizon is past, protections and exceptions always")
    func ownership() {
        var world = world()
        world.add("1", ago: .days(9))
        world.policies.insert(policy("first", match: .all([.failed, .when(.age, .period(.lt, .hours(1)))])), at: 0)
        world.view.owners["1"] = "first"
        #expect(world.decision("1")?.policy?.name == "old" && world.label("1") == "act")
        world.policies[0].match = .failed
        #expect(world.decision("1")?.policy?.name == "first")
        world.view.owners = [:]
        #expect(world.decision("1")?.policy?.name == "first")
        world.policies.removeFirst()
        world.protections = [Protection(match: .workflow("Order sync"))]
        #expect(world.label("1") == "protected")
        world.protections = []
        world.policies[0].exceptions = [PolicyException(match: .failed, reason: "audit")]
        #expect(world.label("1") == "excepted")
        // Also among old rows, where others have no say otherwise.
        world.policies[0].exceptions = []
        world.policies.append(
            policy("keep", nil, tags: ["seen"]) {
                $0.exceptions = [PolicyException(match: .workflow("Order sync"), reason: "audit")]
            })
        for set in [world.set, world.set.deletionsOnly] {
            let decisions = Planner(set).plan(world.snapshot, world.view).decisions.filter { $0.execution == "1" }
            #expect(decisions.contains { $0.verdict == .held(.excepted, "keep leaves it alone: audit") })
            #expect(!decisions.contains { $0.verdict.action?.draft.action == .delete })
        }
    }

    @Test("past the horizon a chain is deleted whoever owned it, also where only deleting policies are judged")
    func ownerIsNotJudged() {
        var world = world()
        world.policies.append(policy("r", match: .status(.crashed)))
        world.add("1", ago: .days(9))
        world.view.owners["1"] = "r"
        #expect(
            Planner(world.set.deletionsOnly).plan(world.snapshot, world.view).actions.map(\.draft.execution) == ["1"])
        world.policies.removeLast()
        #expect(world.label("1") == "act")
        world.snapshot.coverage.lookBack = .days(10)
        #expect(world.label("1") == "owner_gone")
    }

    @Test("never more than the cap, the oldest first, and once")
    func cap() {
        var world = world()
        for number in 1...5 { world.add(ExecutionID("\(number)"), ago: .days(9 + Int64(number))) }
        world.policies[0].guards.maxActions = [ActionCap(amount: 2, per: .window(.hours(1)))]
        #expect(world.plan().actions.map(\.draft.execution) == ["5", "4"])
        world.intend(.delete, "5", policy: "old")
        #expect(world.label("5") == "ineffective")
        #expect(world.plan().actions.map(\.draft.execution) == ["4"])
    }

    @Test("what ended before the baseline is left alone")
    func baseline() {
        var world = world()
        world.snapshot.baseline = noon - .days(8)
        world.add("1", ago: .days(9))
        #expect(world.label("1") == "before_baseline")
        world.add("2", .success, ago: .days(9))
        #expect(!world.plan().actions.contains { $0.draft.action == .delete })
    }
}

@Suite("Drafts, parents and error workflows")
struct NestedTests {
    @Test("load_workflow is held while the draft is not the published version, unless the policy allows drafts")
    func drafts() {
        func label(draft: String?, published: String?, _ change: (inout RetryAction) -> Void) -> String? {
            var world = World(policy("p", .retry(3, change)))
            world.add("7")
            world.snapshot.workflows?["w"]?.draftVersion = draft
            world.snapshot.workflows?["w"]?.publishedVersion = published
            return world.label("7")
        }
        #expect(label(draft: "2", published: "1") { $0.loadWorkflow = true } == "draft_differs")
        #expect(label(draft: nil, published: "1") { $0.loadWorkflow = true } == "draft_differs")
        #expect(label(draft: "1", published: "1") { $0.loadWorkflow = true } == "act")
        #expect(label(draft: "2", published: "1") { ($0.loadWorkflow, $0.allowDraft) = (true, true) } == "act")
        #expect(label(draft: "2", published: "1") { _ in } == "act")
        var world = World(policy("p", .retry { $0.loadWorkflow = true }))
        world.add("7")
        world.snapshot.workflows = nil
        #expect(world.label("7") == "draft_differs")
    }

    @Test("a failed sub-workflow is left to its parent, whatever the policy says of modes")
    func parents() {
        func label(_ parent: ExecutionStatus?) -> String? {
            var world = World(policy("p", match: .status(.error)))
            world.add("7", mode: "integrated")
            world.snapshot.details["7"]?.parentExecution = "6"
            if let parent { world.add("6", parent) }
            return world.label("7")
        }
        #expect(
            label(.error) == "parent_failed" && label(.crashed) == "parent_failed"
                && label(.canceled) == "parent_failed")
        #expect(label(nil) == "parent_failed")
        #expect(label(.running) == "live" && label(.waiting) == "live")
        #expect(label(.success) == "act")
    }

    @Test("of nested runs only the outermost acts")
    func nested() {
        var world = World(policy("p", match: .status(.error)))
        world.add("5")
        world.add("6", mode: "integrated")
        world.add("7", mode: "integrated")
        world.snapshot.details["6"]?.parentExecution = "5"
        world.snapshot.details["7"]?.parentExecution = "6"
        #expect(world.plan().actions.map(\.draft.execution) == ["5"])
    }

    @Test("a failed run of an error workflow is retried only where the policy names that mode")
    func errorWorkflow() {
        var world = World(policy("p", match: .failed))
        world.add("7", mode: "error")
        #expect(world.label("7") == "error_workflow")
        world.policies[0].match = .all([.failed, .when(.executionMode, .anyOf([.wildcard("*")]))])
        #expect(world.label("7") == "error_workflow")
        world.policies[0].match = .all([.failed, .when(.executionMode, .anyOf([.wildcard("error")]))])
        #expect(world.label("7") == "act")
    }

    @Test("of a page of old runs the same is deleted as if all others were judged beside them", arguments: 1...40)
    func page(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var world = random.everything()
        // Where budgets are full, others may take what is left of them.
        world.limits = InstanceLimits(maxInFlight: 1000, maxActions: [])
        for index in world.policies.indices { world.policies[index].guards = Guards(maxActions: []) }
        let set = world.set.deletionsOnly
        let page = Set(world.snapshot.executions.keys.filter { _ in random.chance(1, in: 3) })
        for pass in [Planner.Pass.enforced, .dryRun] {
            let planner = Planner(set, pass: pass)
            let whole = planner.plan(world.snapshot, world.view).decisions.filter { page.contains($0.execution) }
            #expect(planner.plan(world.snapshot, world.view, only: page).plan.decisions == whole, "seed \(seed)")
        }
    }
}
