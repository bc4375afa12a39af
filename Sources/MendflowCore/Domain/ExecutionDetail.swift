/// What an execution's data says, capped and scrubbed when it was read: evaluation sees only what the record keeps.
public struct ExecutionDetail: Sendable, Hashable {
    /// Whether the data could be read.
    public enum Readability: Sendable, Hashable {
        /// Read whole.
        case readable
        /// n8n hid the data; name and HTTP code of the error may be left.
        case redacted
        /// Larger than n8n shows or than we read.
        case oversized
        /// n8n answered an error, or nothing that parses; the text says which.
        case unreadable(String)
        /// n8n's lists show the execution, and by id n8n answered 404.
        case unfound
    }
    /// What a node that sleeps waits for.
    public enum WaitKind: String, Sendable, Hashable {
        /// A time.
        case timer
        /// A webhook, a form, an approval.
        case event

        /// From here on, 2099-01-01, a time to wait until says that there is none (semantics 7): n8n writes the year 3000,
        /// community nodes the end of 2099.
        public static let indefinite = ServerTime(milliseconds: 4_070_908_800_000)
    }

    private struct Parts: Sendable, Hashable {
        var readability: Readability
        var status: ExecutionStatus
        var createdAt: ServerTime?
        var error: Shared<ErrorEvidence>?
        var lastNode: Shared<NodeEvidence>?
        var itemsToRepeat: Int?
        var finishedNodes: Int?
        var resumesAtNode: Bool?
        var startNode: Shared<NodeEvidence>?
        var hasEmptyStack: Bool
        var ranToItsEnd: Bool
        var ranPastStack: Bool
        var tools: [NodeEvidence]?
        var waitKind: WaitKind?
        var customData: [String: String]
        var unreadCustomData: Set<String>?
        var parentExecution: ExecutionID?
        var workflowVersion: String?
        var reachedTimeLimit: Bool?
    }
    /// Copies share what they say: it is much, and plans go through thousands of them.
    private var parts: Shared<Parts>

    /// Whether the data could be read; where not, everything below is what was left of it.
    public var readability: Readability {
        get { parts.value.readability }
        set { parts = parts.with(\.readability, newValue) }
    }
    /// The status the row had when its data was read: data of an older status is not evidence for the present one.
    public var status: ExecutionStatus {
        get { parts.value.status }
        set { parts = parts.with(\.status, newValue) }
    }
    /// When the row was made.
    public var createdAt: ServerTime? {
        get { parts.value.createdAt }
        set { parts = parts.with(\.createdAt, newValue) }
    }
    /// The error, nil where the data has none.
    public var error: ErrorEvidence? {
        get { parts.value.error?.value }
        set { parts = parts.with(\.error, newValue.map(Shared.init)) }
    }
    /// The node that failed, or else the one that ran last.
    public var lastNode: NodeEvidence? {
        get { parts.value.lastNode?.value }
        set { parts = parts.with(\.lastNode, newValue.map(Shared.init)) }
    }
    /// Input items that a retry would feed to the failed node again.
    public var itemsToRepeat: Int? {
        get { parts.value.itemsToRepeat }
        set { parts = parts.with(\.itemsToRepeat, newValue) }
    }
    /// Number of nodes whose run is stored: 0 after a crash means that a retry starts at the trigger.
    public var finishedNodes: Int? {
        get { parts.value.finishedNodes }
        set { parts = parts.with(\.finishedNodes, newValue) }
    }
    /// Whether a retry begins at the first node of the stored stack; false where it begins at the trigger.
    public var resumesAtNode: Bool? {
        get { parts.value.resumesAtNode }
        set { parts = parts.with(\.resumesAtNode, newValue) }
    }
    /// The first node of the stored stack, at which a retry begins. It need not be the node that the error names: a model
    /// or a memory that fails is never on the stack, the agent that uses it is.
    public var startNode: NodeEvidence? {
        get { parts.value.startNode?.value }
        set { parts = parts.with(\.startNode, newValue.map(Shared.init)) }
    }
    /// Whether the stored stack is empty: n8n then answers a retry with success and runs nothing.
    public var hasEmptyStack: Bool {
        get { parts.value.hasEmptyStack }
        set { parts = parts.with(\.hasEmptyStack, newValue) }
    }
    /// Whether the run went to its end although its status says that it failed: n8n calls a retried run that was canceled
    /// `error` with `finished: true` and keeps the old error, however well its nodes ran.
    public var ranToItsEnd: Bool {
        get { parts.value.ranToItsEnd }
        set { parts = parts.with(\.ranToItsEnd, newValue) }
    }
    /// Whether the run may have gone on past the node that the stored stack begins with, so that the data is older than the
    /// run's end: it slept there and was woken, or a node behind it was under way when n8n died.
    public var ranPastStack: Bool {
        get { parts.value.ranPastStack }
        set { parts = parts.with(\.ranPastStack, newValue) }
    }
    /// Tools of agents that ran, or may have run, in this execution; nil where that is not known.
    public var tools: [NodeEvidence]? {
        get { parts.value.tools }
        set { parts = parts.with(\.tools, newValue) }
    }
    /// What a waiting run waits for, where its node tells.
    public var waitKind: WaitKind? {
        get { parts.value.waitKind }
        set { parts = parts.with(\.waitKind, newValue) }
    }
    /// What the workflow noted with `$execution.customData`.
    public var customData: [String: String] {
        get { parts.value.customData }
        set { parts = parts.with(\.customData, newValue) }
    }
    /// Keys that it noted and whose value cannot be read; nil where the notes as a whole cannot.
    public var unreadCustomData: Set<String>? {
        get { parts.value.unreadCustomData }
        set { parts = parts.with(\.unreadCustomData, newValue) }
    }
    /// The run that started this one as a sub-workflow.
    public var parentExecution: ExecutionID? {
        get { parts.value.parentExecution }
        set { parts = parts.with(\.parentExecution, newValue) }
    }
    /// The workflow version that ran.
    public var workflowVersion: String? {
        get { parts.value.workflowVersion }
        set { parts = parts.with(\.workflowVersion, newValue) }
    }
    /// Whether the run lasted as long as its workflow's settings allow; nil where they set no limit.
    public var reachedTimeLimit: Bool? {
        get { parts.value.reachedTimeLimit }
        set { parts = parts.with(\.reachedTimeLimit, newValue) }
    }

