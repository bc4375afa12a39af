import MendflowCore
import MendflowHistory

/// How the retries turn out that a backtest decides on: nobody can know, so three answers bound it.
public enum RetryOutcomes: String, Sendable, Hashable, CaseIterable {
    /// Every retry fails as the run before it did.
    case allFail = "all_fail"
    /// As what happened next suggests: see `ObservedOutcomes`.
    case asObserved = "as_observed"
    /// Every retry succeeds.
    case allHeal = "all_heal"
}

/// What the history says of how a retry at a time would have ended.
///
/// The nearest thing that happened to the same input decides: the chain's own next retry, by whomever. It counts for a
/// moment only if no other run of the workflow failed in between, for then the trouble still went on. A retry that is known
/// to have succeeded, and of which there is no row, counts in the same way. Where nobody retried
/// the chain, the workflow's next run decides, and only for failures that pass by themselves: what is wrong with the input
/// stays wrong.
struct ObservedOutcomes: Sendable {
    private let history: History
    private let chains: RecordedChains
    /// The ended runs of each workflow that are no retries, by their start.
    private let runs: [WorkflowID: [Run]]

    private struct Run: Sendable {
        var start: ServerTime
        var isSuccess: Bool
    }

    init(_ history: History, _ chains: RecordedChains) {
        self.history = history
        self.chains = chains
        var runs: [WorkflowID: [Run]] = [:]
        for row in history.rows where row.retryOf == nil && !row.status.isLive {
            guard let start = row.startedAt else { continue }
            runs[row.workflow, default: []].append(Run(start: start, isSuccess: row.status == .success))
        }
        self.runs = runs.mapValues { $0.sorted { $0.start < $1.start } }
    }

    /// Whether a retry of a chain, sent at a time, would have succeeded as far as the history tells.
    func succeeds(_ root: ExecutionID, _ workflow: WorkflowID, _ errorClass: ErrorClass?, at time: ServerTime) -> Bool {
        let own = chains.retries(of: root).first { ($0.startedAt ?? time) >= time && !$0.status.isLive }
        if let own, let start = own.startedAt {
            guard own.status == .success else { return false }
            return !fails(workflow, from: time, to: start)
        }
        if let success = chains.unkeptSuccess(of: root) {
            // Ids are given one after the other: it had begun when the run with the next higher one did.
            let latest = history.firstRow(above: success)?.beginning ?? ServerTime(milliseconds: .max)
            return !fails(workflow, from: time, to: latest)
        }
        guard let errorClass, errorClass.passesByItself, let next = next(workflow, after: time) else { return false }
        return next.isSuccess
    }

    /// The workflow's next run after a time, whatever became of it.
    private func next(_ workflow: WorkflowID, after time: ServerTime) -> Run? {
        guard let runs = runs[workflow] else { return nil }
        let place = runs.firstPlace { $0.start >= time }
        return place < runs.count ? runs[place] : nil
    }

    /// Whether a run of the workflow that began in some time failed.
    private func fails(_ workflow: WorkflowID, from start: ServerTime, to end: ServerTime) -> Bool {
        guard let runs = runs[workflow] else { return false }
        var place = runs.firstPlace { $0.start >= start }
        while place < runs.count, runs[place].start < end {
            if !runs[place].isSuccess { return true }
            place += 1
        }
        return false
    }

    /// When the workflow's next run succeeded after a time, and no run failed before it.
    func nextSuccess(of workflow: WorkflowID, after time: ServerTime) -> ServerTime? {
        guard let next = next(workflow, after: time), next.isSuccess else { return nil }
        return next.start
    }
}

extension ErrorClass {
    /// Whether a failure of this class may be over by itself when the same input is tried again.
    var passesByItself: Bool {
        switch self {
        case .transient, .rateLimit, .quota, .timeout, .crash, .infra, .llmOutput: true
        case .auth, .data, .configuration, .conflict, .deliberate, .canceledByUser, .notRetryable, .unknown: false
        }
    }
}
