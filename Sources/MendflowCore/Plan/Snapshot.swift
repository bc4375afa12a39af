/// Whether a poll saw everything; nothing is concluded from absence in a partial one.
public enum Completeness: Sendable, Hashable {
    /// Everything that n8n shows within the look-back window.
    case complete
    /// Something is missing, for these reasons.
    case partial([String])
}

/// What is known of one instance at one moment: the input of every decision.
public struct Snapshot: Sendable, Hashable {
    /// The instance and its epoch.
    public var instance: InstanceKey
    /// The moment.
    public var now: ServerTime
    /// How far n8n's clock is ahead. The times of intents are the agent's, and are compared with those of rows by this.
    public var clockOffset: ClockOffset
    /// Whether the poll saw everything.
    public var completeness: Completeness = .complete
    /// What ended before is left alone.
    public var baseline: ServerTime
    /// The rows, within the look-back window and live ones of any age.
    public var executions: ExecutionTable = [:]
    /// When live rows were first seen, and when crashed ones were first seen so.
    public var firstSeen: [ExecutionID: ServerTime] = [:]
    /// When live rows were seen to wait, at the first look that showed it.
    public var lastSeenWaiting: [ExecutionID: ServerTime] = [:]
    /// Ended rows that were seen live after the baseline. They are looked at even where they say that they ended before it.
    public var seenLive: Set<ExecutionID> = []
    /// Data of rows, fetched on demand.
    public var details: [ExecutionID: ExecutionDetail] = [:]
    /// Annotation tags of rows, fetched on demand.
    public var tags: [ExecutionID: [AnnotationTag]] = [:]
    /// The workflows; nil where they could not be read.
    public var workflows: [WorkflowID: WorkflowInfo]? = [:]
    /// The newest success of each workflow that is no retry.
    public var newestSuccess: [WorkflowID: ExecutionID] = [:]
    /// The highest id known.
    public var highest: ExecutionID?
    /// How long successful runs took, by workflow, where more is known than the rows of this snapshot tell.
    public var runTimes: [WorkflowID: RunTimes] = [:]
    /// Rows whose annotation tags could not be read: they are unknown.
    public var unreadableTags: Set<ExecutionID> = []
    /// How much of what the server has was seen.
    public var coverage: Coverage
    /// Actions for which the server has no request.
    public var notOffered: Set<ActionKind> = []
    /// What was counted over all rows, where this is the evidence of some decisions; nil where it holds all that is known.
    public var counted: CountedFacts?

    /// Makes a snapshot that shows nothing yet; what was seen is set by name, so that nobody depends on the order of all of
    /// it.
    public init(
        instance: InstanceKey, now: ServerTime, clockOffset: ClockOffset = .zero,
        baseline: ServerTime = ServerTime(milliseconds: 0), coverage: Coverage = Coverage()
    ) {
        self.instance = instance
        self.now = now
        self.clockOffset = clockOffset
        self.baseline = baseline
        self.coverage = coverage
    }
}
