import MendflowCore
import MendflowLedger
import MendflowReview
import Testing

@Suite("What explain says")
struct ExplanationTests {
    /// 2026-05-04T12:00:00Z
    private let noon = ServerTime(milliseconds: 1_777_896_000_000)
    private let agentNoon = AgentTime(milliseconds: 1_777_896_000_000)
    private let instance = InstanceKey(name: "production", epoch: 1)

    private func status(_ statuses: ExecutionStatus...) -> Condition {
        .test(FieldTest(.status, [.anyOf(statuses.map { .wildcard($0.rawValue) })]))
    }

    private func row(_ id: ExecutionID, _ status: ExecutionStatus, ago: Period) -> Execution {
        let isLive = status == .queued || status == .running
        return Execution(
            id: id, workflow: "w", status: status, createdAt: noon - ago, startedAt: noon - ago,
            stoppedAt: isLive ? nil : noon - ago)
    }

    private func snapshot(_ rows: Execution...) -> Snapshot {
        var snapshot = Snapshot(instance: instance, now: noon, baseline: noon - .days(90))
        for row in rows { snapshot.executions[row.id] = row }
        snapshot.workflows = ["w": WorkflowInfo(id: "w", name: "Orders")]
        return snapshot
    }

    private func explain(
        _ policy: Policy, _ snapshot: Snapshot, _ id: ExecutionID, _ view: LedgerView = LedgerView(),
        fetched: Set<ExecutionID> = []
    ) throws -> (Explanation, Explanation.PolicyView) {
        let set = PolicySet(
            policies: [policy], instance: "production", limits: InstanceLimits(maxActions: []),
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        let it = try #require(
            Explanation(
                of: id, in: snapshot, view: view, dryRunView: view, policies: set, url: "https://n8n",
                fetched: fetched))
        return (it, try #require(it.policies.first))
    }

    private func tagging(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy(
            name: "p", mode: .enforce, match: status(.error), remediation: .retry(RetryAction()),
            guards: Guards(maxActions: []))
        change(&policy)
        return policy
    }

    @Test("a tag of `on_exhausted` is told with why the chain was given up")
    func exhaustion() throws {
        let policy = tagging { $0.onExhausted.tags = ["needs-human"] }
        let set = PolicySet(
            policies: [policy], instance: "production", limits: InstanceLimits(maxActions: []),
            tagIDs: ["needs-human": "T1"],
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        func why(_ status: ExecutionStatus) throws -> String? {
            let snapshot = snapshot(row("1", status, ago: .minutes(50)))
            var view = LedgerView()
            view.exhausted["1"] = ["p"]
            view.owners["1"] = "p"
            let decisions = Planner(set).plan(snapshot, view).decisions
            let request = try #require(
                decisions.lazy.compactMap { decision in
                    if case .act(let action) = decision.verdict { action.request } else { nil }
                }.first)
            var done = Explanation.Done(record: 1, execution: "1", at: noon, policy: "p", request: request)
            done.trace(decisions, in: [snapshot], view, tables: set.tables)
            return done.exhaustion
        }
        #expect(try why(.error) == "its retries are used up, or its time is")
        #expect(try why(.crashed) == "policy 'p' no longer matches")
    }

    @Test("whose a run is: ours where n8n named it, a person's where no request can have started it, else somebody's")
    func whose() throws {
        var snapshot = snapshot(row("1", .error, ago: .minutes(50)))
        for (id, parent) in [("2", "1"), ("3", "2"), ("4", "3"), ("5", "4")] as [(ExecutionID, ExecutionID)] {
            var run = row(id, .error, ago: .minutes(40))
            run.retryOf = parent
            snapshot.executions[id] = run
        }
        let intents =
            [
                ("1", .applied, "2", .answered(.error)), ("2", .applied, "3", .child("3", .error, isDoubtful: true)),
                ("3", .unresolved, nil, nil),
            ] as [(ExecutionID, IntentState, ExecutionID?, OutcomeEvidence?)]
        let view = LedgerView(
            intents: intents.enumerated().map { index, it in
                Intent(
                    id: IntentID(Int64(index)),
                    draft: IntentDraft(
                        instance: instance, action: .retry, execution: it.0, root: "1", workflow: "w", policy: "p",
                        policyVersion: "v"),
                    state: it.1, reservedAt: agentNoon - .minutes(45), child: it.2, evidence: it.3)
            })
        let (it, _) = try explain(tagging(), snapshot, "1", view)
        let runs = it.timeline.filter { $0.kind == .run }
        #expect(runs.map(\.execution) == ["1", "2", "3", "4", "5"])
        #expect(runs.map(\.actor) == [.n8n, .us, .somebody, .somebody, .person])
        #expect(runs[2].summary.hasPrefix("retry of 2 by somebody: ours or a person's: error"))
    }

    @Test("a policy whose group is too small does not match, and says what was counted")
    func group() throws {
        let when = GroupCondition(count: [.number(.gte, 2)], within: .minutes(10))
        var snapshot = snapshot(row("1", .error, ago: .minutes(5)))
        var (it, view) = try explain(tagging { $0.when = when }, snapshot, "1")
        #expect(!view.matches && view.standing == .noMatch && it.nearestMiss?.misses == 1)
        #expect(view.wantedOfGroup == "count >= 2 within 10m" && view.group?.summary == "1")
        #expect(view.missedWords.count == view.misses && it.nearestMiss?.missedWords == view.missedWords)
        snapshot.executions["2"] = row("2", .error, ago: .minutes(4))
        (it, view) = try explain(tagging { $0.when = when }, snapshot, "1")
        #expect(view.matches && view.group?.count == 2 && it.nearestMiss == nil)
    }

    @Test("a policy that is about other executions misses by its conditions alone, whatever its group has")
    func otherGroup() throws {
        let when = GroupCondition(count: [.number(.gte, 2)], within: .minutes(10))
        let (it, view) = try explain(tagging { $0.when = when }, snapshot(row("1", .success, ago: .minutes(5))), "1")
        #expect(view.isAboutOthers && view.missedGroup == nil && view.misses == view.missed.count)
        #expect(it.nearestMiss?.missedWords.count == it.nearestMiss?.misses)
    }

    private func bulk(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
        tagging {
            $0.match = status(.queued)
            $0.remediation = .bulkStop(BulkStopAction(allWorkflows: true))
            change(&$0)
        }
    }

    @Test("a live run that only explain asked for, and that began before the look-back, is judged by no tick")
    func hiddenAndOld() throws {
        let policy = tagging {
            $0.match = status(.waiting)
            $0.remediation = .stop
        }
        let old = snapshot(row("1", .waiting, ago: .hours(72)))
        let (it, _) = try explain(policy, old, "1", fetched: ["1"])
        #expect(it.outcomes.first?.verdict == "beyond_look_back")
        #expect(it.outcomes.first?.why.contains("no list of this n8n shows it") == true)
        // What a poll shows is judged however old it is, and a younger one will be asked for.
        #expect(try explain(policy, old, "1").0.outcomes.first?.verdict != "beyond_look_back")
        let young = snapshot(row("1", .waiting, ago: .hours(2)))
        #expect(try explain(policy, young, "1", fetched: ["1"]).0.outcomes.first?.verdict != "beyond_look_back")
    }

    @Test("why a bulk stop is held stands in explain, in the plan and in the record")
    func heldBulkStop() throws {
        var snapshot = snapshot(row("1", .queued, ago: .minutes(5)), row("2", .queued, ago: .minutes(4)))
        #expect(try explain(bulk(), snapshot, "2").1.bulkHeld == nil)
        snapshot.coverage.unknownIDs = 3
        let (it, view) = try explain(bulk(), snapshot, "2")
        let why = try #require(view.bulkHeld)
        #expect(why.hasPrefix("3 ids are not accounted for") && it.outcomes.first?.verdict == "act")
        let set = PolicySet(
            policies: [bulk()], instance: "production",
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        let plan = Planner(set).plan(snapshot, LedgerView())
        let header = PlanReport.Header(instance: "production", url: "https://n8n", now: noon, mode: .enforce)
        let report = PlanReport(header: header, plan: plan, dryRunPlan: Plan(), workflows: nil)
        #expect(report.heldBulkStops == [HeldBulkStop(policy: "p", why: why)])
        let decision = try #require(plan.decisions.first)
        #expect(DecidedExecution.Part(decision).bulkHeld == why)
    }

    @Test("balances are what the planner counts: shares as numbers, each run of a bulk stop, ticks and breakers")
    func balances() throws {
        var snapshot = snapshot(row("1", .queued, ago: .minutes(5)))
        for number in 10...29 {
            let id = ExecutionID("\(number)")
            snapshot.executions[id] = row(id, .success, ago: .minutes(30))
        }
        let policy = bulk {
            $0.guards.maxActions = [
                ActionCap(percent: 50, per: .window(.hours(1))), ActionCap(amount: 5, per: .tick),
            ]
            $0.guards.circuitBreaker = CircuitBreaker(failureThreshold: 1, window: .hours(1), openFor: .hours(1))
        }
        let call = BulkStopCall(
            request: BulkStopRequest(statuses: [.queued], workflow: nil), predicted: ["7", "8", "9"])
        let draft = IntentDraft(
            instance: instance, action: .bulkStop, execution: "7", root: "7", workflow: "w", policy: "p",
            policyVersion: "", bulk: call)
        let lost = Intent(
            id: IntentID(1), draft: draft, state: .unresolved, reservedAt: agentNoon - .minutes(20),
            sendingAt: agentNoon - .minutes(20), settledAt: agentNoon - .minutes(20))
        #expect(
            try explain(policy, snapshot, "1").1.balances.map(\.description) == [
                "max_actions of the policy: 10 of 10 per 1h left", "max_actions of the policy: 5 of 5 per tick left",
                "circuit_breaker of the policy: closed, 0 of 1 failures per 1h",
            ])
        #expect(
            try explain(policy, snapshot, "1", LedgerView(intents: [lost])).1.balances.map(\.description) == [
                "max_actions of the policy: 7 of 10 per 1h left", "max_actions of the policy: 5 of 5 per tick left",
                "circuit_breaker of the policy: open until 2026-05-04T12:40:00.000Z, 1 of 1 failures per 1h",
            ])
    }

