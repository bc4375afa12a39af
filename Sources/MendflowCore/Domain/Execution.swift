/// The status of an execution, in n8n's words but for `queued`, which n8n calls `new`.
public enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
    /// Ended by a failed node.
    case error
    /// Found dead after the process that ran it ended.
    case crashed
    /// Stopped by a person, an agent or a time-out.
    case canceled
    /// Being run now.
    case running
    /// Asleep until a time or an event.
    case waiting
    /// Created and not yet begun: n8n's `new`.
    case queued
    /// Ended well.
    case success
    /// n8n's own `unknown`: an undecided row of an older release.
    case unknown
    /// A word that this program does not know; nothing is ever done to such a row.
    case unrecognised

    /// Reads n8n's word.
    public init(api word: some StringProtocol) {
        self = word == "new" ? .queued : ExecutionStatus(rawValue: String(word)) ?? .unrecognised
        if word == "queued" { self = .unrecognised }
    }
    /// n8n's word, as its list filter takes it.
    public var apiWord: String { self == .queued ? "new" : rawValue }
    /// Whether the run has ended and did not succeed.
    public var isFailed: Bool { self == .error || self == .crashed || self == .canceled }
    /// Whether the run may still go on.
    public var isLive: Bool { self == .running || self == .waiting || self == .queued || self == .unknown }
}

/// How an execution was started; open, because n8n adds modes.
public struct ExecutionMode: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// n8n's word.
    public var word: String
    /// Makes a mode of n8n's word.
    public init(_ word: String) { self.word = word }
    /// Makes a mode of a literal.
    public init(stringLiteral value: String) { word = value }
    /// n8n's word.
    public var description: String { word }
    /// A retry of another execution.
    public static let retry: ExecutionMode = "retry"
    /// A sub-workflow's run, started by its parent.
    public static let integrated: ExecutionMode = "integrated"
    /// A run of an error workflow, started by another run's failure.
    public static let error: ExecutionMode = "error"
    /// A mode that the row does not tell: missing, empty or no text.
    public static let unread: ExecutionMode = ""
    /// Whether the row tells it.
    public var isKnown: Bool { self != .unread }
}

/// An execution as n8n's lists show it: no error, no tags, no workflow name (n8n facts 1.3).
public struct Execution: Sendable, Hashable {
    /// The execution's id.
    public var id: ExecutionID
    /// The workflow that ran.
    public var workflow: WorkflowID
    /// The present status.
    public var status: ExecutionStatus
    /// n8n's word for a status that is `unrecognised`; nil for all others.
    public var unrecognisedWord: String?
    /// How it was started.
    public var mode: ExecutionMode
    /// The execution that this one retries: the direct parent, not the root.
    public var retryOf: ExecutionID?
    /// True where the row does not tell whether it is a retry: `retryOf` is missing, or no id and not null.
    public var hidesRetryOf: Bool
    /// A retry of this one that succeeded: a hint only, it may be missing or dangle (n8n facts 3.7).
    public var retrySuccess: ExecutionID?
    /// When the row was made; only answers by id have it.
    public var createdAt: ServerTime?
    /// When it first ran; nil while queued.
    public var startedAt: ServerTime?
    /// When it ended, or went to sleep; a resumed run keeps the old one, so it never says that a run has ended.
    public var stoppedAt: ServerTime?
    /// When a waiting run is to go on; in the year 3000 where it waits for an event.
    public var waitTill: ServerTime?

    /// Makes an execution.
    public init(
        id: ExecutionID, workflow: WorkflowID, status: ExecutionStatus, mode: ExecutionMode = "webhook",
        retryOf: ExecutionID? = nil, retrySuccess: ExecutionID? = nil, createdAt: ServerTime? = nil,
        startedAt: ServerTime? = nil, stoppedAt: ServerTime? = nil, waitTill: ServerTime? = nil,
        hidesRetryOf: Bool = false, unrecognisedWord: String? = nil
    ) {
        self.id = id
        self.workflow = workflow
        self.status = status
        self.unrecognisedWord = unrecognisedWord
        self.mode = mode
        self.retryOf = retryOf
        self.hidesRetryOf = hidesRetryOf
        self.retrySuccess = retrySuccess
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.stoppedAt = stoppedAt
        self.waitTill = waitTill
    }
}