    /// Makes a detail.
    public init(
        readability: Readability = .readable, status: ExecutionStatus = .error, createdAt: ServerTime? = nil,
        error: ErrorEvidence? = nil, lastNode: NodeEvidence? = nil, itemsToRepeat: Int? = nil,
        finishedNodes: Int? = nil, resumesAtNode: Bool? = nil, startNode: NodeEvidence? = nil,
        hasEmptyStack: Bool = false, ranToItsEnd: Bool = false, ranPastStack: Bool = false,
        tools: [NodeEvidence]? = nil, waitKind: WaitKind? = nil,
        customData: [String: String] = [:], unreadCustomData: Set<String>? = [], parentExecution: ExecutionID? = nil,
        workflowVersion: String? = nil, reachedTimeLimit: Bool? = nil
    ) {
        parts = Shared(
            Parts(
                readability: readability, status: status, createdAt: createdAt, error: error.map(Shared.init),
                lastNode: lastNode.map(Shared.init), itemsToRepeat: itemsToRepeat, finishedNodes: finishedNodes,
                resumesAtNode: resumesAtNode, startNode: startNode.map(Shared.init), hasEmptyStack: hasEmptyStack,
                ranToItsEnd: ranToItsEnd, ranPastStack: ranPastStack, tools: tools, waitKind: waitKind,
                customData: customData, unreadCustomData: unreadCustomData, parentExecution: parentExecution,
                workflowVersion: workflowVersion, reachedTimeLimit: reachedTimeLimit))
    }
}

extension ExecutionDetail {
    /// The same data, what it has in common with other data kept in one place.
    package func sharing(_ pool: inout EvidencePool) -> ExecutionDetail {
        var shared = parts.value
        shared.error = shared.error.map { Shared(pool.error($0.value)) }
        shared.lastNode = shared.lastNode.map { pool.node($0) }
        shared.startNode = shared.startNode.map { pool.node($0) }
        var same = self
        same.parts = Shared(shared)
        return same
    }

    /// Hashes what tells most evidence apart; `isSameEvidence` looks at the rest.
    func hashEvidence(into hasher: inout Hasher) {
        hasher.combine(parts.value.itemsToRepeat)
        hasher.combine(parts.value.lastNode?.value.name)
        hasher.combine(parts.value.lastNode?.value.method)
        hasher.combine(parts.value.error?.value.httpCode)
        hasher.combine(parts.value.error?.value.message)
    }

