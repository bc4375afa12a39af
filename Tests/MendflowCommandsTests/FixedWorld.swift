import MendflowCore
import MendflowLedger
import MendflowReview
import MendflowText
import MendflowYAML

@testable import MendflowOperations

/// One instance at noon, with a chain that is being retried, one that is held, a stale wait and a plain failure.
enum FixedWorld {
    /// 2026-05-04T12:00:00Z
    static let noon = ServerTime(milliseconds: 1_777_896_000_000)
    /// The same moment on the agent's clock. Nothing is decided by what the offset is told to be.
    static let agentNoon = ClockOffset.zero.agent(noon)
    static let offset = ClockOffset(ahead: .milliseconds(-1500))
    static let instance = InstanceKey(name: "production", epoch: 1)
    static let url = "https://n8n.example.com"

    static func when(_ field: Field, _ operators: FieldOperator..., implicit: Bool = false) -> Condition {
        var test = FieldTest(field, operators)
        test.isImplicit = implicit
        return .test(test)
    }

    static func named(_ name: String) -> FieldOperator { .anyOf([.wildcard(name)]) }

    static let policies = [
        Policy(
            name: "retry-orders", mode: .enforce,
            match: .all([
                when(.status, named("error")), when(.workflowName, named("Order sync")),
                when(.executionMode, named("webhook"), implicit: true),
            ]),
            remediation: .retry(RetryAction(maxRetries: 3, backoff: Backoff(jitter: .none))),
            guards: Guards(
                rateLimits: [RateLimit(max: 5, per: .minutes(10), groupBy: .workflow)], giveUpAfter: .hours(24)),
            place: SourcePlace(file: "policies/orders.yaml", line: 2, column: 5), version: "v1"),
        Policy(
            name: "stop-stale-waiting", mode: .dryRun,
            match: .all([when(.status, named("waiting")), when(.age, .period(.gte, .hours(2)))]), remediation: .stop,
            place: SourcePlace(file: "policies/waits.yaml", line: 3, column: 5), version: "v2"),
    ]

    static let set = PolicySet(
        policies: policies, instance: "production",
        tables: JudgementTables(
            classifier: ErrorClassifier(rules: [ErrorRule(id: "http-5xx", .transient, httpCodes: [.wildcard("5*")])]),
            risks: RepeatRiskJudge()))

    static func row(
        _ id: ExecutionID, _ workflow: WorkflowID, _ status: ExecutionStatus, ago: Period, retryOf: ExecutionID? = nil
    ) -> Execution {
        Execution(
            id: id, workflow: workflow, status: status, mode: retryOf == nil ? "webhook" : .retry, retryOf: retryOf,
            startedAt: noon - ago - .seconds(5), stoppedAt: noon - ago,
            waitTill: status == .waiting ? noon + .days(2) : nil)
    }

    static func failure(_ method: String, items: Int) -> ExecutionDetail {
        ExecutionDetail(
            error: ErrorEvidence(name: "NodeApiError", message: "Service unavailable", httpCode: "503"),
            lastNode: NodeEvidence(
                name: "Post order", type: "n8n-nodes-base.httpRequest", method: method, target: "shop.example/orders"),
            itemsToRepeat: items, finishedNodes: 2, resumesAtNode: true)
    }

    static let snapshot: Snapshot = {
        let rows = [
            row("101", "w1", .error, ago: .minutes(20)), row("103", "w1", .error, ago: .minutes(10), retryOf: "101"),
            row("102", "w1", .error, ago: .minutes(15)), row("104", "w2", .waiting, ago: .hours(3)),
            row("105", "w2", .error, ago: .minutes(5)),
        ]
        var snapshot = Snapshot(instance: instance, now: noon, baseline: noon - .days(1))
        snapshot.executions = ExecutionTable(rows)
        snapshot.details = [
            "101": failure("GET", items: 1), "103": failure("GET", items: 1), "102": failure("POST", items: 5),
            "105": failure("GET", items: 1),
        ]
        snapshot.workflows = [
            "w1": WorkflowInfo(id: "w1", name: "Order sync"), "w2": WorkflowInfo(id: "w2", name: "Reminders"),
        ]
        snapshot.highest = "105"
        return snapshot
    }()

    static let view: LedgerView = {
        let draft = IntentDraft(
            instance: instance, action: .retry, execution: "101", root: "101", workflow: "w1", policy: "retry-orders",
            policyVersion: "v1")
        return LedgerView(
            intents: [
                Intent(
                    id: IntentID(1), draft: draft, state: .applied, reservedAt: agentNoon - .minutes(11),
                    sendingAt: agentNoon - .minutes(11), watermark: "102", settledAt: agentNoon - .minutes(10),
                    child: "103")
            ], children: ["101": ["103"]], owners: ["101": "retry-orders"])
    }()

