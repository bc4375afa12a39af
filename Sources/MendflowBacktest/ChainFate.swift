package import MendflowCore
import MendflowHistory

/// What really became of a run that failed, without this agent.
package struct ChainFate: Sendable, Hashable {
    /// How it ended.
    package enum End: Sendable, Hashable {
        /// Somebody retried it, and a retry succeeded: that one, at that time; nil where the history does not hold it.
        case healedByPeople(ExecutionID?, ServerTime?)
        /// Nobody healed it; the workflow's next run succeeded, and began then.
        case nextRunSucceeded(ServerTime)
        /// A person or a time-out ended it, and nobody retried it.
        case canceled
        /// Nobody healed it, and the workflow's next run failed too, or there was none.
        case neverHealed
    }
    /// The first run, its workflow, its status at the end and when it failed.
    package var root: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, failedAt: ServerTime
    /// How it ended.
    package var end: End
    /// How often people retried it.
    package var peoplesRetries: Int
    /// When people retried it first.
    package var firstRetry: ServerTime?

    /// Whether people healed it.
    package var isHealed: Bool { if case .healedByPeople = end { true } else { false } }

    /// The fate of every chain of a history whose first run failed, by its id.
    static func all(
        _ history: History, _ chains: RecordedChains, _ outcomes: ObservedOutcomes
    ) -> [ExecutionID: ChainFate] {
        var fates: [ExecutionID: ChainFate] = [:]
        for row in history.rows where row.retryOf == nil && row.status.isFailed {
            guard let failedAt = row.endedAt else { continue }
            let retries = chains.retries(of: row.id)
            fates[row.id] = ChainFate(
                root: row.id, workflow: row.workflow, status: row.status, failedAt: failedAt,
                end: end(row, retries, failedAt, outcomes), peoplesRetries: retries.count,
                firstRetry: retries.lazy.compactMap { $0.startedAt }.min())
        }
        return fates
    }

    private static func end(
        _ row: Execution, _ retries: [Execution], _ failedAt: ServerTime, _ outcomes: ObservedOutcomes
    ) -> End {
        if let success = retries.first(where: { $0.status == .success }) {
            return .healedByPeople(success.id, success.endedAt)
        }
        if let named = ([row] + retries).lazy.compactMap(\.retrySuccess).first { return .healedByPeople(named, nil) }
        if let next = outcomes.nextSuccess(of: row.workflow, after: failedAt) { return .nextRunSucceeded(next) }
        return row.status == .canceled && retries.isEmpty ? .canceled : .neverHealed
    }
}
