/// Stops a policy whose actions do not help: after too many failures nothing for a while, then one trial.
public struct CircuitBreaker: Sendable, Hashable {
    /// Failures that open it; at least 1.
    public var failureThreshold: Int
    /// The time within which they must lie.
    public var window: Period
    /// How long it stays open before a trial.
    public var openFor: Period
    /// What has a breaker of its own.
    public var groupBy: RateLimit.Group

    /// Makes a breaker.
    public init(failureThreshold: Int, window: Period, openFor: Period, groupBy: RateLimit.Group = .policy) {
        self.failureThreshold = failureThreshold
        self.window = window
        self.openFor = openFor
        self.groupBy = groupBy
    }
}
