/// What the stages found so far, as it becomes a plan.
struct PlanDraft {
    private let context: PlanningContext
    private var plan = Plan()
    /// The rows that are judged.
    let rowsToJudge: [Execution]
    /// What was found of the rows: of those that are not judged, by an earlier plan.
    private var rows = JudgedRows()
    /// The row that is judged, with what was found of it.
    private var current: (id: ExecutionID, found: JudgedRow, needs: [Need], due: [DueAction])?
    private let groupNeeds: Set<Need>
    /// The plan that this one renews, where not all rows are judged.
    private let earlier: StandingPlan?
    /// The executions about which the earlier plan does not stand.
    private var judged: Set<ExecutionID> = []
    /// What it decided about them without the budgets, in order.
    private var replaced: [Decision] = []
    private var latches: Set<Latch> = []
    /// What was decided now without the budgets, in no order.
    private var fresh: [Decision] = []

    init(
        _ context: PlanningContext, groups: [GroupCount], needs: Set<Need>, _ earlier: StandingPlan?,
        _ changes: SnapshotChanges, only some: Set<ExecutionID>? = nil
    ) {
        self.context = context
        groupNeeds = needs
        plan.groups = groups
        guard let earlier, let due = earlier.due(context, groups, changes) else {
            self.earlier = nil
            rowsToJudge = some?.sorted().compactMap { context.snapshot.executions[$0] } ?? context.rows()
            rows = JudgedRows(capacity: rowsToJudge.count)
            return
        }
        self.earlier = earlier
        judged = due.forgotten.union(due.rows.lazy.map(\.id))
        rowsToJudge = due.rows
        rows = earlier.rows
        for id in due.forgotten {
            guard let since = rows.forget(id)?.since else { continue }
            replaced += Decision.all(about: id, since: since, in: earlier.standing)
        }
        context.validity.changesAll(at: earlier.holdsUntil)
    }

    /// Begins with a row. Latches what it shows for good, although no policy may look at its status.
    mutating func begin(_ row: Execution) {
        keepRow()
        context.validity.beginRow()
        current = (row.id, JudgedRow(workflow: row.workflow, holdsUntil: context.now), [], [])
        if row.status == .success, let parent = row.retryOf { latchSuccess(row, of: parent) }
        let ranToItsEnd = row.status.isFailed && context.snapshot.details[row.id]?.ranToItsEnd == true
        if ranToItsEnd, !context.view.outcomeUnknown.contains(row.id) {
            latches.insert(Latch(.outcomeUnknown, row.id, at: context.validity.momentary()))
        }
    }

    /// A retry that succeeded heals its chain, unless it ran nothing: where what it retried had nothing on its stack, as
    /// runs have that their workflow's time limit canceled (n8n facts 3.3).
    private mutating func latchSuccess(_ row: Execution, of parent: ExecutionID) {
        let root = context.chains.root(of: row.id)
        guard !context.view.ranNothing.contains(row.id), !context.view.healed.contains(root) else { return }
        if context.snapshot.executions[parent]?.status == .canceled {
            guard let detail = context.snapshot.details[parent] else {
                current?.needs.append(.detail(parent))
                return
            }
            if detail.hasEmptyStack {
                latches.insert(Latch(.ranNothing, row.id, at: context.validity.momentary()))
                return
            }
        }
        latches.insert(Latch(.healed, root, at: context.validity.momentary()))
    }

    /// Actions that only the budgets can still hold, once all rows are judged.
    mutating func dueActions() -> [DueAction] {
        keepRow()
        return rows.due.values.joined().map { $0.again(at: context.now) }
    }

    private mutating func keepRow() {
        guard var row = current else { return }
        row.found.holdsUntil = context.validity.ofRow
        rows.add(row.id, row.found, row.needs, row.due)
        current = nil
    }

