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
