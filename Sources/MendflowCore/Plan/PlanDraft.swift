/// What the stages found so far, as it becomes a plan.
struct PlanDraft {
    private let context: PlanningContext
    private var plan = Plan()
    /// The rows that are judged.
    let rowsToJudge: [Execution]
    /// What was found of each row: of those that are not judged, by an earlier plan.
    private var rows: [ExecutionID: JudgedRow] = [:]
    /// The row that is judged.
    private var current: (id: ExecutionID, found: JudgedRow)?
    private let groupNeeds: Set<Need>
    /// Nil where all are.
    private let judged: Set<ExecutionID>?
    private var latches: Set<Latch> = []
    private var shared = SharedAnswers()
    /// What an earlier plan decided without the budgets and stands, in order.
    private var standing: [Decision] = []
    /// What was decided now without the budgets, in no order.
    private var fresh: [Decision] = []

    init(
        _ context: PlanningContext, groups: [GroupCount], needs: Set<Need>, _ earlier: StandingPlan?,
        _ changes: SnapshotChanges
    ) {
        self.context = context
        groupNeeds = needs
        plan.groups = groups
        if let earlier, let due = earlier.due(context, groups, changes) {
            judged = due.forgotten.union(due.rows.lazy.map(\.id))
            rowsToJudge = due.rows
            rows = earlier.rows
            standing = earlier.standing
            if !due.forgotten.isEmpty {
                for id in due.forgotten { rows[id] = nil }
                standing.removeAll { due.forgotten.contains($0.execution) }
            }
            context.validity.changesAll(at: earlier.holdsUntil)
            shared = earlier.shared
        } else {
            judged = nil
            rowsToJudge = context.rows()
        }
    }

    /// Begins with a row. Latches what it shows for good, although no policy may look at its status.
    mutating func begin(_ row: Execution) {
        keepRow()
        context.validity.beginRow()
        current = (row.id, JudgedRow(workflow: row.workflow, holdsUntil: context.now))
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
                current?.found.needs.append(.detail(parent))
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
        return rows.values.flatMap(\.due).map { $0.again(at: context.now) }
    }

    private mutating func keepRow() {
        guard var row = current else { return }
        row.found.holdsUntil = context.validity.ofRow
        rows[row.id] = row.found
        current = nil
    }

    /// Adds what the stages found of the row.
    mutating func add(
        _ item: PlanningContext.Item, _ matches: Matches, _ ownership: Ownership, _ rulings: [Ruling]
    ) {
        if item.part != .member { current?.found.rowsJudged += 1 }
        current?.found.pairsEvaluated += matches.pairsEvaluated
        current?.found.needs += matches.needs
        for position in ownership.passedOn { latchExhaustion(item.subject, context.set.shared[position]) }
        if let position = ownership.givenUpBy { latchExhaustion(item.subject, context.set.shared[position]) }
        for ruling in rulings {
            current?.found.needs += ruling.needs
            if case .held(.exhausted, _) = ruling.verdict { latchExhaustion(item.subject, ruling.proposal.shared) }
            decide(item.subject, ruling.proposal.shared, ruling.verdict, ruling.proposal)
        }
        if case .held(let hold, let position) = ownership.outcome {
            current?.found.needs += hold.needs
            decide(item.subject, position.map { context.set.shared[$0] }, hold.verdict)
        }
    }

    /// The plan with what the budgets granted; everything in order.
    consuming func plan(_ grants: Grants) -> StandingPlan {
        let standing = fresh.isEmpty ? standing : Decision.oldestFirst(standing, with: fresh)
        plan.decisions = grants.decisions.isEmpty ? standing : Decision.oldestFirst(standing, with: grants.decisions)
        plan.heldBulkStops = grants.heldBulkStops
        plan.rowsJudged = context.passedOver(lookedAt: rows.count)
        var needs = groupNeeds
        for row in rows.values {
            plan.rowsJudged += row.rowsJudged
            plan.pairsEvaluated += row.pairsEvaluated
            if !row.needs.isEmpty { needs.formUnion(row.needs) }
        }
        plan.needs = needs.sorted()
        plan.latches = latches.sorted {
            ($0.execution, $0.kind.rawValue, $0.policy) < ($1.execution, $1.kind.rawValue, $1.policy)
        }
        return StandingPlan(
            plan: plan, judged: judged?.union(grants.decisions.map(\.execution)), standing: standing, rows: rows,
            settledLimit: context.settledLimit, holdsUntil: context.validity.ofAll,
            shared: shared.with(context.facts.answers))
    }

    private mutating func decide(
        _ subject: Subject, _ shared: SharedPolicy?, _ verdict: Verdict, _ proposal: Proposal? = nil
    ) {
        guard context.writes(shared) else { return }
        let decision = Decision(
            execution: subject.row.id, root: subject.chain.root, workflow: subject.row.workflow,
            status: subject.row.status, since: subject.statusSince ?? context.validity.momentary(), shared: shared,
            verdict: verdict,
            takenFrom: proposal?.takenFrom)
        if case .act = verdict, let proposal {
            current?.found.due.append(DueAction(decision, proposal))
        } else {
            fresh.append(decision)
        }
    }

    private mutating func latchExhaustion(_ subject: Subject, _ shared: SharedPolicy) {
        guard !context.isExhausted(subject.chain.root, by: shared) else { return }
        // Nothing is concluded from what an incomplete poll does not show.
        guard context.snapshot.completeness == .complete else { return }
        if context.pass == .dryRun, shared.policy.mode == .enforce { return }
        latches.insert(
            Latch(.exhausted, subject.chain.root, policy: shared.policy.name, at: context.validity.momentary()))
    }
}
