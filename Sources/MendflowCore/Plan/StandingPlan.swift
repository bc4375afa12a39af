/// A plan, with what it takes to make it again cheaply where nothing but time has gone on.
///
/// On a quiet tick of an instance with thousands of failures nearly all decisions stay as they are. Of each row is known
/// until when its decisions hold (`PlanValidity`), so that only what falls due is judged.
package struct StandingPlan: Sendable {
    /// The plan.
    package var plan: Plan
    /// Executions that were judged for it, where the others stand as the plan before left them; nil where all were judged.
    package let judged: Set<ExecutionID>?
    /// What was found of each row beside its decisions.
    let rows: [ExecutionID: JudgedRow]
    /// How many rows were judged without a look at them.
    let passedOver: Int
    /// Until when what all rows share holds.
    let holdsUntil: ServerTime

    /// A plan of nothing.
    package static let empty = StandingPlan(
        plan: Plan(), judged: nil, rows: [:], passedOver: 0, holdsUntil: ServerTime(milliseconds: .max))

    /// The rows that have to be judged anew; nil where all have to be.
    func due(at now: ServerTime) -> [ExecutionID]? {
        now < holdsUntil ? rows.filter { $0.value.holdsUntil <= now }.map(\.key) : nil
    }
}

/// What was found of a row, beside its decisions.
struct JudgedRow: Sendable {
    var needs: [Need] = []
    var rowsJudged = 0, pairsEvaluated = 0
    /// Until when it holds.
    var holdsUntil: ServerTime
}
