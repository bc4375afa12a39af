package import MendflowCore
package import MendflowHistory

/// What came of retries that an agent really sent: runs of a history that are outcomes of what it decided, and no part of
/// the past that it met. With them a backtest of the agent's own policies has to decide what it decided.
package struct FedBackOutcomes: Sendable {
    /// The runs that were started, by the runs that they retried.
    private var runs: [ExecutionID: Execution] = [:]
    private var details: [ExecutionID: ExecutionDetail] = [:]

    /// No outcomes: retries turn out as it is guessed.
    package init() {}

    /// Takes the runs that an agent started out of a history, and the ends of running ones that it stopped, and answers what is
    /// left of it.
    package static func taken(
        _ ours: Set<ExecutionID>, stopped: Set<ExecutionID> = [], from history: History
    ) -> (history: History, outcomes: FedBackOutcomes) {
        var outcomes = FedBackOutcomes()
        var rows: [Execution] = []
        for row in history.rows {
            var row = row
            // n8n notes at a run which retry of it succeeded: that is an outcome too, of a later decision.
            if row.retrySuccess.map(ours.contains) ?? false { row.retrySuccess = nil }
            if stopped.contains(row.id) { (row.status, row.stoppedAt) = (.running, nil) }
            guard ours.contains(row.id), let parent = row.retryOf else {
                rows.append(row)
                continue
            }
            outcomes.runs[parent] = row
            outcomes.details[row.id] = history.details[row.id]
        }
        let details = Dictionary(history.details.all.filter { !ours.contains($0.id) }.map { ($0.id, $0.detail) }) { $1 }
        return (History(rows, details: details, workflows: Array(history.workflows.values)), outcomes)
    }

    /// The run that a retry of another one started, with its data; nil where none is known.
    subscript(parent: ExecutionID) -> (run: Execution, detail: ExecutionDetail?)? {
        runs[parent].map { ($0, details[$0.id]) }
    }
}