extension Execution {
    /// What is to be said of a status that is not known.
    public var unrecognisedWords: String {
        "n8n says '\(unrecognisedWord ?? "")', a status that this version does not know: nothing is done to it"
    }
}

/// What the program knows of a workflow.
public struct WorkflowInfo: Sendable, Hashable {
    /// The workflow's id.
    public var id: WorkflowID
    /// Its present name.
    public var name: String
    /// Whether it is active (published).
    public var active: Bool
    /// The names of its workflow tags.
    public var tags: [String]
    /// True where the answer does not tell all of its tags; none is known then.
    public var hidesTags: Bool
    /// The id of the project that owns it, and its name where n8n tells (its list of workflows names ids only).
    public var projects: [String]
    /// True where the answer does not tell its owner: every workflow of n8n's has one.
    public var hidesProjects: Bool
    /// The version that was saved last, which a retry with `load_workflow` runs.
    public var draftVersion: String?
    /// The published version.
    public var publishedVersion: String?
    /// Whether successful runs are kept; nil where the instance's default decides, which the API does not tell.
    public var savesSuccesses: Bool?
    /// Whether failed runs are kept; nil as above.
    public var savesFailures: Bool?
    /// Whether each finished node is saved at once, so that a run that crashed goes on where it was; nil as above.
    public var savesProgress: Bool?
    /// The workflow that n8n runs when this one fails; retries that fail start it again.
    public var errorWorkflow: WorkflowID?
    /// Whether it was archived. n8n retries its runs all the same.
    public var isArchived: Bool
    /// The nodes as saved last; nil where the answer does not tell them all.
    public var nodes: WorkflowNodes?

    /// Makes a workflow.
    public init(
        id: WorkflowID, name: String, active: Bool = true, tags: [String] = [], projects: [String] = [],
        draftVersion: String? = nil, publishedVersion: String? = nil, savesSuccesses: Bool? = nil,
        savesFailures: Bool? = nil, savesProgress: Bool? = nil, errorWorkflow: WorkflowID? = nil,
        isArchived: Bool = false, hidesTags: Bool = false, hidesProjects: Bool = false, nodes: WorkflowNodes? = nil
    ) {
        self.id = id
        self.name = name
        self.active = active
        self.tags = tags
        self.projects = projects
        self.hidesTags = hidesTags
        self.hidesProjects = hidesProjects
        self.draftVersion = draftVersion
        self.publishedVersion = publishedVersion
        self.savesSuccesses = savesSuccesses
        self.savesFailures = savesFailures
        self.savesProgress = savesProgress
        self.errorWorkflow = errorWorkflow
        self.isArchived = isArchived
        self.nodes = nodes
    }
}

/// An annotation tag of executions (not a workflow tag).
public struct AnnotationTag: Sendable, Hashable {
    /// The tag's id, which is what n8n takes.
    public var id: String
    /// The tag's name, which is what users write.
    public var name: String
    /// Makes a tag.
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

extension Execution {
    /// How far a start may lie ahead of now before it is wrong rather than early.
    private static let clockMargin = Period.minutes(5)

    /// Whether its times cannot be true together: it starts after it ends, or in the future.
    public func contradictsItself(at now: ServerTime) -> Bool {
        guard let startedAt else { return false }
        let endsEarlier = stoppedAt.map { $0 < startedAt } ?? false
        return endsEarlier && !status.isLive || startedAt > now + Execution.clockMargin
    }
}

extension Execution {
    /// When it ended; nil while it goes on, or where nothing tells. A crashed run that n8n keeps no end of goes by the last
    /// sign of life that it gave: when it began, or was made.
    public var endedAt: ServerTime? { stoppedAt ?? (status == .crashed ? newestTime : nil) }

    /// The newest time that the row tells of what has happened already; nil where it tells none.
    package var newestTime: ServerTime? { [createdAt, startedAt, stoppedAt].compactMap { $0 }.max() }
}
