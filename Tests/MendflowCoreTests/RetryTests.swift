import MendflowCore
import Testing

@Suite("Retrying a chain")
struct RetryTests {
    @Test("a failed run is retried with what the policy says")
    func acts() throws {
        var world = World(policy("p", .retry(3) { $0.loadWorkflow = true }))
        world.add("7")
        let action = try #require(world.plan().actions.first)
        #expect(action.request == "POST /executions/7/retry {\"loadWorkflow\":true}")
        #expect(action.draft.attempt == 1 && action.attempts == 3 && action.draft.root == "7")
        #expect(action.classification == Classification(.transient, ruleID: "5xx"))
        #expect(action.draft.nodeType == "n8n-nodes-base.httpRequest" && action.due == noon - .minutes(59))
    }

    @Test("the newest failed leaf is retried, and only it")
    func newestLeaf() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        world.add("2", retryOf: "1", ago: .hours(4))
        world.add("3", retryOf: "1", ago: .hours(3))
        #expect(world.plan().actions.map(\.draft.execution) == ["3"])
        #expect(world.plan().actions.first?.draft.attempt == 3)
    }

    @Test(
        "a live run anywhere in the tree holds it", arguments: [ExecutionStatus.running, .waiting, .queued, .unknown])
    func live(status: ExecutionStatus) {
        var world = World(policy("p"))
        world.add("1")
        world.add("2", status, retryOf: "1")
        world.add("3", retryOf: "1")
        #expect(world.label("3") == "live")
    }

    @Test("a success anywhere heals the chain, for good: the latch outlives the row")
    func healed() {
        var world = World(policy("p"))
        world.add("1")
        world.add("2", .success, retryOf: "1")
        #expect(world.plan().actions.isEmpty)
        #expect(world.plan().latches == [Latch(.healed, "1", at: noon)])
        world.add("3", retryOf: "1")
        #expect(world.label("3") == "healed")
        world.snapshot.executions["2"] = nil
        world.view.apply(Latch(.healed, "1", at: noon))
        #expect(world.label("3") == "healed" && world.plan().latches.isEmpty)
    }

    @Test("a run of the chain whose outcome is not known holds it for good: the latch outlives the row")
    func outcomeUnknown() {
        var world = World(policy("p"))
        var detail = ExecutionDetail.harmless
        detail.ranToItsEnd = true
        world.add("1")
        world.add("2", retryOf: "1", detail: detail)
        #expect(world.label("2") == "outcome_unknown")
        #expect(world.plan().latches == [Latch(.outcomeUnknown, "2", at: noon)])
        world.view.apply(Latch(.outcomeUnknown, "2", at: noon))
        #expect(world.plan().latches.isEmpty)
        world.snapshot.executions["2"] = nil
        world.view.children = ["1": ["2"]]
        #expect(world.label("1") == "outcome_unknown")
    }

    @Test("a success of a canceled run's retry is believed once it is known that there was something to run")
    func ranNothing() {
        var world = World(policy("p"))
        world.add("1", .canceled, detail: nil)
        world.add("2", .success, retryOf: "1", detail: nil)
        #expect(world.plan().needs == [.detail("1")] && world.plan().latches.isEmpty)
        world.snapshot.details["1"] = ExecutionDetail(status: .canceled)
        #expect(world.plan().latches == [Latch(.healed, "1", at: noon)])
        world.snapshot.details["1"] = ExecutionDetail(status: .canceled, hasEmptyStack: true)
        #expect(world.plan().latches == [Latch(.ranNothing, "2", at: noon)])
        world.view.apply(Latch(.ranNothing, "2", at: noon))
        #expect(world.label("1") == "nothing_to_resume" && world.plan().latches.isEmpty)
    }

    @Test("a retry that ran by a person's word and left no run to see holds the chain, and takes nobody's place")
    func ranUnseen() {
        var world = World(policy("p"))
        world.policies[0].guards.maxActions = [ActionCap(amount: 1, per: .tick)]
        world.add("1", ago: .hours(2))
        world.add("5", ago: .hours(1))
        world.intend(.retry, "1", .applied)
        #expect(world.label("1") == "leaf_gone")
        #expect(world.plan().actions.map(\.draft.execution) == ["5"])
    }

    @Test("a leaf that is gone holds the chain, and no ancestor is retried")
    func leafGone() {
        var world = World(policy("p"))
        world.add("1")
        world.intend(.retry, "1", child: "2")
        #expect(world.label("1") == "leaf_gone")
        world.view = LedgerView(children: ["1": ["2"]])
        #expect(world.label("1") == "leaf_gone")
        world.add("3", retryOf: "1", ago: .minutes(59))
        world.snapshot.now = noon + .days(1)
        #expect(world.label("3") == "leaf_gone")
        // A key may lose its access and get it back: what is shown again is there.
        world.view = LedgerView(gone: ["3"])
        #expect(world.label("3") == "act")
        world.view = LedgerView(closed: ["3": [.retry]])
        #expect(world.label("3") == "closed")
    }

    @Test("what n8n refuses for its limit of requests only came too early, until n8n may have forgotten its key")
    func throttled() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(11))
        for ago in [Period.hours(10), .hours(9), .hours(8), .hours(7)] { world.intend(.retry, "1", .void, ago: ago) }
        #expect(world.label("1") == "refused")
        for index in world.view.intents.indices {
            world.view.intents[index].evidence = .proof(.throttled, status: 429, message: "too many requests")
            world.view.intents[index].sendingAt = world.view.intents[index].reservedAt
        }
        #expect(world.label("1") == "act")
        world.snapshot.now = noon + .hours(1)
        #expect(world.label("1") == "refused", "the first of them left eleven hours ago")
    }

    @Test("three refusals hold it; what was never sent was not refused; between them there is backoff")
    func refused() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        world.intend(.retry, "1", .void, ago: .seconds(30))
        #expect(world.decision("1")?.verdict.until == noon + .seconds(30))
        #expect(world.label("1") == "refused_recently")
        world.intend(.retry, "1", .void, ago: .seconds(10), sent: false)
        #expect(world.decision("1")?.verdict.until == noon + .seconds(30))
        world.intend(.retry, "1", .void, ago: .seconds(5))
        #expect(world.decision("1")?.verdict.until == noon + .seconds(115))
        world.intend(.retry, "1", .void, ago: .seconds(1), notBefore: agentNoon + .hours(9))
        #expect(world.label("1") == "refused")
        world.view.intents.removeFirst()
        #expect(world.decision("1")?.verdict.until == noon + .hours(9))
    }

    @Test("what the last look objected to waits, longer each time in a row, and counts as no refusal")
    func dropped() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        for (ago, wait) in [(10, Int64(50)), (9, 111), (8, 232)] {
            world.drop(.retry, "1", ago: .seconds(Int64(ago)))
            #expect(world.label("1") == "dropped_recently")
            #expect(world.decision("1")?.verdict.until == noon + .seconds(wait))
        }
        // The agent ended before it could send, or n8n was asked since: then nothing objects.
        world.intend(.retry, "1", .void, ago: .seconds(1), sent: false)
        #expect(world.label("1") == "act")
    }

    @Test("a lost answer holds the chain; `resend` sends once more, in place of the lost try")
    func unresolved() throws {
        var world = World(policy("p", .retry(1)))
        world.add("1", ago: .hours(5))
        let lost = world.intend(.retry, "1", .unresolved, ago: .minutes(5))
        #expect(world.label("1") == "unresolved")
        world.policies = [policy("p", .retry(1) { $0.whenUnresolved = .resend })]
        let action = try #require(world.plan().actions.first)
        #expect(action.supersedes == lost && action.draft.attempt == 1)
        world.intend(.retry, "1", .superseded, ago: .minutes(9))
        #expect(world.label("1") == "unresolved")
        world.view.intents.removeLast()
        world.view.intents[0].settledAt = agentNoon - .seconds(10)
        #expect(world.decision("1")?.verdict.until == noon + .seconds(50))
    }

    @Test("a person's retry holds the chain until half an hour after it ended; ours does not")
    func yields() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        world.add("2", retryOf: "1", ago: .minutes(10))
        #expect(world.label("2") == "yield_to_humans")
        #expect(world.decision("2")?.verdict.until == noon + .minutes(20))
        world.intend(.retry, "1", child: "2")
        #expect(world.label("2") == "act")
        world.view.personRetried["1"] = noon - .minutes(29)
        #expect(world.decision("2")?.verdict.until == noon + .minutes(1))
        world.policies[0].guards.yieldToHumans = .zero
        #expect(world.label("2") == "act")
    }

    @Test("of several waits the longest counts")
    func longestWait() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        world.add("2", retryOf: "1", ago: .seconds(30))
        world.policies[0].guards.yieldToHumans = .seconds(40)
        #expect(world.label("2") == "backoff" && world.decision("2")?.verdict.until == noon + .seconds(90))
    }

    @Test("a risk that the policy does not accept holds it; what cannot be read may be the worst")
    func risk() {
        var world = World(policy("p"))
        world.add("7", detail: .harmful)
        #expect(world.label("7") == "may_repeat")
        world.policies = [policy("p", .retry { $0.acceptedRisks = [.possible] })]
        #expect(world.label("7") == "act")
        world.add("7", .crashed, detail: .crashed)
        #expect(world.label("7") == "may_repeat")
        world.add("7", detail: ExecutionDetail(readability: .oversized))
        #expect(world.label("7") == "may_repeat")
        world.policies = [policy("p", .retry { $0.acceptedRisks = [.possible, .restart] })]
        #expect(world.label("7") == "act")
        world.policies = [policy("p")]
        #expect(world.label("7") == "may_repeat")
        world.snapshot.details = [:]
        #expect(world.label("7") == "fact_pending" && world.plan().needs == [.detail("7")])
    }

    @Test("a sub-workflow's run is retried only where its parent succeeded without it")
    func parent() {
        var world = World(policy("p"))
        var detail = ExecutionDetail.harmless
        world.add("8", mode: .integrated, detail: detail)
        #expect(world.label("8") == "parent_failed")
        detail.parentExecution = "7"
        world.add("8", mode: .integrated, detail: detail)
        #expect(world.label("8") == "parent_failed")
        for (status, label) in [
            (ExecutionStatus.error, "parent_failed"), (.canceled, "parent_failed"), (.running, "live"),
            (.waiting, "live"), (.success, "act"),
        ] {
            world.add("7", status)
            #expect(world.label("8") == label, "\(status)")
        }
        world.add("9", retryOf: "8", ago: .minutes(50))
        #expect(world.label("9") == "act" || world.label("9") == "yield_to_humans")
        world.snapshot.executions["8"] = nil
        #expect(world.label("9") == "parent_failed")
    }

    @Test("with `load_workflow` a draft that is not published holds it, and so do versions that cannot be read")
    func draft() {
        var world = World(policy("p", .retry { $0.loadWorkflow = true }))
        world.add("7")
        world.snapshot.workflows?["w"]?.draftVersion = "2"
        #expect(world.label("7") == "act")
        world.snapshot.workflows?["w"]?.publishedVersion = "1"
        #expect(world.label("7") == "draft_differs")
        world.snapshot.workflows = nil
        #expect(world.label("7") == "draft_differs")
        world.policies = [policy("p", .retry { ($0.loadWorkflow, $0.allowDraft) = (true, true) })]
        #expect(world.label("7") == "workflow_changed")
        world.policies = [policy("p")]
        #expect(world.label("7") == "act")
    }

    @Test("with `load_workflow` a node that is gone, disabled or of another type holds it")
    func changedWorkflow() {
        func words(_ name: String, _ type: String, isDisabled: Bool = false) -> String? {
            var world = World(policy("p", .retry { $0.loadWorkflow = true }))
            world.add("7")
            var nodes = WorkflowNodes()
            nodes.add(name: name, type: type, isDisabled: isDisabled)
            world.snapshot.workflows?["w"]?.nodes = nodes
            guard case .held(.workflowChanged, let words)? = world.decision("7")?.verdict else { return nil }
            return words
        }
        #expect(words("Fetch", "n8n-nodes-base.httpRequest") == nil)
        #expect(words("Get", "n8n-nodes-base.httpRequest") == "the saved workflow has no node 'Fetch'")
        #expect(
            words("Fetch", "n8n-nodes-base.httpRequest", isDisabled: true)
                == "node 'Fetch' is disabled in the saved workflow")
        #expect(
            words("Fetch", "n8n-nodes-base.noOp") == "node 'Fetch' is of another type in the saved workflow")
    }

    @Test("a run with nothing on its stack, and one that ran to its end, are never retried, whatever is accepted")
    func nothingToDo() {
        var world = World(policy("p", .retry { $0.acceptedRisks = [.unlikely, .possible, .restart] }))
        var detail = ExecutionDetail.harmful
        detail.hasEmptyStack = true
        world.add("7", detail: detail)
        #expect(world.label("7") == "nothing_to_resume")
        detail.hasEmptyStack = false
        detail.ranToItsEnd = true
        world.add("7", detail: detail)
        #expect(world.label("7") == "outcome_unknown")
    }

    @Test("outside the policy's hours it waits for them")
    func windows() {
        var world = World(policy("p"))
        world.add("7")
        world.policies[0].guards.activeDuring = [TimeWindow(fromMinute: 13 * 60, toMinute: 14 * 60, zone: .utc)]
        #expect(world.label("7") == "outside_window" && world.decision("7")?.verdict.until == noon + .hours(1))
        world.policies[0].guards.activeDuring = []
        world.policies[0].guards.notDuring = [TimeWindow(fromMinute: 11 * 60, toMinute: 15 * 60, zone: .utc)]
        #expect(world.decision("7")?.verdict.until == noon + .hours(3))
        // What is due at a time outside its hours is not done then: the last of all times is told.
        world.policies[0].guards.notDuring = [TimeWindow(fromMinute: 12 * 60 + 1, toMinute: 15 * 60, zone: .utc)]
        #expect(world.label("7") == "act")
        world.add("7", ago: .seconds(10))
        #expect(world.decision("7")?.verdict.until == noon + .seconds(50))
        world.policies[0].remediation = .retry { $0.backoff.initialInterval = .minutes(5) }
        world.policies[0].guards.notDuring[0].fromMinute = 12 * 60 + 2
        #expect(world.label("7") == "outside_window" && world.decision("7")?.verdict.until == noon + .hours(3))
    }

    @Test("a pause, a refused key and a request under way hold it")
    func held() {
        var world = World(policy("p"))
        world.add("7")
        world.view.paused = "release"
        #expect(world.decision("7")?.verdict == .held(.paused, "release"))
        world.view.paused = nil
        world.view.suspended[.retry] = "403"
        #expect(world.decision("7")?.verdict == .held(.forbidden, "403"))
        world.view.suspended = [.stop: "403"]
        #expect(world.label("7") == "act")
        world.intend(.retry, "7", .sending)
        #expect(world.label("7") == "in_flight")
    }
}
