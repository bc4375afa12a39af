/// What is kept of a tick, so that a restart goes on where the last process ended.
public struct TickState: Sendable, Hashable {
    /// An execution that was live at the end of the tick.
    public struct Live: Sendable, Hashable {
        /// The row as last seen.
        public var execution: Execution
        /// When it was seen first.
        public var firstSeen: ServerTime
        /// When it was seen to wait, at the first look that showed it; nil where it never was.
        public var lastSeenWaiting: ServerTime?
        /// Makes a live execution.
        public init(execution: Execution, firstSeen: ServerTime, lastSeenWaiting: ServerTime? = nil) {
            self.execution = execution
            self.firstSeen = firstSeen
            self.lastSeenWaiting = lastSeenWaiting
        }
    }
    /// The tick's number, from 1.
    public var tick: Int64
    /// When it ended.
    public var at: AgentTime
    /// The highest id that the unfiltered list showed.
    public var accounted: ExecutionID?
    /// Executions with a lower id may have retries that were never read; nil where all within the look-back were.
    public var coveredFrom: ExecutionID?
    /// When the deep sweep was last complete.
    public var sweptAt: ServerTime?
    /// Rows of the last complete snapshot, for the suspicious-poll check.
    public var rows: Int
    /// What was live, and what was seen to crash within the last hour: n8n may still change both.
    public var live: [Live]
    /// The look-back's edge: ended runs are covered from here on; nil where that was not kept.
    public var coveredSince: ServerTime?
    /// How far n8n's clock was ahead.
    public var clockOffset: ClockOffset
    /// The last time that the agent's clock was set back; nil where it never was.
    public var setBack: ClockSetBack?
    /// Ids that were asked for by id and answered 404: they are never given again.
    public var missing: IDRanges
    /// The highest id known at some moments, oldest first: a row below it that was made later is another database's.
    public var sightings: [Sighting]
    /// Ended rows as last seen, by which the database is recognised.
    public var fingerprints: [InstanceBaseline.Fingerprint]
    /// When all that n8n shows was read last, where this tick read less; nil where it read all.
    public var lookedAt: ServerTime?
    /// What could not be read, so that something is held; nil where everything was.
    public var gap: ReadingGap?

    /// A highest id and when it was known.
    public struct Sighting: Sendable, Hashable {
        /// The id.
        public var id: ExecutionID
        /// The moment.
        public var at: ServerTime
        /// Makes a sighting.
        public init(id: ExecutionID, at: ServerTime) {
            self.id = id
            self.at = at
        }
    }

    /// Makes a tick's state.
    public init(
        tick: Int64, at: AgentTime, accounted: ExecutionID?, coveredFrom: ExecutionID? = nil, sweptAt: ServerTime?,
        rows: Int, live: [Live], clockOffset: ClockOffset, missing: IDRanges = IDRanges(), sightings: [Sighting] = [],
        fingerprints: [InstanceBaseline.Fingerprint] = [], coveredSince: ServerTime? = nil,
        setBack: ClockSetBack? = nil, lookedAt: ServerTime? = nil, gap: ReadingGap? = nil
    ) {
        self.tick = tick
        self.at = at
        self.accounted = accounted
        self.coveredFrom = coveredFrom
        self.sweptAt = sweptAt
        self.rows = rows
        self.live = live
        self.clockOffset = clockOffset
        self.missing = missing
        self.sightings = sightings
        self.fingerprints = fingerprints
        self.coveredSince = coveredSince
        self.setBack = setBack
        self.lookedAt = lookedAt
        self.gap = gap
    }
}

extension TickState {
    /// How many executions were live.
    public var liveCount: Int { live.count { $0.execution.status.isLive } }
}
