import MendflowCore

/// The moment at which tests plan: 2026-05-04T12:00:00Z, a Monday.
let noon = ServerTime(milliseconds: 1_777_896_000_000)

/// The same moment on the agent's clock, where the two agree.
let agentNoon = ClockOffset.zero.agent(noon)

let production = InstanceKey(name: "production", epoch: 1)

extension Condition {
    static func when(_ field: Field, _ operators: FieldOperator...) -> Condition { .test(FieldTest(field, operators)) }
    static func status(_ statuses: ExecutionStatus...) -> Condition {
        .when(.status, .anyOf(statuses.map { .wildcard($0.rawValue) }))
    }
    static func workflow(_ name: String) -> Condition { .when(.workflowName, .anyOf([.wildcard(name)])) }
    static let failed = Condition.status(.error, .crashed, .canceled)
    static let live = Condition.status(.running, .waiting, .queued)
}

extension Backoff {
    /// One minute, doubling to an hour, without jitter.
    static let plain = Backoff(jitter: .none)
}

extension Remediation {
    static func retry(_ most: Int = 3, _ change: (inout RetryAction) -> Void = { _ in }) -> Remediation {
        var action = RetryAction(maxRetries: most, backoff: .plain)
        change(&action)
        return .retry(action)
    }
}

/// A policy that retries failed runs without caps, unless changed.
func policy(
    _ name: String, _ remediation: Remediation? = .retry(), match: Condition? = .failed, tags: [String] = [],
    mode: Mode = .enforce, priority: Int = 0, _ change: (inout Policy) -> Void = { _ in }
) -> Policy {
    var policy = Policy(
        name: name, mode: mode, priority: priority, match: match, remediation: remediation, tags: tags,
        guards: Guards(maxActions: []), version: "v-\(name)")
    change(&policy)
    return policy
}

/// An instance at noon with its past and its policies.
struct World {
    var snapshot = Snapshot(instance: production, now: noon, baseline: noon - .days(3))
    var view = LedgerView()
    var policies: [Policy]
    var protections: [Protection] = []
    var limits = InstanceLimits(maxInFlight: 1000, maxActions: [])
    var tagIDs = ["needs-human": "4", "flaky": "5", "seen": "6"]
    private var intentCount: Int64 = 0

    init(_ policies: Policy...) {
        self.policies = policies
        snapshot.workflows = ["w": WorkflowInfo(id: "w", name: "Order sync", savesSuccesses: true, nodes: .ofDetails)]
    }

    /// Adds a row that ended (or began to sleep or run) some time ago, with data that makes a retry harmless.
    mutating func add(
        _ id: ExecutionID, _ status: ExecutionStatus = .error, retryOf: ExecutionID? = nil,
        ago: Period = .hours(1), workflow: WorkflowID = "w", mode: ExecutionMode = "webhook",
        detail: ExecutionDetail? = .harmless
    ) {
        let began = noon - ago
        snapshot.executions[id] = Execution(
            id: id, workflow: workflow, status: status, mode: retryOf == nil ? mode : .retry, retryOf: retryOf,
            createdAt: began, startedAt: status == .queued ? nil : began - .seconds(status == .running ? 0 : 5),
            stoppedAt: status == .running || status == .queued ? nil : began)
        if snapshot.workflows?[workflow] == nil {
            snapshot.workflows?[workflow] = WorkflowInfo(
                id: workflow, name: "Workflow \(workflow)", nodes: .ofDetails)
        }
        guard var detail else { return }
        detail.status = status
        snapshot.details[id] = detail
    }

    /// Adds an intent to the past and answers its id.
    @discardableResult
    mutating func intend(
        _ action: ActionKind = .retry, _ execution: ExecutionID, _ state: IntentState = .applied,
        ago: Period = .minutes(30), policy: String = "retry", child: ExecutionID? = nil, root: ExecutionID? = nil,
        tags: [String] = [], contributors: [String] = [], workflow: WorkflowID = "w", sent: Bool = true,
        watermark: ExecutionID? = nil, notBefore: AgentTime? = nil, nodeType: String? = nil
    ) -> IntentID {
        intentCount += 1
        let at = agentNoon - ago
        let draft = IntentDraft(
            instance: production, action: action, execution: execution, root: root ?? execution, workflow: workflow,
            policy: policy, policyVersion: "v", contributors: contributors, tags: tags, nodeType: nodeType,
            isShadow: state == .shadow)
        view.intents.append(
            Intent(
                id: IntentID(intentCount), draft: draft, state: state, reservedAt: at, sendingAt: sent ? at : nil,
                watermark: watermark, settledAt: state.isOpen || state == .shadow ? nil : at, child: child,
                notBefore: notBefore))
        return IntentID(intentCount)
    }

