public import MendflowCore

/// What one decision was made from, beside what its planning tells of the moment: bounded, and without secrets. Where
/// enforced policies and those in dry-run decided together, it is told for each pass.
public struct DecisionEvidence: Sendable, Hashable {
    /// For the pass of the enforced policies; nil where it decided nothing.
    public var enforced: Source?
    /// For the pass of dry-run.
    public var dryRun: Source?

    /// Makes the evidence of one pass or of both.
    public init(enforced: Source? = nil, dryRun: Source? = nil) {
        self.enforced = enforced
        self.dryRun = dryRun
    }

    /// Where the slice of a snapshot stands.
    public indirect enum Source: Sendable, Hashable {
        /// With the decision.
        case own(EvidenceSlice)
        /// In a piece: runs that may leave in one request are judged together, from one slice.
        case joint(EvidenceHash)
    }

    /// All pieces that it names.
    var hashes: Set<EvidenceHash> {
        [enforced, dryRun].compactMap { $0 }.reduce(into: []) { all, source in
            switch source {
            case .own(let slice): all.formUnion(slice.hashes)
            case .joint(let hash): all.insert(hash)
            }
        }
    }
}

/// The slice of a snapshot that a decision was made from, with its rows, data and workflows by their hashes.
public struct EvidenceSlice: Sendable, Hashable {
    /// The executions that were judged together.
    public var judged: Set<ExecutionID>
    /// The rows, in the order of their ids.
    public var rows: [EvidenceHash]
    /// What else is known of some of the executions.
    public var facts: [Facts]
    /// The workflows; nil where they could not be read.
    public var workflows: [EvidenceHash]?
    /// How runs of the workflows ended.
    public var histories: [History]
    /// The groups that count.
    public var groups: [GroupCount]
    /// What shares are shares of.
    public var populations: [CountedFacts.Population]

    /// What is known of one execution beside its row.
    public struct Facts: Sendable, Hashable {
        /// The execution.
        public var execution: ExecutionID
        /// Its data, without the two times; nil where it was not read.
        public var detail: EvidenceHash?
        /// When the row was made and when the error happened, as its data tells. Apart, since runs that fail in one storm
        /// leave the same data but for these.
        public var createdAt: ServerTime?, failedAt: ServerTime?
        /// Its annotation tags; nil where they were not read, `hidesTags` where they could not be.
        public var tags: [AnnotationTag]?, hidesTags = false
        /// When it was first seen, and last seen waiting; whether it was seen live after the baseline.
        public var firstSeen: ServerTime?, lastSeenWaiting: ServerTime?, wasSeenLive = false

        /// Makes facts that tell nothing yet.
        public init(_ execution: ExecutionID) { self.execution = execution }
    }

    /// How runs of a workflow ended.
    public struct History: Sendable, Hashable {
        /// The workflow.
        public var workflow: WorkflowID
        /// Its newest success that is no retry, and how long successes took.
        public var newestSuccess: ExecutionID?, runTimes: RunTimes?

        /// Makes a history.
        public init(_ workflow: WorkflowID, newestSuccess: ExecutionID?, runTimes: RunTimes?) {
            self.workflow = workflow
            self.newestSuccess = newestSuccess
            self.runTimes = runTimes
        }
    }

    /// Makes a slice that shows nothing yet.
    public init(judging judged: Set<ExecutionID>) {
        self.judged = judged
        (rows, facts, workflows, histories, groups, populations) = ([], [], [], [], [], [])
    }

    var hashes: Set<EvidenceHash> { Set(rows + facts.compactMap(\.detail) + (workflows ?? [])) }
}
