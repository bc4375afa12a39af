import MendflowCore
import Testing

@Suite("Who owns an execution")
struct OwnershipTests {
    @Test("the first enforced policy that matches, by priority, then file, then position")
    func order() {
        func owner(_ change: (inout [Policy]) -> Void) -> String? {
            var world = World(policy("a") { $0.place.file = "2.yaml" }, policy("b") { $0.place.file = "1.yaml" })
            change(&world.policies)
            world.add("7")
            return world.decision("7")?.policy?.name
        }
        #expect(owner { _ in } == "b")
        #expect(owner { $0[0].priority = 1 } == "a")
        #expect(owner { $0[0].place.file = "1.yaml" } == "a")
        #expect(owner { $0[1].mode = .dryRun } == "a")
        #expect(owner { $0[1].match = .status(.crashed) } == "a")
        #expect(owner { $0[1].remediation = nil } == "a")
        #expect(owner { $0[1].instances = ["staging"] } == "a")
    }

    @Test("after the first intent the owner is fixed, whatever stands before it now")
    func fixed() {
        var world = World(policy("new", priority: 9), policy("old"))
        world.add("7")
        world.view.owners["7"] = "old"
        #expect(world.decision("7")?.policy?.name == "old")
    }

    @Test("an owner that is gone, or matches no more, holds the chain for good")
    func ownerGone() {
        var world = World(policy("other"))
        world.add("7")
        world.view.owners["7"] = "old"
        #expect(world.label("7") == "owner_gone")
        world.policies.append(policy("old", match: .status(.crashed)))
        #expect(world.label("7") == "owner_gone")
        world.policies[1].mode = .dryRun
        #expect(world.label("7") == "owner_gone")
    }

    @Test("a chain that we retried and that fails in another way was given up, and `on_exhausted` says so")
    func givenUp() {
        var world = World(policy("p", match: .status(.error)) { $0.onExhausted.tags = ["needs-human"] })
        world.add("7", ago: .hours(2))
        world.add("8", .crashed, retryOf: "7", ago: .minutes(30))
        world.view.owners["7"] = "p"
        world.intend(.retry, "7", .applied, ago: .hours(1), policy: "p", child: "8")
        let given = [Latch(.exhausted(policy: "p"), "7", at: noon)]
        #expect(world.label("8") == "owner_gone" && world.plan().latches == given)
        world.view.exhausted["7"] = ["p"]
        #expect(world.tagWrites.map(\.draft.execution) == ["8"] && world.tagWrites[0].draft.tags == ["needs-human"])
        world.view.exhausted = [:]
        // Not before it is known to have crashed, nor where nothing was ever sent or a poll is not whole.
        world.snapshot.firstSeen["8"] = noon - .minutes(4)
        #expect(world.plan().latches.isEmpty)
        world.snapshot.firstSeen["8"] = noon - .minutes(5)
        #expect(world.plan().latches == given)
        world.snapshot.completeness = .partial(["cut off"])
        #expect(world.plan().latches.isEmpty)
        world.snapshot.completeness = .complete
        world.policies[0].onExhausted.when = [.retries]
        #expect(world.plan().latches.isEmpty)
        world.policies[0].onExhausted.when = [.ownerGone]
        world.view.intents[0].state = .void
        #expect(world.plan().latches.isEmpty)
    }

    @Test("a chain of whose newest run nobody can tell whether its owner matches is not given up")
    func ownerUnknown() {
        var world = World(
            policy("p", match: .all([.failed, .when(.errorMessage, .anyOf([.contains("x")]))])) {
                $0.onExhausted.tags = ["needs-human"]
            })
        world.add("7", ago: .hours(2))
        world.add("8", retryOf: "7", ago: .minutes(30), detail: ExecutionDetail(readability: .redacted))
        world.view.owners["7"] = "p"
        world.intend(.retry, "7", .applied, ago: .hours(1), policy: "p", child: "8")
        #expect(world.label("8") == "match_unknown" && world.decision("8")?.policy?.name == "p")
        #expect(world.plan().latches.isEmpty)
    }

    @Test("an owned chain is on record though no policy looks at its present status")
    func ownerOfAnotherStatus() {
        var world = World(policy("old", match: .status(.error)))
        world.add("7")
        world.add("8", .crashed, retryOf: "7")
        world.view.owners["7"] = "old"
        #expect(world.label("8") == "owner_gone")
    }

