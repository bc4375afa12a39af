package import MendflowCore
package import MendflowLedger

/// What a cycle wants to know before it can go on.
package enum Question: Sendable, Hashable, Comparable {
    /// A row by its id.
    case row(ExecutionID)
    /// Data or tags of an execution.
    case fact(Need)
    /// The next page of what is older than the look-back, for policies that delete.
    case oldPage

    /// The execution that it is about; nil where it is about many.
    package var execution: ExecutionID? {
        switch self {
        case .row(let id): id
        case .fact(let need): need.execution
        case .oldPage: nil
        }
    }

    private var rank: (Int, ExecutionID?, Need?) {
        switch self {
        case .row(let id): (0, id, nil)
        case .fact(let need): (1, nil, need)
        case .oldPage: (2, nil, nil)
        }
    }

    /// Rows first, then facts, each in order.
    package static func < (one: Question, other: Question) -> Bool {
        switch (one, other) {
        case (.row(let a), .row(let b)): a < b
        case (.fact(let a), .fact(let b)): a < b
        default: one.rank.0 < other.rank.0
        }
    }
}

/// An action that was decided on, on its way into the ledger.
package struct PlannedAction: Sendable, Hashable {
    /// The action.
    package var action: ProposedAction
    /// The row that it was decided from.
    package var judged: Execution?
    /// Whether it is dry-run's: written down and never sent.
    package var isShadow: Bool
    /// The place of its reservation among the step's entries; its intent's number follows from it.
    package var entry: Int
}

/// What a cycle decided: everything that is to be written down and done, as values.
package struct Step: Sendable {
    /// What it wants to know. Where it is not told, what stands below holds all the same: what is unknown decides nothing.
    package var questions: [Question] = []
    /// What is to be appended to the ledger, all or none.
    package var entries: [LedgerEntry] = []
    /// What is reserved by these entries.
    package var actions: [PlannedAction] = []
    /// Retries whose answer was lost and that are to be asked for again.
    package var askings: [PlannedAsking] = []
    /// What is worth telling.
    package var remarks: [Remark] = []
    /// What policies that look for what did not happen found.
    package var absences: [AbsenceFinding] = []
    /// What was counted on the way.
    package internal(set) var metrics = StepMetrics(Plan(), Plan(), acts: false)
    /// The plan of the enforced policies, and that of the dry-run policies.
    package var plan = Plan(), dryRunPlan = Plan()
    /// What it was decided from.
    package var snapshot: Snapshot
    /// The ledger's views that it was decided with: that of the enforced policies, and dry-run's.
    package var view: LedgerView, dryRunView: LedgerView
    /// The same as it was decided, before the walk over old rows added to it.
    package var decided: Decided

    /// Whether it would open an incident: what is over has to be known then.
    package var opensIncident: Bool { !(decided.incidents?.new.isEmpty ?? true) }
}
