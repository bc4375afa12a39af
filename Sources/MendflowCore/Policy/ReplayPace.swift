/// How fast a replay goes, beside the guards that its policy has as any other, and when it stops by itself.
///
/// A replay is a policy that a person starts for some executions once, as after an outage; n8n's failures are retried by the
/// same rules as for any policy, each of them once.
public struct ReplayPace: Sendable, Hashable {
    /// How many retries have to heal before any other is sent; 0 for none.
    public var canary: Int
    /// The most retries of one workflow that run at once; nil where only the instance's limit counts.
    public var inFlightPerWorkflow: Int?
    /// After how many retries that failed again the replay is paused; nil never.
    public var stopAfterFailures: Int?

    /// Makes a pace.
    public init(canary: Int = 0, inFlightPerWorkflow: Int? = nil, stopAfterFailures: Int? = nil) {
        self.canary = canary
        self.inFlightPerWorkflow = inFlightPerWorkflow
        self.stopAfterFailures = stopAfterFailures
    }
}
