package import MendflowCore
import MendflowHistory

/// What really became of a run that failed.
package struct ChainFate: Sendable, Hashable {
    /// How it ended.
    package enum End: Sendable, Hashable {
        /// Somebody retried it, and a retry succeeded: that one, at that time, where the row tells one.
        case healedByPeople(ExecutionID, ServerTime?)
        /// An agent's retry succeeded, as its ledger tells.
        case healedByAgent
        /// The failed run says that a retry of it succeeded, and there is no row of that: who sent it, and when, nobody can tell.
        case healedUnkept
        /// Nobody healed it; the workflow's next run succeeded, and began then.
        case nextRunSucceeded(ServerTime)
        /// A person or a time-out ended it, and nobody retried it.
        case canceled
        /// An agent stopped it, as its ledger tells, and nobody retried it.
        case stoppedByAgent
        /// Nobody healed it, and the workflow's next run failed too, or there was none.
        case neverHealed
    }
    /// The first run, its workflow, its status at the end and when it failed.
    package var root: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, failedAt: ServerTime
    /// How it ended.
    package var end: End
    /// How often people retried it, and how often an agent did.
    package var peoplesRetries: Int, agentsRetries: Int
    /// When people retried it first.
    package var firstRetry: ServerTime?

    /// Whether people healed it.
    package var isHealedByPeople: Bool { if case .healedByPeople = end { true } else { false } }

    /// Whether some retry healed it, whoever sent it.
    package var isHealed: Bool {
        switch end {
        case .healedByPeople, .healedByAgent, .healedUnkept: true
        case .nextRunSucceeded, .canceled, .stoppedByAgent, .neverHealed: false
        }
    }

    /// The fate of every chain of a history whose first run failed, by its id.
    static func all(
        _ history: History, _ chains: RecordedChains, _ outcomes: ObservedOutcomes
    ) -> [ExecutionID: ChainFate] {
        var fates: [ExecutionID: ChainFate] = [:]
        for row in history.rows where row.retryOf == nil && row.status.isFailed {
            guard let failedAt = row.endedAt else { continue }
            let (all, peoples) = (chains.retries(of: row.id), chains.peoples(of: row.id))
            fates[row.id] = ChainFate(
                root: row.id, workflow: row.workflow, status: row.status, failedAt: failedAt,
                end: end(row, all, history, chains) ?? unhealed(row, all, failedAt, history, outcomes),
                peoplesRetries: peoples.count, agentsRetries: all.count - peoples.count,
                firstRetry: peoples.lazy.compactMap { $0.startedAt }.min())
        }
        return fates
    }

    /// How a retry healed it; nil where none did.
    private static func end(
        _ row: Execution, _ retries: [Execution], _ history: History, _ chains: RecordedChains
    ) -> End? {
        let named = ([row] + retries).lazy.compactMap(\.retrySuccess).first
        if let success = retries.first(where: { $0.status == .success }) ?? named.flatMap({ history[id: $0] }) {
            return chains.isAgents(success.id) ? .healedByAgent : .healedByPeople(success.id, success.endedAt)
        }
        return named.map { chains.isAgents($0) ? .healedByAgent : .healedUnkept }
    }

    private static func unhealed(
        _ row: Execution, _ retries: [Execution], _ failedAt: ServerTime, _ history: History,
        _ outcomes: ObservedOutcomes
    ) -> End {
        if let next = outcomes.nextSuccess(of: row.workflow, after: failedAt) { return .nextRunSucceeded(next) }
        guard row.status == .canceled, retries.isEmpty else { return .neverHealed }
        return history.isStoppedByAgent(row.id) ? .stoppedByAgent : .canceled
    }
}
