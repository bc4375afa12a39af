/// Decides: a pure function of snapshot, ledger view, policies and the snapshot's now.
///
/// Run, dry-run, plan, test, explain and backtest all call it, so that they cannot disagree.
public struct Planner: Sendable {
    /// Which policies are judged, and as what.
    public enum Pass: Sendable, Hashable {
        /// The enforced ones.
        case enforced
        /// All but `off`, as if enforced; decisions of enforced policies are left out. `view` holds shadow counters.
        case dryRun
    }
    /// The policies in order.
    public let set: PolicySet
    /// Which policies are judged.
    public let pass: Pass

    /// Makes a planner.
    public init(_ set: PolicySet, pass: Pass = .enforced) {
        self.set = set
        self.pass = pass
    }

    /// Decides about everything in a snapshot. With `needs` the plan is provisional: fetch them and ask again.
    public func plan(_ snapshot: Snapshot, _ view: LedgerView) -> Plan {
        var run = PlanRun(planner: self, snapshot: snapshot, view: view)
        run.judgeAll()
        return run.finished()
    }

    /// Whether a policy takes part in this pass.
    func judges(_ policy: Policy) -> Bool { pass == .enforced ? policy.mode == .enforce : policy.mode != .off }
}

/// One planning in progress.
struct PlanRun {
    let planner: Planner
    let snapshot: Snapshot
    let view: LedgerView
    let lineage: Lineage
    let intents: IntentIndex
    /// Policies that exhausted a chain, by its root, under their present names.
    let exhausted: [ExecutionID: Set<String>]
    var plan = Plan()
    var needs: Set<Need> = []
    /// Decisions whose action is due and that only the budgets can still hold.
    var due: [Decision] = []

    var set: PolicySet { planner.set }

    init(planner: Planner, snapshot: Snapshot, view: LedgerView) {
        self.planner = planner
        self.snapshot = snapshot
        self.view = view
        intents = IntentIndex(view.intents)
        lineage = Lineage(
            rows: snapshot.executions,
            knownChildren: view.children.merging(intents.childrenByParent) { $0.union($1) })
        exhausted = view.exhausted.mapValues { Set($0.map(planner.set.present)) }
    }

    mutating func judgeAll() {
        for row in snapshot.executions.values {
            // A chain that healed is latched although no policy looks at successes.
            if row.status == .success { latchHealing(row) }
            let candidates = set.byStatus[row.status] ?? []
            // An owned chain is judged although no policy looks at its status, so that its hold is on record.
            guard !candidates.isEmpty || row.status.isFailed && view.owners[lineage.root(of: row.id)] != nil else {
                continue
            }
            judge(row, candidates)
        }
    }

    private mutating func latchHealing(_ row: Execution) {
        guard row.retryOf != nil else { return }
        let root = lineage.root(of: row.id)
        if !view.healed.contains(root) { plan.latches.append(Latch(.healed, root, at: snapshot.now)) }
    }

    /// Judges a row: live ones by themselves, failed and successful ones only as the newest leaf of their chain.
    private mutating func judge(_ row: Execution, _ candidates: [Int]) {
        let chain = lineage.chain(of: row.id)
        if !row.status.isLive, chain.nodes.count > 1 {
            // The newest leaf speaks for the chain; where its row is gone, the newest row that is left does.
            guard row.id == (chain.newestLeaf?.row ?? chain.nodes.last { $0.row?.status.isLive == false }?.row)?.id
            else { return }
        }
        plan.rowsJudged += 1
        let subject = Subject(
            snapshot: snapshot, view: view, tables: set.tables, chain: chain, row: row, intents: intents)
        guard isEligible(row) else { return decide(subject, nil, .held(.beforeBaseline, "")) }
        let matches = matching(subject, candidates)
        proposeTags(subject, matches)
        remediate(subject, matches)
    }

    private func isEligible(_ row: Execution) -> Bool {
        if row.status.isLive || snapshot.seenLive.contains(row.id) { return true }
        guard let end = row.stoppedAt else { return false }
        return end > snapshot.baseline
    }

    /// What matching found: the policies that match, in order, and whether a fact is missing before some of them.
    struct Matches {
        var policies: [Policy] = []
        /// Set where a policy that could own could not be judged yet: those behind it must wait for it.
        var pendingAt: Int?
    }