    /// Adds what the stages found of the row.
    mutating func add(
        _ item: PlanningContext.Item, _ matches: Matches, _ ownership: Ownership, _ rulings: [Ruling]
    ) {
        if item.part != .member { current?.found.isCounted = true }
        current?.found.pairsEvaluated += matches.pairsEvaluated
        current?.needs += matches.needs
        for position in ownership.passedOn { latchExhaustion(item.subject, context.set.shared[position]) }
        if let position = ownership.givenUpBy { latchExhaustion(item.subject, context.set.shared[position]) }
        for ruling in rulings {
            current?.needs += ruling.needs
            if case .held(.exhausted, _) = ruling.verdict { latchExhaustion(item.subject, ruling.proposal.shared) }
            decide(item.subject, ruling.proposal.shared, ruling.verdict, ruling.proposal, ruling.withheld)
        }
        if case .held(let hold, let position) = ownership.outcome {
            current?.needs += hold.needs
            decide(item.subject, position.map { context.set.shared[$0] }, hold.verdict)
        }
    }

    /// The plan with what the budgets granted; everything in order.
    consuming func plan(_ grants: Grants) -> StandingPlan {
        let granted = Decision.oldestFirst(grants.decisions)
        fresh = Decision.oldestFirst(fresh)
        var (standing, changed) = (fresh, Set<ExecutionID>?.none)
        if let earlier {
            let others = Decision.differing(Decision.oldestFirst(replaced), fresh)
            standing = others.isEmpty ? earlier.standing : renewed(earlier.standing)
            changed = others.union(Decision.differing(earlier.granted, granted))
        }
        let isUnchanged = changed?.isEmpty ?? false
        plan.decisions =
            isUnchanged ? earlier?.plan.decisions ?? [] : Decision.oldestFirst(standing, with: granted)
        plan.heldBulkStops = grants.heldBulkStops
        plan.rowsJudged = context.passedOver(lookedAt: rows.all.count) + rows.counted
        plan.pairsEvaluated = rows.pairsEvaluated
        plan.needs = rows.needs.values.reduce(into: groupNeeds) { $0.formUnion($1) }.sorted()
        plan.latches = latches.sorted(by: Latch.isBefore)
        return StandingPlan(
            plan: plan, judged: earlier.map { _ in judged.union(granted.lazy.map(\.execution)) }, changed: changed,
            standing: standing, granted: granted, rows: rows, settledLimit: context.settledLimit,
            holdsUntil: context.validity.ofAll,
            shared: (earlier?.shared ?? SharedAnswers()).with(context.facts.answers), past: context.past)
    }

    /// What stands of an earlier plan, with what was decided now without the budgets.
    private func renewed(_ standing: [Decision]) -> [Decision] {
        let gone = Set(replaced.lazy.map(\.execution))
        let left = gone.isEmpty ? standing : standing.filter { !gone.contains($0.execution) }
        return Decision.oldestFirst(left, with: fresh)
    }

    private mutating func decide(
        _ subject: Subject, _ shared: SharedPolicy?, _ verdict: Verdict, _ proposal: Proposal? = nil,
        _ withheld: ProposedAction? = nil
    ) {
        guard context.writes(shared) else { return }
        var decision = Decision(
            execution: subject.row.id, root: subject.chain.root, workflow: subject.row.workflow,
            status: subject.row.status, since: subject.statusSince ?? context.validity.momentary(), shared: shared,
            verdict: verdict,
            takenFrom: proposal?.takenFrom)
        decision.withheld = withheld
        if case .act = verdict, let proposal {
            current?.due.append(DueAction(decision, proposal))
        } else {
            current?.found.since = decision.since
            fresh.append(decision)
        }
    }

    private mutating func latchExhaustion(_ subject: Subject, _ shared: SharedPolicy) {
        guard !context.isExhausted(subject.chain.root, by: shared) else { return }
        // Nothing is concluded from what an incomplete poll does not show, nor from a time that nobody can tell.
        guard context.snapshot.completeness == .complete, !context.clockOffset.isDisputed else { return }
        if context.pass == .dryRun, shared.policy.mode == .enforce { return }
        latches.insert(
            Latch(.exhausted(policy: shared.policy.name), subject.chain.root, at: context.validity.momentary()))
    }
}