    /// Adds an intent that the last look before sending objected to.
    mutating func drop(_ action: ActionKind, _ execution: ExecutionID, ago: Period, policy: String = "retry") {
        intend(action, execution, .void, ago: ago, policy: policy, sent: false)
        view.intents[view.intents.count - 1].evidence = .notSent(objection: "drifted: error -> running")
    }

    /// Sets n8n's clock ahead of the agent's. Rows and decisions stay where they are on n8n's; what was written down by the
    /// agent's own clock happened at the same moments, which that clock calls otherwise.
    mutating func setClocksApart(by ahead: Period) {
        let more = ahead - snapshot.clockOffset.ahead
        snapshot.clockOffset = ClockOffset(ahead: ahead)
        for index in view.intents.indices {
            view.intents[index].reservedAt = view.intents[index].reservedAt - more
            view.intents[index].sendingAt = view.intents[index].sendingAt.map { $0 - more }
            view.intents[index].settledAt = view.intents[index].settledAt.map { $0 - more }
            view.intents[index].notBefore = view.intents[index].notBefore.map { $0 - more }
        }
    }

    private static let classifier = ErrorClassifier(rules: [
        ErrorRule(id: "5xx", .transient, httpCodes: [.wildcard("5*"), .wildcard("ECONNRESET")]),
        ErrorRule(id: "401", .auth, httpCodes: [.wildcard("401")]),
    ])

    var set: PolicySet {
        PolicySet(
            policies: policies, instance: "production", protections: protections, limits: limits, tagIDs: tagIDs,
            tables: JudgementTables(classifier: World.classifier, risks: RepeatRiskJudge()))
    }

    func plan(_ pass: Planner.Pass = .enforced) -> Plan { Planner(set, pass: pass).plan(snapshot, view) }

    /// What is decided about an execution's remediation: the decision that is no tag write.
    func decision(_ id: ExecutionID, _ pass: Planner.Pass = .enforced) -> Decision? {
        plan(pass).decisions.first { $0.execution == id && $0.verdict.action?.draft.action != .tag }
    }

    /// Its label, `nil` where nothing was decided.
    func label(_ id: ExecutionID, _ pass: Planner.Pass = .enforced) -> String? { decision(id, pass)?.verdict.label }

    /// The tag writes that are due.
    var tagWrites: [ProposedAction] { plan().actions.filter { $0.draft.action == .tag } }

    /// The subject of a row, for its facts.
    func subject(_ id: ExecutionID) -> Subject {
        let chain = Chains(snapshot, view).chain(of: id)
        let row = snapshot.executions[id] ?? Execution(id: id, workflow: "none", status: .unrecognised)
        return Subject(snapshot: snapshot, view: view, tables: set.tables, chain: chain, row: row)
    }

    func fact(_ field: Field, _ id: ExecutionID) -> Fact<FieldValue> { subject(id).fact(field) }
}

extension Verdict {
    var action: ProposedAction? {
        switch self {
        case .act(let action), .wait(let action, _, _): action
        case .held: nil
        }
    }
    var until: ServerTime? {
        if case .wait(_, let until, _) = self { until } else { nil }
    }
}

extension WorkflowNodes {
    /// The nodes of the details below.
    static let ofDetails: WorkflowNodes = {
        var nodes = WorkflowNodes()
        for name in ["Fetch", "Charge"] { nodes.add(name: name, type: "n8n-nodes-base.httpRequest", isDisabled: false) }
        return nodes
    }()
}

extension ExecutionDetail {
    /// A GET of one item that was answered 503.
    static let harmless = ExecutionDetail(
        error: ErrorEvidence(name: "NodeApiError", message: "Service unavailable", httpCode: "503"),
        lastNode: NodeEvidence(
            name: "Fetch", type: "n8n-nodes-base.httpRequest", method: "GET", target: "api.example.com/orders"),
        itemsToRepeat: 1, finishedNodes: 2, resumesAtNode: true)
    /// A POST of five items that was cut off.
    static let harmful = ExecutionDetail(
        error: ErrorEvidence(name: "NodeApiError", message: "socket hang up", httpCode: "ECONNRESET"),
        lastNode: NodeEvidence(
            name: "Charge", type: "n8n-nodes-base.httpRequest", method: "POST", target: "api.example.com/charge"),
        itemsToRepeat: 5, finishedNodes: 2, resumesAtNode: true)
    /// A crash without saved progress.
    static let crashed = ExecutionDetail(finishedNodes: 0)
}