    static var report: PlanReport {
        let header = PlanReport.Header(
            instance: "production", url: url, now: noon, mode: .enforce, acting: ["retry-orders"],
            dryRun: ["stop-stale-waiting"], lowest: "101", highest: "105", rows: 5, judged: 4,
            coverage: .init(listedFrom: "103", coveredFrom: "102", unreadRanges: 2, gapsLeft: 7),
            capabilities: ServerCapabilities(era: .a, boundsByStart: false, filtersExactly: false, hidesWaiting: true),
            unreadable: [.init("99", why: "the run's data is too large to read")], clockOffset: offset,
            forbidden: [.init(.tag, message: "403: Forbidden")], missingScopes: ["GET /workflows: 403"],
            epoch: 2, ledgerHead: "7:00ff", recordedAhead: agentNoon + .days(1), paused: nil,
            alarm: "execution 9 is not what it was")
        return PlanReport(
            header: header, plan: Planner(set).plan(snapshot, view),
            dryRunPlan: Planner(set, pass: .dryRun).plan(snapshot, view), workflows: snapshot.workflows)
    }

    static func explanation(_ id: ExecutionID, in snapshot: Snapshot = snapshot) -> Explanation? {
        Explanation(of: id, in: snapshot, view: view, dryRunView: view, policies: set, url: url)
    }

    static let warning = Finding(
        .warning, "unused-tag", "no execution bears it", file: "policies/orders.yaml",
        range: SourceRange(at: SourcePosition(line: 4, column: 9)))

    /// The same address, read.
    static let server: ServerURL = {
        do { return try ServerURL(url) } catch { preconditionFailure("\(error)") }
    }()

    static func unresolved(_ words: String) -> Inbox.Unresolved {
        let draft = IntentDraft(
            instance: instance, action: .retry, execution: "88", root: "88", workflow: "w1", policy: "retry-orders",
            policyVersion: "v1")
        let intent = Intent(
            id: IntentID(7), draft: draft, state: .unresolved, reservedAt: agentNoon - .hours(1),
            sendingAt: agentNoon - .hours(1), evidence: .failed(message: words))
        return Inbox.Unresolved(intent: intent, link: "\(url)/workflow/w1/executions/88")
    }

    /// A replay that stopped itself.
    static let waiting: Inbox.Waiting = {
        let start = ReplayStart(
            name: "replay-1", version: "v", total: 3, earliest: noon, by: "me", reason: "r", selection: "all")
        var replay = Replay(start, at: agentNoon)
        (replay.state, replay.movedBy, replay.why) = (.paused, "", "the first had to heal")
        return Inbox.Waiting(instance: "production", replay: replay)
    }()

    static let inbox = Inbox(
        alarms: [.init(instance: "production", reason: "execution 9 is not what it was")],
        unresolved: [unresolved("the connection ended before an answer")], younger: 2,
        held: [.init(instance: "production", reason: .mayRepeat, count: 3, example: "102")])

    static let status: InstanceStatus = {
        let live = Execution(id: "104", workflow: "w1", status: .running, mode: "webhook")
        var missing = IDRanges()
        missing.insert(1...3)
        let tick = TickState(
            tick: 42, at: agentNoon - .seconds(15), accounted: "105", coveredFrom: "102", sweptAt: noon - .minutes(5),
            rows: 5, live: [.init(execution: live, firstSeen: noon)], clockOffset: offset,
            missing: missing)
        return InstanceStatus(
            instance: "production", url: server, mode: .enforce, acting: ["retry-orders"],
            dryRun: ["stop-stale-waiting"],
            record: InstanceStatus.Record(
                epoch: 2, since: noon - .days(1), alarm: "execution 9 is not what it was", paused: "maintenance",
                lastTick: tick, underWay: 1, unresolved: 1, unanswered: 1, exhausted: 2,
                refused: [.tag: "403: Forbidden"],
                head: AuditHead(sequence: 7, hash: [0x00, 0xFF])),
            now: agentNoon, life: .running, recent: recent)
    }()

    /// A day of that instance.
    static let recent: RecentActivity = {
        var recent = RecentActivity()
        (recent.done, recent.wouldHave) = ([.retry: 3, .tag: 1], [.stop: 2])
        (recent.healed, recent.givenUp, recent.unanswered, recent.retriedByPeople) = (2, 1, 1, 4)
        recent.due = [
            .init(execution: "103", policy: "retry-orders", at: agentNoon + .seconds(252), isDryRun: false),
            .init(execution: "104", policy: "stop-stale-waiting", at: agentNoon + .hours(1), isDryRun: true),
        ]
        return recent
    }()

    static let doctor = Doctor(instances: [
        .init(
            instance: "production", url: server, isReachable: true, era: .a,
            capabilities: ["started_after": false, "lists_waiting": false],
            checks: [
                .init(.server, .ok, "n8n answers and takes the key"),
                .init(.server, .note, "waiting runs are in no list"),
                .init(.key, .wrong, "it lacks the scope execution:list: nothing can be polled"),
                .init(
                    .policy, .warning, "the key sees no workflow named 'Order snyc'",
                    remark: ServerRemark(
                        .noWorkflowNamed("Order snyc"), policy: "retry-orders",
                        place: SourcePlace(file: "policies/orders.yaml", line: 4, column: 17),
                        suggestion: "Order sync")),
            ]),
        .init(
            instance: "staging", url: staging, checks: [.init(.server, .wrong, "GET /executions: no answer")]),
    ])

    private static let staging: ServerURL = {
        do { return try ServerURL("http://staging") } catch { preconditionFailure("\(error)") }
    }()

    static let adoption = Adopt.Outcome(
        instance: "production", from: 1, epoch: 2, since: noon, highest: "105", fingerprints: 5,
        alarm: "execution 9 is not what it was", leftUnanswered: 1)
}