    private mutating func matching(_ subject: Subject, _ candidates: [Int]) -> Matches {
        var matches = Matches()
        for index in candidates where planner.judges(set.policies[index]) {
            let policy = set.policies[index]
            plan.pairsEvaluated += 1
            guard let condition = policy.match else {
                matches.policies.append(policy)
                continue
            }
            var evaluator = Evaluator(tracer: NoTrace())
            switch evaluator.evaluate(condition, subject) {
            case .yes: matches.policies.append(policy)
            case .no, .unknown: break
            case .needs:
                needs.formUnion(evaluator.needs)
                if matches.pendingAt == nil, policy.remediation != nil { matches.pendingAt = matches.policies.count }
            }
        }
        return matches
    }

    /// A tree's verdict with unknown taken as yes, as exceptions and protections do; nil where a fact is missing.
    mutating func holdsOrUnknown(_ condition: Condition, _ subject: Subject) -> Bool? {
        var evaluator = Evaluator(tracer: NoTrace())
        switch evaluator.evaluate(condition, subject) {
        case .yes, .unknown: return true
        case .no: return false
        case .needs:
            needs.formUnion(evaluator.needs)
            return nil
        }
    }

    mutating func decide(_ subject: Subject, _ policy: Policy?, _ verdict: Verdict, takenFrom: String? = nil) {
        if planner.pass == .dryRun, policy?.mode == .enforce || policy == nil { return }
        let decision = Decision(
            execution: subject.row.id, root: subject.chain.root, workflow: subject.row.workflow,
            status: subject.row.status, since: subject.statusSince ?? snapshot.now, policy: policy, verdict: verdict,
            takenFrom: takenFrom)
        if case .act = verdict { due.append(decision) } else { plan.decisions.append(decision) }
    }

    /// Lets the budgets take from what is due, the oldest first, and puts everything in order.
    consuming func finished() -> Plan {
        let rows = snapshot.executions
        let set = set
        let positions = Dictionary(
            set.policies.indices.map { (set.policies[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        var budget = Budget(view: view, limits: set.limits, now: snapshot.now, name: set.present) {
            rows[$0]?.status.isLive == true
        }
        for var decision in Decision.oldestFirst(due) {
            if case .act(let action) = decision.verdict {
                let guards = action.draft.contributors.compactMap { positions[$0] }.sorted()
                    .map { (policy: set.policies[$0].name, guards: set.policies[$0].guards) }
                if let (reason, free) = budget.grant(action.draft, guards: guards) {
                    decision.verdict = .wait(action, until: free, reason)
                }
            }
            plan.decisions.append(decision)
        }
        plan.decisions = Decision.oldestFirst(plan.decisions)
        plan.needs = needs.sorted()
        plan.latches = Array(Set(plan.latches)).sorted {
            ($0.execution, $0.kind.rawValue, $0.policy) < ($1.execution, $1.kind.rawValue, $1.policy)
        }
        return plan
    }
}

extension Decision {
    /// What decides the order nearly always; decisions are large, so not they are moved about while sorting.
    private struct Age {
        var since: Timestamp
        var execution: ExecutionID
        var index: Int
    }

    /// Decisions in order.
    static func oldestFirst(_ decisions: [Decision]) -> [Decision] {
        decisions.enumerated()
            .map { Age(since: $0.element.since, execution: $0.element.execution, index: $0.offset) }
            .sorted { one, other in
                if one.since != other.since { return one.since < other.since }
                if one.execution != other.execution { return one.execution < other.execution }
                return isOlder(decisions[one.index], decisions[other.index])
            }
            .map { decisions[$0.index] }
    }

    /// Oldest first, ties by id, a tag write behind the remediation of the same execution.
    private static func isOlder(_ one: Decision, _ other: Decision) -> Bool {
        if one.since != other.since { return one.since < other.since }
        if one.execution != other.execution { return one.execution < other.execution }
        if one.rank != other.rank { return one.rank < other.rank }
        return one.policy?.name ?? "" < other.policy?.name ?? ""
    }

    private var rank: String {
        switch verdict {
        case .act(let action), .wait(let action, _, _): action.draft.action.rawValue
        case .held(let reason, _): reason.rawValue
        }
    }
}