    @Test("a renamed policy owns on, with what it did under its former name")
    func renamed() {
        var world = World(policy("new", tags: ["seen"]) { $0.renamedFrom = "old" }, policy("first", priority: 9))
        world.add("7")
        world.view.owners["7"] = "old"
        world.intend(.tag, "7", policy: "old", tags: ["seen"])
        #expect(world.decision("7")?.policy?.name == "new" && world.label("7") == "act")
        #expect(world.tagWrites.isEmpty)
        world.policies[0].guards.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))]
        #expect(world.label("7") == "max_actions")
        world.policies.append(policy("old"))
        #expect(world.decision("7")?.policy?.name == "old")
    }

    @Test("a second rename leads back to the name before it alone: what began under the first one is held, and says so")
    func renamedTwice() {
        var world = World(policy("c") { $0.renamedFrom = "b" })
        world.add("7")
        world.view.owners["7"] = "a"
        #expect(world.label("7") == "owner_gone")
        guard case .held(_, "policy 'a' is gone")? = world.decision("7")?.verdict else {
            Issue.record("\(String(describing: world.decision("7")))")
            return
        }
        world.view.owners["7"] = "b"
        #expect(world.label("7") == "act")
    }

    @Test("a policy that cannot be judged yet blocks those behind it, not those before it, and only if it can own")
    func pending() {
        let needy = Condition.all([.failed, .when(.errorClass, .anyOf([.wildcard("transient")]))])
        var world = World(policy("needy", match: needy), policy("plain"))
        world.add("7", detail: nil)
        #expect(world.label("7") == "fact_pending" && world.plan().needs == [.detail("7")])
        world.policies[1].priority = 1
        #expect(world.decision("7")?.policy?.name == "plain")
        world.policies[1].priority = 0
        world.policies[0].remediation = nil
        #expect(world.decision("7")?.policy?.name == "plain")
    }

    @Test("exhaustion with `continue` passes on, once and for good; without it it does not")
    func continues() {
        var world = World(policy("first", .retry(1)) { $0.onExhausted.continues = true }, policy("second", .retry(3)))
        world.add("1", ago: .hours(3))
        world.add("2", retryOf: "1", ago: .hours(2))
        world.view.owners["1"] = "first"
        #expect(world.decision("2")?.policy?.name == "second" && world.label("2") == "act")
        #expect(world.plan().latches == [Latch(.exhausted(policy: "first"), "1", at: noon)])
        world.view.exhausted["1"] = ["first"]
        #expect(world.plan().latches.isEmpty)
        world.policies[0].match = .status(.crashed)
        #expect(world.decision("2")?.policy?.name == "second")
        world.policies[0].match = .failed
        world.policies[0].onExhausted.continues = false
        #expect(world.label("2") == "exhausted")
    }

    @Test("nothing passes on while the last retry is on its way, unanswered or live, nor once the chain healed")
    func continuesOnlyWhenSettled() {
        for state in [IntentState.reserved, .sending, .unresolved] {
            var world = World(
                policy("first", .retry(1)) { $0.onExhausted.continues = true }, policy("second", .retry(3)))
            world.add("1", ago: .hours(3))
            world.view.owners["1"] = "first"
            world.intend(.retry, "1", state, policy: "first")
            #expect(world.label("1") == (state.isOpen ? "in_flight" : "unresolved"))
            #expect(world.plan().latches.isEmpty)
        }
        var world = World(policy("first", .retry(1)) { $0.onExhausted.continues = true }, policy("second", .retry(3)))
        world.add("1", ago: .hours(3))
        world.add("2", .running, retryOf: "1")
        world.add("3", retryOf: "1")
        #expect(world.label("3") == "live" && world.plan().latches.isEmpty)
        world.view.healed = ["1"]
        #expect(world.label("3") == "healed" && world.plan().latches.isEmpty)
    }

    @Test("what was passed on waits for the next policy's facts, and for nobody's before the first owner")
    func continuesInOrder() {
        let needy = Condition.all([.failed, .when(.executionTag, .anyOf([.wildcard("vip")]))])
        var world = World(
            policy("first", match: .status(.crashed)) { $0.onExhausted.continues = true },
            policy("needy", match: needy), policy("last"))
        world.add("7")
        world.view.owners["7"] = "first"
        world.view.exhausted["7"] = ["first"]
        #expect(world.label("7") == "fact_pending" && world.plan().needs == [.tags("7")])
        world.snapshot.tags["7"] = [AnnotationTag(id: "9", name: "vip")]
        #expect(world.decision("7")?.policy?.name == "needy")
        world.snapshot.tags["7"] = []
        #expect(world.decision("7")?.policy?.name == "last")
        world.snapshot.tags["7"] = nil
        world.policies[1].priority = 1
        #expect(world.decision("7")?.policy?.name == "last" && world.label("7") == "act")
    }

    @Test("a live retry is stopped by a stop policy though a retry policy owns its chain, and is not retried again")
    func stopOfChild() {
        var world = World(policy("r"), policy("s", .stop, match: .live))
        world.add("1", ago: .hours(9))
        world.add("2", .running, retryOf: "1", ago: .hours(8))
        world.view.owners["1"] = "r"
        #expect(world.decision("2")?.policy?.name == "s" && world.label("2") == "act")
        for state in [IntentState.applied, .unresolved, .sending] {
            var after = world
            after.add("2", .canceled, retryOf: "1", ago: .minutes(1))
            after.intend(.stop, "2", state, ago: .minutes(2), policy: "s")
            #expect(after.label("2") == "stopped_by_us")
            // It had failed by itself before the stop came.
            after.add("2", .error, retryOf: "1", ago: .hours(1))
            #expect(after.label("2") == "act")
        }
    }

    @Test("a name of several workflows is held, an id is not")
    func ambiguous() {
        var world = World(policy("p", match: .all([.failed, .workflow("Order sync")])))
        world.add("7")
        #expect(world.label("7") == "act")
        world.snapshot.workflows?["x"] = WorkflowInfo(id: "x", name: "Order sync")
        #expect(world.label("7") == "ambiguous_workflow")
        world.policies[0].match = .all([.failed, .when(.workflowID, .anyOf([.wildcard("w")]))])
        #expect(world.label("7") == "act")
        world.policies[0].match = .all([.failed, .workflow("Order*")])
        #expect(world.label("7") == "act")
    }

    @Test("what ended before the baseline is left alone, unless it was seen live after it")
    func baseline() {
        var world = World(policy("p"))
        world.add("7", ago: .days(3))
        #expect(world.decision("7") == nil || world.label("7") == "before_baseline")
        world.snapshot.seenLive = ["7"]
        #expect(world.label("7") == "act")
    }

    @Test("an ended run that does not tell when it ended is left alone, and that is said")
    func endUnknown() {
        var world = World(policy("p"))
        world.add("7")
        world.snapshot.executions["7"]?.stoppedAt = nil
        let words = "n8n does not tell when it ended, so it may have been before"
        #expect(world.decision("7")?.verdict == .held(.beforeBaseline, words))
    }

    @Test("a crashed run that does not tell when it ended goes by its last sign of life")
    func crashedWithoutEnd() {
        func world(made: Period, started: Period?, _ policies: Policy...) -> World {
            var world = World(policies[0])
            world.policies = policies
            world.add("7", .crashed, ago: .zero, detail: .crashed)
            world.snapshot.executions["7"]?.stoppedAt = nil
            world.snapshot.executions["7"]?.createdAt = noon - made
            world.snapshot.executions["7"]?.startedAt = started.map { noon - $0 }
            return world
        }
        let retry = policy("p", .retry { $0.acceptedRisks = [.possible, .restart] })
        #expect(world(made: .hours(1), started: nil, retry).label("7") == "act")
        #expect(world(made: .hours(1), started: .hours(1), retry).label("7") == "act")
        #expect(world(made: .minutes(3), started: nil, retry).decision("7")?.verdict.until == noon + .minutes(2))
        #expect(world(made: .hours(1), started: .minutes(3), retry).decision("7")?.verdict.until == noon + .minutes(2))
        #expect(world(made: .days(4), started: nil, retry).label("7") == "before_baseline")
        // Its chain failed first then, and its age counts from there.
        #expect(world(made: .days(2), started: nil, retry).label("7") == "act")
        let impatient = policy("p", .retry { $0.acceptedRisks = [.restart, .possible] }) {
            $0.guards.giveUpAfter = .hours(5)
        }
        #expect(world(made: .hours(6), started: nil, impatient).label("7") == "exhausted")
        for (period, label) in [(Period.hours(1), "act"), (.hours(3), "no_policy")] {
            let old = policy(
                "p", .retry { $0.acceptedRisks = [.possible, .restart] },
                match: .all([.failed, .when(.age, .period(.gt, period))]))
            #expect(world(made: .hours(2), started: nil, old).label("7") == label)
        }
        let clean = policy("p", .delete, match: .status(.crashed))
        var old = world(made: .days(60), started: nil, clean)
        old.snapshot.baseline = noon - .days(90)
        #expect(old.label("7") == "act")
    }

    @Test("nothing is ever done to a row of a status that nobody knows")
    func unrecognised() {
        var world = World(policy("r", match: nil), policy("t", nil, match: nil, tags: ["seen"]))
        world.add("7", .unrecognised)
        #expect(world.plan().actions.isEmpty)
    }

    @Test("a policy that only tags looks at successes too, one that remediates never")
    func successes() {
        var world = World(policy("r", match: nil), policy("t", nil, match: nil, tags: ["seen"]))
        world.add("7", .success)
        #expect(world.plan().actions.map(\.draft.action) == [.tag])
    }

    @Test("what a dry-run policy would do binds no enforced one; what it really did, does")
    func shadowOwner() {
        var world = World(policy("tried") { $0.mode = .dryRun }, policy("real"))
        world.add("7")
        world.view.owners["7"] = "tried"
        #expect(world.label("7") == "owner_gone")
        world.view.shadowOwned = ["7"]
        #expect(world.label("7") == "act")
        world.policies[1].name = "tried"
        world.policies[0].name = "other"
        #expect(world.label("7") == "act")
        world.view.owners["7"] = "gone"
        #expect(world.label("7") == "act", "a policy of dry-run that is there no more had begun nothing")
        world.view.shadowOwned = []
        #expect(world.label("7") == "owner_gone")
    }
}
