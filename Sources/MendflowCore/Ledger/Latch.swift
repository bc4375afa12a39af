/// A fact about a chain or an execution that stays true, whatever n8n shows later.
public struct Latch: Sendable, Hashable {
    /// What is latched.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The chain succeeded once (key: root).
        case healed
        /// The policy's retries are used up (key: root, policy).
        case exhausted
        /// n8n says that an action cannot be done to this execution (key: execution, action): 404 or 409.
        case closed
        /// A child of the execution is known, seen or by its id in an answer (key: parent; value: child).
        case child
        /// The row was there and is gone (key: execution).
        case gone
        /// A child that is not ours was seen to end at this time (key: parent; value: child).
        case personRetried = "person_retried"
    }
    /// What is latched.
    public var kind: Kind
    /// The root or the execution that it is about.
    public var execution: ExecutionID
    /// The policy, for `exhausted`; the action, for `closed`; empty otherwise.
    public var policy: String
    /// The child, for `child` and `personRetried`; empty otherwise.
    public var value: String
    /// When it was latched; for `personRetried` when the child ended.
    public var at: ServerTime

    /// Makes a latch.
    public init(_ kind: Kind, _ execution: ExecutionID, policy: String = "", value: String = "", at: ServerTime) {
        self.kind = kind
        self.execution = execution
        self.policy = policy
        self.value = value
        self.at = at
    }
}

/// What is kept of a tick, so that a restart goes on where the last process ended.
public struct TickState: Sendable, Hashable {
    /// An execution that was live at the end of the tick.
    public struct Live: Sendable, Hashable {
        /// The row as last seen.
        public var execution: Execution
        /// When it was seen first.
        public var firstSeen: ServerTime
        /// When it was last seen waiting, which dates a run that was resumed.
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
    /// What was live.
    public var live: [Live]
    /// The look-back's edge: ended runs are covered from here on; nil where that was not kept.
    public var coveredSince: ServerTime?
    /// How far n8n's clock was ahead.
    public var clockOffset: ClockOffset
    /// Ids that were asked for by id and answered 404: they are never given again.
    public var missing: IDRanges
    /// The highest id known at some moments, oldest first: a row below it that was made later is another database's.
    public var sightings: [Sighting]
    /// Ended rows as last seen, by which the database is recognised.
    public var fingerprints: [InstanceBaseline.Fingerprint]

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
        fingerprints: [InstanceBaseline.Fingerprint] = [], coveredSince: ServerTime? = nil
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
    }
}

/// What `init` writes about an instance: from here on ended executions are eligible (semantics 22).
public struct InstanceBaseline: Sendable, Hashable {
    /// A row by which the database is recognised.
    public struct Fingerprint: Sendable, Hashable {
        /// Its id, workflow and start.
        public var id: ExecutionID, workflow: WorkflowID, startedAt: ServerTime?
        /// Makes a fingerprint.
        public init(id: ExecutionID, workflow: WorkflowID, startedAt: ServerTime?) {
            self.id = id
            self.workflow = workflow
            self.startedAt = startedAt
        }
    }
    /// The instance and its epoch.
    public var instance: InstanceKey
    /// Its URL, by which two entries for one server are found.
    public var url: String
    /// What ended before this time is left alone.
    public var since: ServerTime
    /// The highest id at that time.
    public var highest: ExecutionID?
    /// Rows by which the database is recognised.
    public var fingerprints: [Fingerprint]
    /// The moment of the reading that it was made from.
    public var at: ServerTime

    /// Makes a baseline.
    public init(
        instance: InstanceKey, url: String, since: ServerTime, highest: ExecutionID?, fingerprints: [Fingerprint],
        at: ServerTime
    ) {
        self.instance = instance
        self.url = url
        self.since = since
        self.highest = highest
        self.fingerprints = fingerprints
        self.at = at
    }
}