    /// Whether a failure left the same evidence: all of its data but what differs between any two runs.
    func isSameEvidence(as other: ExecutionDetail) -> Bool {
        let (one, other) = (parts, other.parts)
        return one === other
            || one.value.status == other.value.status && one.value.readability == other.value.readability
                && one.value.itemsToRepeat == other.value.itemsToRepeat
                && one.value.finishedNodes == other.value.finishedNodes
                && one.value.resumesAtNode == other.value.resumesAtNode && one.value.lastNode == other.value.lastNode
                && one.value.startNode == other.value.startNode && one.value.hasEmptyStack == other.value.hasEmptyStack
                && one.value.ranToItsEnd == other.value.ranToItsEnd
                && one.value.ranPastStack == other.value.ranPastStack
                && one.value.tools == other.value.tools && one.value.reachedTimeLimit == other.value.reachedTimeLimit
                && ErrorEvidence.isSame(one.value.error, other.value.error)
    }

    /// What the workflow noted under a key: absent only where all notes were read.
    func note(_ key: String) -> Fact<FieldValue> {
        if let text = customData[key] { return .known(.text(text)) }
        guard isFullyReadable, let unreadCustomData, !unreadCustomData.contains(key) else { return .unknown }
        return .absent
    }
}

/// The failed node's error, as `data.resultData.error` gives it; each text at most 2 KiB, secrets scrubbed.
public struct ErrorEvidence: Sendable, Hashable {
    /// The error's class name, as `NodeApiError`; some errors have none.
    public var name: String?
    /// The sentence that n8n shows.
    public var message: String?
    /// What stands behind the message.
    public var description: String?
    /// `httpCode`: a status as text, or a code such as `ECONNRESET` (n8n facts 17).
    public var httpCode: String?
    /// `failure.cause` of recent releases.
    public var cause: String?
    /// `messages[]`: the provider's own words, at most five.
    public var messages: [String]
    /// `status` or `statusCode`, which errors of some clients have instead of `httpCode`.
    public var status: String?
    /// Other codes of the error, of its causes and of `errors[]`, nearest first, at most eight: `ECONNREFUSED`, `23505`.
    public var codes: [String]
    /// Codes of the answer that a node keeps beside its error, and a `status` that is a word: `30003`,
    /// `RESOURCE_EXHAUSTED`. Services give the same numbers other meanings, so only a user's rule on `code` looks at them.
    public var answerCodes: [String]
    /// What stands deeper, at most twelve texts: messages and reasons of causes, of `errors[]` and of the answer that the
    /// node of a service keeps.
    public var details: [String]
    /// When it happened.
    public var at: ServerTime?
    /// `failure.retryAfterMs`, else the wait that the texts tell.
    public var retryAfter: Period?
    /// `failure.resetsAtEpochMs`, else the time that the texts tell. It is told by the failed service, whose clock is taken
    /// to be n8n's: nobody can compare the two.
    public var resetsAt: ServerTime?
    /// The item that failed, counted from 0.
    public var itemIndex: Int?

    /// Makes an error.
    public init(
        name: String? = nil, message: String? = nil, description: String? = nil, httpCode: String? = nil,
        cause: String? = nil, messages: [String] = [], status: String? = nil, codes: [String] = [],
        answerCodes: [String] = [], details: [String] = [], at: ServerTime? = nil, retryAfter: Period? = nil,
        resetsAt: ServerTime? = nil,
        itemIndex: Int? = nil
    ) {
        self.name = name
        self.message = message
        self.description = description
        self.httpCode = httpCode
        self.cause = cause
        self.messages = messages
        self.status = status
        self.codes = codes
        self.answerCodes = answerCodes
        self.details = details
        self.at = at
        self.retryAfter = retryAfter
        self.resetsAt = resetsAt
        self.itemIndex = itemIndex
    }
}

extension ErrorEvidence {
    /// Whether two errors say the same, whenever they happened and however long they ask to wait.
    fileprivate static func isSame(_ one: Shared<ErrorEvidence>?, _ other: Shared<ErrorEvidence>?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one.value.httpCode == other.value.httpCode && one.value.message == other.value.message
            && one.value.name == other.value.name && one.value.description == other.value.description
            && one.value.cause == other.value.cause && one.value.messages == other.value.messages
            && one.value.status == other.value.status && one.value.codes == other.value.codes
            && one.value.answerCodes == other.value.answerCodes && one.value.details == other.value.details
            && one.value.itemIndex == other.value.itemIndex
    }
}

extension ExecutionDetail.Readability {
    /// Why the data cannot be read; nil where it can.
    public var trouble: String? {
        switch self {
        case .readable: nil
        case .redacted: "n8n hid the run's data"
        case .oversized: "the run's data is too large to read"
        case .unreadable(let why): why
        case .unfound:
            "n8n's lists show it, and by id n8n answers 404: it is asked for again after 5m, then less often; may the key read it?"
        }
    }
}
