/// What the stages found so far, as it becomes a plan.
struct PlanDraft {
    private let context: PlanningContext
    private var plan = Plan()
    private var needs: Set<Need>
    private var latches: Set<Latch> = []
    /// Actions that only the budgets can still hold.
    private(set) var due: [DueAction] = []

    init(_ context: PlanningContext, groups: [GroupCount], needs: Set<Need>) {
        self.context = context
        self.needs = needs
        plan.groups = groups
    }

    /// Latches that a chain healed, although no policy may look at successes.
    mutating func latchHealing(_ row: Execution) {
        guard row.status == .success, row.retryOf != nil else { return }
        let root = context.chains.root(of: row.id)
        if !context.view.healed.contains(root) { latches.insert(Latch(.healed, root, at: context.now)) }
    }

    /// Counts rows that are judged without a look at them.
    mutating func passOver(_ count: Int) { plan.rowsJudged += count }

    /// Adds what the stages found of one row.
    mutating func add(
        _ item: PlanningContext.Item, _ matches: Matches, _ ownership: Ownership, _ rulings: [Ruling]
    ) {
        if item.part != .member { plan.rowsJudged += 1 }
        plan.pairsEvaluated += matches.pairsEvaluated
        needs.formUnion(matches.needs)
        for position in ownership.passedOn { latchExhaustion(item.subject, context.set.shared[position]) }
        for ruling in rulings {
            needs.formUnion(ruling.needs)
            if case .held(.exhausted, _) = ruling.verdict { latchExhaustion(item.subject, ruling.proposal.shared) }
            decide(item.subject, ruling.proposal.shared, ruling.verdict, ruling.proposal)
        }
        if case .held(let hold, let position) = ownership.outcome {
            needs.formUnion(hold.needs)
            decide(item.subject, position.map { context.set.shared[$0] }, hold.verdict)
        }
    }

    /// The plan with what the budgets granted; everything in order.
    consuming func plan(_ grants: Grants) -> Plan {
        plan.decisions.append(contentsOf: grants.decisions)
        plan.decisions = Decision.oldestFirst(plan.decisions)
        plan.heldBulkStops = grants.heldBulkStops
        plan.needs = needs.sorted()
        plan.latches = latches.sorted {
            ($0.execution, $0.kind.rawValue, $0.policy) < ($1.execution, $1.kind.rawValue, $1.policy)
        }
        return plan
    }

    private mutating func decide(
        _ subject: Subject, _ shared: SharedPolicy?, _ verdict: Verdict, _ proposal: Proposal? = nil
    ) {
        guard context.writes(shared) else { return }
        let decision = Decision(
            execution: subject.row.id, root: subject.chain.root, workflow: subject.row.workflow,
            status: subject.row.status, since: subject.statusSince ?? context.now, shared: shared, verdict: verdict,
            takenFrom: proposal?.takenFrom)
        if case .act = verdict, let proposal {
            due.append(DueAction(decision, proposal))
        } else {
            plan.decisions.append(decision)
        }
    }

    private mutating func latchExhaustion(_ subject: Subject, _ shared: SharedPolicy) {
        guard !context.isExhausted(subject.chain.root, by: shared) else { return }
        // Nothing is concluded from what an incomplete poll does not show.
        guard context.snapshot.completeness == .complete else { return }
        if context.pass == .dryRun, shared.policy.mode == .enforce { return }
        latches.insert(Latch(.exhausted, subject.chain.root, policy: shared.policy.name, at: context.now))
    }
}
