/// The one action of a policy that changes the run.
public enum Remediation: Sendable, Hashable {
    /// Run it again.
    case retry(RetryAction)
    /// Stop it.
    case stop
    /// Stop all of its kind in one request; where that is not safe, each by itself.
    case bulkStop(BulkStopAction)
    /// Delete the row of a settled chain.
    case delete

    /// The kind of action.
    public var kind: ActionKind {
        switch self {
        case .retry: .retry
        case .stop: .stop
        case .bulkStop: .bulkStop
        case .delete: .delete
        }
    }
    /// The statuses that the action fits (semantics 9).
    public var fittingStatuses: Set<ExecutionStatus> {
        switch self {
        case .retry: [.error, .crashed, .canceled]
        case .stop: [.running, .waiting, .queued, .unknown]
        case .bulkStop: [.running, .waiting, .queued]
        case .delete: [.error, .crashed, .canceled, .success]
        }
    }
}

/// The kinds of actions, as keys and records name them.
public enum ActionKind: String, Sendable, Hashable, CaseIterable, Comparable {
    /// `POST /executions/{id}/retry`.
    case retry
    /// `POST /executions/{id}/stop`.
    case stop
    /// `PUT /executions/{id}/tags`.
    case tag
    /// `POST /executions/stop`: everything live of a workflow at once.
    case bulkStop = "bulk_stop"
    /// `DELETE /executions/{id}`.
    case delete

    /// The API-key scope that the action needs (n8n facts 7.1); a tag write reads first.
    public var scopes: [String] {
        switch self {
        case .retry: ["execution:retry"]
        case .stop, .bulkStop: ["execution:stop"]
        case .delete: ["execution:delete"]
        case .tag: ["executionTags:list", "executionTags:update"]
        }
    }
    /// Orders by name, so that nothing depends on a set's order.
    public static func < (one: ActionKind, other: ActionKind) -> Bool { one.rawValue < other.rawValue }
}

/// How to retry.
public struct RetryAction: Sendable, Hashable {
    /// What to do with an execution whose own retry request was never answered.
    public enum WhenUnresolved: String, Sendable, Hashable, CaseIterable {
        /// Leave it to a person.
        case hold
        /// Send once more.
        case resend
    }
    /// Retries beyond the first run, over the whole chain, people's included; 1 to 10.
    public var maxRetries: Int
    /// True runs the workflow as saved last; false the version that failed.
    public var loadWorkflow: Bool
    /// How long to wait.
    public var backoff: Backoff
    /// The repeat risks that the author accepts, besides `none`.
    public var acceptedRisks: Set<RepeatRisk>
    /// What to do with our own lost answers.
    public var whenUnresolved: WhenUnresolved
    /// Whether `load_workflow` may run a draft that is not published.
    public var allowDraft: Bool

    /// Makes a retry with the defaults of semantics 49.
    public init(
        maxRetries: Int = 3, loadWorkflow: Bool = false, backoff: Backoff = Backoff(),
        acceptedRisks: Set<RepeatRisk> = [], whenUnresolved: WhenUnresolved = .hold, allowDraft: Bool = false
    ) {
        self.maxRetries = maxRetries
        self.loadWorkflow = loadWorkflow
        self.backoff = backoff
        self.acceptedRisks = acceptedRisks
        self.whenUnresolved = whenUnresolved
        self.allowDraft = allowDraft
    }
}

/// How long to wait before the k-th retry.
public struct Backoff: Sendable, Hashable {
    /// How the interval is spread.
    public enum Jitter: String, Sendable, Hashable, CaseIterable {
        /// Anywhere from none of it to all of it.
        case full
        /// Exactly the interval.
        case none
    }
    /// The interval before the first retry.
    public var initialInterval: Period
    /// What each further interval is multiplied by, in hundredths (200 is twice as long); at least 100.
    public var coefficientHundredths: Int64
    /// The longest interval.
    public var maxInterval: Period
    /// How the interval is spread.
    public var jitter: Jitter

    /// Makes a backoff with the defaults of semantics 49.
    public init(
        initialInterval: Period = .minutes(1), coefficientHundredths: Int64 = 200, maxInterval: Period = .hours(1),
        jitter: Jitter = .full
    ) {
        self.initialInterval = initialInterval
        self.coefficientHundredths = coefficientHundredths
        self.maxInterval = maxInterval
        self.jitter = jitter
    }

    /// The interval before retry k + 1, where k retries were made already.
    public func interval(after retries: Int) -> Period {
        var milliseconds = min(initialInterval, maxInterval).milliseconds
        for _ in 0..<max(0, retries) {
            let (product, overflow) = milliseconds.multipliedReportingOverflow(by: coefficientHundredths)
            milliseconds = overflow ? maxInterval.milliseconds : product / 100
            if milliseconds >= maxInterval.milliseconds { return maxInterval }
        }
        return Period(milliseconds: milliseconds)
    }
}
