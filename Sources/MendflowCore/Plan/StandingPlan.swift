/// A plan, with what it takes to make it again cheaply: what a tick costs follows what has changed, and not the history.
///
/// Of thousands of failures nearly all decisions stay as they are from one tick to the next. Of each row is known until when
/// its decisions hold (`PlanValidity`), and of two snapshots what differs (`SnapshotChanges`): only what falls due, and what
/// belongs to a workflow in which something changed, is judged.
package struct StandingPlan: Sendable {
    /// The plan.
    package var plan: Plan
    /// Executions that were decided about for it, by a look at them or by the budgets, where the others stand as the plan
    /// before left them; nil where all were.
    package let judged: Set<ExecutionID>?
    /// The decisions that no budget has a part in, in order.
    package let standing: [Decision]
    /// What was found of each row beside its decisions.
    let rows: [ExecutionID: JudgedRow]
    /// Up to which end settled runs were judged; nil where no policy looks at them.
    let settledLimit: ServerTime?
    /// Until when what all rows share holds.
    let holdsUntil: ServerTime
    /// What was worked out of all rows and decided by.
    let shared: SharedAnswers

    /// A plan of nothing.
    package static let empty = StandingPlan(
        plan: Plan(), judged: nil, standing: [], rows: [:], settledLimit: nil,
        holdsUntil: ServerTime(milliseconds: .max), shared: SharedAnswers())

    /// What has to be decided anew.
    struct Due {
        /// The rows that are judged.
        var rows: [Execution] = []
        /// The executions about which nothing stands.
        var forgotten: Set<ExecutionID> = []
    }

    /// What has to be decided anew after some changes; nil where everything has to be.
    func due(_ context: PlanningContext, _ groups: [GroupCount], _ changes: SnapshotChanges) -> Due? {
        guard context.now < holdsUntil, groups == plan.groups, shared.hold(context.facts) else { return nil }
        let executions = context.snapshot.executions
        var due = Due()
        let workflows = changes.workflows(context)
        if !workflows.isEmpty {
            due.rows = context.rows(of: workflows)
            due.forgotten = Set(rows.lazy.filter { workflows.contains($0.value.workflow) }.map(\.key))
        }
        for (id, row) in rows where row.holdsUntil <= context.now && !due.forgotten.contains(id) {
            due.forgotten.insert(id)
            if let row = executions[id] { due.rows.append(row) }
        }
        // What was too young for every policy until now.
        if let limit = context.settledLimit, let settledLimit, settledLimit < limit {
            due.rows += executions.settled(endedUpTo: limit, after: settledLimit).filter {
                rows[$0.id] == nil && !workflows.contains($0.workflow)
            }
        }
        return due
    }
}

/// What was found of a row, beside its decisions.
struct JudgedRow: Sendable {
    let workflow: WorkflowID
    var needs: [Need] = []
    var rowsJudged = 0, pairsEvaluated = 0
    /// Its actions that only the budgets can still hold: these are asked again for every plan, for time refills them.
    var due: [DueAction] = []
    /// Until when it holds.
    var holdsUntil: ServerTime
}
