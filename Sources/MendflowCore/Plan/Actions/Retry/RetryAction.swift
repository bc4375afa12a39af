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
