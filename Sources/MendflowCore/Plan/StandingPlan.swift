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
    /// Those of them about which something else is decided than in the plan before; nil where all were judged.
    package let changed: Set<ExecutionID>?
    /// The decisions that no budget has a part in, in order.
    package let standing: [Decision]
    /// The decisions that the budgets left, in order.
    let granted: [Decision]
    /// What was found of the rows beside their decisions.
    let rows: JudgedRows
    /// Up to which end settled runs were judged; nil where no policy looks at them.
    let settledLimit: ServerTime?
    /// Until when what all rows share holds.
    let holdsUntil: ServerTime
    /// What was worked out of all rows and decided by.
    let shared: SharedAnswers
    /// What was worked out of the past, which is the same in every plan that is made since this one.
    let past: PastActions?

    /// A plan of nothing.
    package static let empty = StandingPlan(
        plan: Plan(), judged: nil, changed: nil, standing: [], granted: [], rows: JudgedRows(), settledLimit: nil,
        holdsUntil: ServerTime(milliseconds: .max), shared: SharedAnswers(), past: nil)

    /// The first time after a moment at which something may be decided otherwise, but for what waits for budgets; nil where a
    /// decision holds the very moment in it, so that it is another one at the next.
    package func nextChange(after now: ServerTime) -> ServerTime? {
        let times = CollectionOfOne(holdsUntil) + rows.all.values.lazy.map(\.holdsUntil)
        return times.contains { $0 <= now } ? nil : times.min()
    }

    /// Whether something is due that only a budget holds.
    package var hasCapped: Bool { !rows.due.isEmpty }

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
            due.forgotten = Set(rows.all.lazy.filter { workflows.contains($0.value.workflow) }.map(\.key))
        }
        for (id, row) in rows.all where row.holdsUntil <= context.now && !due.forgotten.contains(id) {
            due.forgotten.insert(id)
            if let row = executions[id] { due.rows.append(row) }
        }
        // What was too young for every policy until now.
        if let limit = context.settledLimit, let settledLimit, settledLimit < limit {
            due.rows += executions.settled(endedUpTo: limit, after: settledLimit).filter {
                rows.all[$0.id] == nil && !workflows.contains($0.workflow)
            }
        }
        return due
    }
}

/// What was found of a row, beside its decisions.
struct JudgedRow: Sendable {
    let workflow: WorkflowID
    /// Whether it counts as judged, and how many policies were evaluated for it.
    var isCounted = false
    var pairsEvaluated = 0
    /// Since when it is what was decided about, where something was that no budget has a part in: its decisions are found
    /// by that.
    var since: ServerTime?
    /// Until when it holds.
    var holdsUntil: ServerTime
}

/// What was found of all rows, with the sums of it.
struct JudgedRows: Sendable {
    private(set) var all: [ExecutionID: JudgedRow] = [:]
    /// Facts that rows lack.
    private(set) var needs: [ExecutionID: [Need]] = [:]
    /// Actions that only the budgets can still hold: these are asked again for every plan, for time refills them.
    private(set) var due: [ExecutionID: [DueAction]] = [:]
    /// How many rows count as judged, and how many pairs of a row and a policy were evaluated.
    private(set) var counted = 0, pairsEvaluated = 0

    init(capacity: Int = 0) { all.reserveCapacity(capacity) }

    /// Takes in what was found of a row of which nothing is known.
    mutating func add(_ id: ExecutionID, _ row: JudgedRow, _ needs: [Need], _ due: [DueAction]) {
        all[id] = row
        if row.isCounted { counted += 1 }
        pairsEvaluated += row.pairsEvaluated
        if !needs.isEmpty { self.needs[id] = needs }
        if !due.isEmpty { self.due[id] = due }
    }

    /// Forgets a row, and answers what was known of it.
    mutating func forget(_ id: ExecutionID) -> JudgedRow? {
        guard let row = all.removeValue(forKey: id) else { return nil }
        if row.isCounted { counted -= 1 }
        pairsEvaluated -= row.pairsEvaluated
        needs[id] = nil
        due[id] = nil
        return row
    }
}