    @Test("what waits for a guard is told with that guard, what it leaves, and when it frees up")
    func holding() throws {
        var policy = tagging {
            $0.remediation = nil
            $0.guards = Guards(maxActions: [ActionCap(amount: 1, per: .window(.hours(1)))], cooldown: .hours(2))
        }
        policy.tags = ["seen"]
        let earlier = Intent(
            id: IntentID(1),
            draft: IntentDraft(
                instance: instance, action: .tag, execution: "9", root: "9", workflow: "w", policy: "p",
                policyVersion: "v"), state: .applied, reservedAt: agentNoon - .minutes(10))
        let set = PolicySet(
            policies: [policy], instance: "production", tagIDs: ["seen": "1"],
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        let view = LedgerView(intents: [earlier])
        let it = try #require(
            Explanation(
                of: "1", in: snapshot(row("1", .error, ago: .minutes(5))), view: view, dryRunView: view, policies: set,
                url: "https://n8n"))
        let found = try #require(it.policies.first)
        #expect(found.standing == .wait && found.reason == Reason.maxActions.rawValue)
        #expect(
            found.holding.map(\.description) == [
                "max_actions of the policy: 0 of 1 per 1h left, none until 2026-05-04T12:50:00.000Z"
            ])
    }

    @Test(
        "a replay's own limits stand beside its guards: the canary, what runs of a workflow, and when it stops itself")
    func ofReplay() throws {
        let policy = tagging {
            $0.guards = Guards(maxActions: [], rateLimits: [RateLimit(max: 30, per: .minutes(1))])
            $0.replay = ReplayPace(canary: 1, inFlightPerWorkflow: 2, stopAfterFailures: 5)
        }
        let (_, view) = try explain(policy, snapshot(row("1", .error, ago: .minutes(5))), "1")
        #expect(
            view.balances.map(\.description).prefix(4) == [
                "canary of the replay: 0 of the first one healed, 0 on the way: any other waits for that",
                "max_in_flight of the workflow: 2 of 2 left",
                "stop_after_failures of the replay: 0 of 5 failures after which it pauses itself",
                "rate_limit of the policy: 30 of 30 per 1m left",
            ])
    }

    @Test("what ended longer ago than the agent looks back is not said to be acted on, for no tick judges it")
    func beyondLookBack() throws {
        var tagging = tagging { $0.remediation = nil }
        tagging.tags = ["seen"]
        let set = PolicySet(
            policies: [tagging], instance: "production", tagIDs: ["seen": "1"],
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        func verdict(ago: Period) -> String? {
            let view = LedgerView()
            let snapshot = snapshot(row("1", .error, ago: ago))
            return Explanation(of: "1", in: snapshot, view: view, dryRunView: view, policies: set, url: "https://n8n")?
                .outcomes.first { $0.policy != nil }?.verdict
        }
        #expect(verdict(ago: .hours(47)) == "act")
        #expect(verdict(ago: .hours(50)) == "beyond_look_back")
    }
}
