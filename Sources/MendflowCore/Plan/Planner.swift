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
    let set: PolicySet
    let pass: Planner.Pass
    let scene: Scene
    let lineage: Lineage
    /// Policies that exhausted a chain, by its root, under their present names.
    let exhausted: [ExecutionID: Set<String>]
    /// Positions of the policies that are judged: by name, by status, and those that may want tags.
    let judged: JudgedPolicies
    /// Names that several workflows bear, with their number.
    let sharedNames: [String: Int]
    var index = MatchIndex()
    var groups = GroupCounts()
    /// Stops of policies with `bulk_stop`, by position.
    var bulk: [Int: [Decision]] = [:]
    /// What several policies want to add to one execution's tags in one write.
    var sharedWishes: [ExecutionID: [TagWish]] = [:]
    private var numberedGuards: [Int: Guards] = [:]
    var plan = Plan()
    var needs: Set<Need> = []
    /// Decisions whose action is due and that only the budgets can still hold.
    var due: [Decision] = []

    init(planner: Planner, snapshot: Snapshot, view: LedgerView) {
        set = planner.set
        pass = planner.pass
        let intents = IntentIndex(view.intents)
        scene = Scene(snapshot: snapshot, view: view, tables: planner.set.tables, intents: intents)
        lineage = Lineage(
            rows: snapshot.executions,
            knownChildren: view.children.merging(intents.childrenByParent) { $0.union($1) })
        exhausted = view.exhausted.mapValues { Set($0.map(planner.set.present)) }
        judged = JudgedPolicies(planner)
        sharedNames = Dictionary((snapshot.workflows ?? [:]).values.map { ($0.name, 1) }, uniquingKeysWith: +)
            .filter { $0.value > 1 }
    }

    mutating func judgeAll() {
        countGroups()
        for row in scene.snapshot.executions.values {
            // A chain that healed is latched although no policy looks at successes.
            if row.status == .success { latchHealing(row) }
            let positions = judged.byStatus[row.status] ?? []
            // An owned chain is judged although no policy looks at its status, so that its hold is on record.
            guard set.watches(row.status) || row.status.isFailed && scene.view.owners[lineage.root(of: row.id)] != nil
            else { continue }
            judge(row, positions)
        }
    }

    private mutating func latchHealing(_ row: Execution) {
        guard row.retryOf != nil else { return }
        let root = lineage.root(of: row.id)
        if !scene.view.healed.contains(root) { plan.latches.append(Latch(.healed, root, at: scene.snapshot.now)) }
    }

    /// Judges a row: live ones by themselves, failed and successful ones only as the newest leaf of their chain.
    private mutating func judge(_ row: Execution, _ positions: [Int]) {
        let chain = lineage.chain(of: row.id)
        if !row.status.isLive, chain.nodes.count > 1 {
            // The newest leaf speaks for the chain; where its row is gone, the newest row that is left does.
            let speaker = chain.newestLeaf?.row ?? chain.nodes.last { $0.row?.status.isLive == false }?.row
            guard row.id == speaker?.id else {
                let subject = Subject(scene: scene, chain: chain, row: row)
                if judged.deletes, isEligible(row) { judgeDeletion(subject, matching(subject, positions)) }
                return
            }
        }
        plan.rowsJudged += 1
        let subject = Subject(scene: scene, chain: chain, row: row)
        guard isEligible(row) else {
            let words = row.stoppedAt == nil ? "n8n does not tell when it ended, so it may have been before" : ""
            return decide(subject, nil, .held(.beforeBaseline, words))
        }
        let matches = matching(subject, positions)
        proposeTags(subject, matches)
        remediate(subject, matches)
    }

    func isEligible(_ row: Execution) -> Bool {
        if row.status.isLive || scene.snapshot.seenLive.contains(row.id) { return true }
        guard let end = row.stoppedAt else { return false }
        return end > scene.snapshot.baseline
    }

    /// What matching found: the policies that match, in order, and those that a missing fact leaves open.
    struct Matches {
        /// Positions in the set.
        var positions: [Int] = []
        /// Positions of those that could own and could not be judged yet: those behind them must wait for them.
        var pending: [Int] = []
    }

    private mutating func matching(_ subject: Subject, _ positions: [Int]) -> Matches {
        var matches = Matches()
        index.begin()
        for candidate in index.candidates(kind(subject), of: positions, in: set, scene.snapshot) {
            plan.pairsEvaluated += 1
            var verdict = verdict(candidate, subject)
            if verdict == .yes, judged.hasGroups { verdict = groupVerdict(subject, candidate.position) }
            switch verdict {
            case .yes: matches.positions.append(candidate.position)
            case .no, .unknown: break
            case .needs: if set.owns[candidate.position] { matches.pending.append(candidate.position) }
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

    mutating func decide(_ subject: Subject, _ shared: SharedPolicy?, _ verdict: Verdict, takenFrom: String? = nil) {
        if pass == .dryRun, shared?.policy.mode != .dryRun { return }
        let decision = Decision(
            execution: subject.row.id, root: subject.chain.root, workflow: subject.row.workflow,
            status: subject.row.status, since: subject.statusSince ?? scene.snapshot.now, shared: shared,
            verdict: verdict,
            takenFrom: takenFrom)
        guard case .act(let action) = verdict else { return plan.decisions.append(decision) }
        if action.draft.action == .stop, case .bulkStop? = shared?.policy.remediation,
            let position = judged.byName[action.draft.policy]
        {
            bulk[position, default: []].append(decision)
        } else {
            due.append(decision)
        }
    }

    /// Lets the budgets take from what is due, the oldest first, and puts everything in order.
    consuming func finished() -> Plan {
        let scene = scene
        var budget = Budget(view: scene.view, limits: set.limits, now: scene.snapshot.now, name: set.present) {
            scene.snapshot.executions[$0]
        }
        grantAll(&budget)
        plan.decisions = Decision.oldestFirst(plan.decisions)
        plan.needs = needs.sorted()
        plan.latches = Array(Set(plan.latches)).sorted {
            ($0.execution, $0.kind.rawValue, $0.policy) < ($1.execution, $1.kind.rawValue, $1.policy)
        }
        return plan
    }
}

extension PlanRun {
    /// Grants what is due, the oldest first, a bulk stop at the place of the oldest run that it stops. Where it is held, its
    /// runs take their own places.
    private mutating func grantAll(_ budget: inout Budget) {
        var calls: [ExecutionID: [Decision]] = [:]
        for bulk in bulkStops() {
            due += bulk.call.map { [$0] } ?? bulk.singles
            if let call = bulk.call { calls[call.execution] = bulk.singles }
        }
        var queue = Decision.oldestFirst(due)[...]
        while let next = queue.popFirst() {
            guard let singles = calls[next.execution], next.isBulkStop else {
                plan.decisions += granted(next, &budget)
                continue
            }
            if let (reason, _) = grant(next, &budget) {
                queue = Decision.oldestFirst(hold(singles, next.policyName, reason.rawValue) + queue)[...]
            } else {
                plan.decisions.append(next)
                plan.decisions += singles.filter { $0.execution != next.execution }
                    .map { $0.held(.inBulk, "stopped together with \(next.execution)") }
            }
        }
    }

    /// A decision as the budgets leave it: as it is, or waiting, or with those apart whom their own caps hold.
    private mutating func granted(_ decision: Decision, _ budget: inout Budget) -> [Decision] {
        var (decision, left) = leaveOutCapped(decision, &budget)
        if case .act(let action) = decision.verdict, let (reason, free) = grant(decision, &budget) {
            decision.verdict = .wait(action, until: free, reason)
        }
        return left + [decision]
    }

    /// Lets the budgets grant what is due; nil where they do.
    private mutating func grant(_ decision: Decision, _ budget: inout Budget) -> (Reason, Timestamp?)? {
        guard case .act(let action) = decision.verdict else { return nil }
        return budget.grant(action.draft, guards: guards(of: action.draft))
    }

    /// The guards of all policies that an action is charged to.
    mutating func guards(of draft: IntentDraft) -> [(policy: String, guards: Guards)] {
        draft.contributors.compactMap { judged.byName[$0] }.sorted()
            .map { position in (policy: set.shared[position].policy.name, guards: self.guards(position)) }
    }

    /// A policy's guards with shares as numbers, worked out once.
    private mutating func guards(_ position: Int) -> Guards {
        if let known = numberedGuards[position] { return known }
        let found = numbered(set.shared[position].policy.guards, position)
        numberedGuards[position] = found
        return found
    }
}

extension Decision {
    fileprivate var isBulkStop: Bool {
        if case .act(let action) = verdict { action.draft.action == .bulkStop } else { false }
    }

    /// The same, not done for a reason.
    fileprivate func held(_ reason: Reason, _ words: String) -> Decision {
        var decision = self
        decision.verdict = .held(reason, words)
        return decision
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
        return one.policyName < other.policyName
    }

    private var rank: String {
        switch verdict {
        case .act(let action), .wait(let action, _, _): action.draft.action.rawValue
        case .held(let reason, _): reason.rawValue
        }
    }
}
