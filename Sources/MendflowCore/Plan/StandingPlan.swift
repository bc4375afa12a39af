/// A plan, with what it takes to make it again cheaply where nothing but time has gone on.
///
/// On a quiet tick of an instance with thousands of failures nearly all decisions stay as they are. Of each row is known
/// until when its decisions hold (`PlanValidity`), so that only what falls due is judged.
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

    /// A plan of nothing.
    package static let empty = StandingPlan(
        plan: Plan(), judged: nil, standing: [], rows: [:], settledLimit: nil,
        holdsUntil: ServerTime(milliseconds: .max))

    /// The rows that have to be judged now; nil where all have to be.
    func due(_ context: PlanningContext) -> [Execution]? {
        guard context.now < holdsUntil else { return nil }
        let executions = context.snapshot.executions
        var due = rows.compactMap { $0.value.holdsUntil <= context.now ? executions[$0.key] : nil }
        // What was too young for every policy until now.
        if let limit = context.settledLimit, let settledLimit, settledLimit < limit {
            due += executions.settled(endedUpTo: limit, after: settledLimit).filter { rows[$0.id] == nil }
        }
        return due
    }
}

/// What was found of a row, beside its decisions.
struct JudgedRow: Sendable {
    var needs: [Need] = []
    var rowsJudged = 0, pairsEvaluated = 0
    /// Its actions that only the budgets can still hold: these are asked again for every plan, for time refills them.
    var due: [DueAction] = []
    /// Until when it holds.
    var holdsUntil: ServerTime
}
