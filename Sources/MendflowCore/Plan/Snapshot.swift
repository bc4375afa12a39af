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
    /// The moment, on the server's clock: ours corrected by the measured offset.
    public var now: Timestamp
    /// Whether the poll saw everything.
    public var completeness: Completeness
    /// What ended before is left alone.
    public var baseline: Timestamp
    /// The rows, within the look-back window and live ones of any age.
    public var executions: ExecutionTable
    /// When live rows were first seen.
    public var firstSeen: [ExecutionID: Timestamp]
    /// When running rows were last seen waiting.
    public var lastSeenWaiting: [ExecutionID: Timestamp]
    /// Ended rows that were seen live after the baseline, which are eligible whatever their end says.
    public var seenLive: Set<ExecutionID>
    /// Data of rows, fetched on demand.
    public var details: [ExecutionID: ExecutionDetail]
    /// Annotation tags of rows, fetched on demand.
    public var tags: [ExecutionID: [AnnotationTag]]
    /// The workflows; nil where they could not be read.
    public var workflows: [WorkflowID: WorkflowInfo]?
    /// The newest success of each workflow that is no retry.
    public var newestSuccess: [WorkflowID: ExecutionID]
    /// The highest id known.
    public var highest: ExecutionID?
    /// Executions with a lower id may have retries that were never read; nil where all within the look-back were.
    public var coveredFrom: ExecutionID?
    /// From this id on every row that n8n's list shows is among `executions`; nil where that holds for the look-back.
    public var listedFrom: ExecutionID?
    /// How long successful runs took, by workflow, where more is known than the rows of this snapshot tell.
    public var runTimes: [WorkflowID: RunTimes]
    /// How far back the rows reach; what is younger may still be retried.
    public var lookBack: Period
    /// Ids between known ones that are neither rows nor known to be missing: hidden runs may be among them.
    public var gapsLeft: Int
    /// Rows whose annotation tags could not be read: they are unknown.
    public var unreadableTags: Set<ExecutionID>
    /// From this id on every id is a row of `executions` or known to be missing; nil where that is not known of any.
    public var accountedFrom: ExecutionID?
    /// Whether waiting runs are in no list of this server, so that some below `accountedFrom` may never have been seen.
    public var hidesWaiting: Bool

    /// Makes a snapshot.
    public init(
        instance: InstanceKey, now: Timestamp, completeness: Completeness = .complete,
        baseline: Timestamp = Timestamp(milliseconds: 0), executions: ExecutionTable = [:],
        firstSeen: [ExecutionID: Timestamp] = [:], lastSeenWaiting: [ExecutionID: Timestamp] = [:],
        seenLive: Set<ExecutionID> = [], details: [ExecutionID: ExecutionDetail] = [:],
        tags: [ExecutionID: [AnnotationTag]] = [:], workflows: [WorkflowID: WorkflowInfo]? = [:],
        newestSuccess: [WorkflowID: ExecutionID] = [:], highest: ExecutionID? = nil,
        coveredFrom: ExecutionID? = nil, listedFrom: ExecutionID? = nil, runTimes: [WorkflowID: RunTimes] = [:],
        lookBack: Period = .hours(48), gapsLeft: Int = 0, unreadableTags: Set<ExecutionID> = [],
        accountedFrom: ExecutionID? = nil, hidesWaiting: Bool = false
    ) {
        self.instance = instance
        self.now = now
        self.completeness = completeness
        self.baseline = baseline
        self.executions = executions
        self.firstSeen = firstSeen
        self.lastSeenWaiting = lastSeenWaiting
        self.seenLive = seenLive
        self.details = details
        self.tags = tags
        self.workflows = workflows
        self.newestSuccess = newestSuccess
        self.runTimes = runTimes
        self.lookBack = lookBack
        self.highest = highest
        self.coveredFrom = coveredFrom
        self.listedFrom = listedFrom
        self.gapsLeft = gapsLeft
        self.unreadableTags = unreadableTags
        self.accountedFrom = accountedFrom
        self.hidesWaiting = hidesWaiting
    }
}
