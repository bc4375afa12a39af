/// Names an intent in the ledger.
public struct IntentID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The ledger's row number, from 1.
    public var number: Int64
    /// Makes an id.
    public init(_ number: Int64) { self.number = number }
    /// Orders by age.
    public static func < (one: IntentID, other: IntentID) -> Bool { one.number < other.number }
    /// The number.
    public var description: String { String(number) }
}

/// How far an intent has come.
public enum IntentState: String, Sendable, Hashable, CaseIterable {
    /// Written down; nothing was sent. A crash here proves that nothing was.
    case reserved
    /// The request may be on its way.
    case sending
    /// Done: the retry started, the stop or the tags were taken.
    case applied
    /// Proven to have done nothing.
    case void
    /// Nobody knows whether it did anything.
    case unresolved
    /// Unresolved, and replaced by a re-send that the policy allows.
    case superseded
    /// A stop that n8n took and did not carry out, twice.
    case ineffective
    /// Dry-run: would have been sent.
    case shadow

    /// Whether an outcome is still to come.
    public var isOpen: Bool { self == .reserved || self == .sending }

    /// The states that an outcome may lead to from here. A proof is final; so is a verified stop's failure.
    public var outcomes: Set<IntentState> {
        switch self {
        case .reserved: [.void]
        case .sending: [.applied, .void, .unresolved, .ineffective]
        case .unresolved: [.applied, .void, .superseded, .ineffective]
        // Its child may be learned later, and a stop that was taken may turn out not to have been carried out.
        case .applied: [.applied, .ineffective]
        case .void, .superseded, .ineffective, .shadow: []
        }
    }
}

/// An intent as the ledger keeps it; copies share what they say.
public struct Intent: Sendable, Hashable {
    private struct Parts: Sendable, Hashable {
        var draft: IntentDraft
        var state: IntentState
        var reservedAt: AgentTime
        var sendingAt: AgentTime?
        var watermark: ExecutionID?
        var key: RequestKey?
        var witness: KeyWitness?
        var asked: Int = 0
        var askedAt: AgentTime?
        var settledAt: AgentTime?
        var child: ExecutionID?
        var evidence: OutcomeEvidence?
        var notBefore: AgentTime?
        var answeredAt: ServerTime?
    }
    /// Its number.
    public var id: IntentID
    private var parts: Shared<Parts>

    /// What is to be done.
    public var draft: IntentDraft {
        get { parts.value.draft }
        set { parts = parts.with(\.draft, newValue) }
    }
    /// How far it has come.
    public var state: IntentState {
        get { parts.value.state }
        set { parts = parts.with(\.state, newValue) }
    }
    /// When it was written down; budgets are charged then.
    public var reservedAt: AgentTime {
        get { parts.value.reservedAt }
        set { parts = parts.with(\.reservedAt, newValue) }
    }
    /// When the request may have left.
    public var sendingAt: AgentTime? {
        get { parts.value.sendingAt }
        set { parts = parts.with(\.sendingAt, newValue) }
    }
    /// The highest id known just before sending: a child of ours has a higher one.
    public var watermark: ExecutionID? {
        get { parts.value.watermark }
        set { parts = parts.with(\.watermark, newValue) }
    }
    /// The key that its request bore; nil where it bore none, as those of before there were keys.
    public var key: RequestKey? {
        get { parts.value.key }
        set { parts = parts.with(\.key, newValue) }
    }
    /// A key that the server honoured before the request left; nil where it is not known to honour any.
    public var witness: KeyWitness? {
        get { parts.value.witness }
        set { parts = parts.with(\.witness, newValue) }
    }
    /// How often its request was asked for again under its key after the answer was lost.
    public var asked: Int {
        get { parts.value.asked }
        set { parts = parts.with(\.asked, newValue) }
    }
    /// When it was asked for again last.
    public var askedAt: AgentTime? {
        get { parts.value.askedAt }
        set { parts = parts.with(\.askedAt, newValue) }
    }
    /// When its outcome was written.
    public var settledAt: AgentTime? {
        get { parts.value.settledAt }
        set { parts = parts.with(\.settledAt, newValue) }
    }
    /// The retry that it started.
    public var child: ExecutionID? {
        get { parts.value.child }
        set { parts = parts.with(\.child, newValue) }
    }
    /// What the outcome rests on.
    public var evidence: OutcomeEvidence? {
        get { parts.value.evidence }
        set { parts = parts.with(\.evidence, newValue) }
    }
    /// Until when a server asked to wait, after a void: so long after its answer came.
    public var notBefore: AgentTime? {
        get { parts.value.notBefore }
        set { parts = parts.with(\.notBefore, newValue) }
    }
    /// When n8n answered 500 in its own words, as the answer says, or when it was noted that no answer would come: accounting
    /// for the ids that n8n gave until after then, or until long after, may prove that nothing ran. Nil where nobody could tell.
    public var answeredAt: ServerTime? {
        get { parts.value.answeredAt }
        set { parts = parts.with(\.answeredAt, newValue) }
    }

    /// Makes an intent.
    public init(
        id: IntentID, draft: IntentDraft, state: IntentState, reservedAt: AgentTime, sendingAt: AgentTime? = nil,
        watermark: ExecutionID? = nil, key: RequestKey? = nil, settledAt: AgentTime? = nil,
        child: ExecutionID? = nil, evidence: OutcomeEvidence? = nil, notBefore: AgentTime? = nil,
        answeredAt: ServerTime? = nil
    ) {
        self.id = id
        parts = Shared(
            Parts(
                draft: draft, state: state, reservedAt: reservedAt, sendingAt: sendingAt, watermark: watermark,
                key: key,
                settledAt: settledAt, child: child, evidence: evidence, notBefore: notBefore, answeredAt: answeredAt))
    }
}

extension Intent {
    /// What the outcome rests on, for people.
    public var note: String? { evidence?.summary }

    /// Takes an outcome in. What an earlier one told stays where the later does not tell; what did nothing has no child.
    public mutating func settle(_ settlement: Settlement, at time: AgentTime) {
        state = settlement.state
        settledAt = time
        child = settlement.child ?? (settlement.state == .void ? nil : child)
        evidence = settlement.evidence ?? evidence
        notBefore = settlement.notBefore ?? notBefore
        answeredAt = settlement.answeredAt
    }

    /// How long a stop that n8n took is given to show.
    public static let stopVerification = Period.seconds(60)

    /// Whether it ended before anything was sent, by the last look or a stop of the agent: no server refused it.
    public var wasNeverSent: Bool { state == .void && sendingAt == nil }

    /// Whether what it was to change was so already, so that nothing was sent.
    public var changedNothing: Bool { state == .applied && evidence == .tagsPresent }

    /// Whether the last look before sending objected to it. Where the agent only ended before, nothing objected.
    public var wasDropped: Bool {
        guard wasNeverSent, case .notSent(.some) = evidence else { return false }
        return true
    }

    /// How long the run of a retry that was never answered may be hidden and go on: n8n's own default for the longest run
    /// is an hour (n8n facts 8.2).
    private static let assumedRunTime = Period.hours(1)

    /// How long a request that was never answered may be on its way still, behind a proxy that gave it up.
    private static let timeToArrive = Period.minutes(2)

    /// Whether it is a retry that runs or may be running: until its answer came, and on while its child is seen to be live.
    /// One without an answer may be running while something that could be its run is live or hidden.
    package func isInFlight(_ snapshot: Snapshot) -> Bool {
        guard draft.action == .retry else { return false }
        if let child { return state.isOpen || snapshot.executions[child]?.status.isLive == true }
        if state.isOpen { return true }
        guard state == .unresolved else { return false }
        let sent = snapshot.clockOffset.server(askedAt ?? sendingAt ?? reservedAt)
        if sent + Intent.timeToArrive > snapshot.now { return true }
        return sent + Intent.assumedRunTime > snapshot.now && mayHaveLiveRun(snapshot)
    }

    /// Whether a live run may be the one that this retry started: a row above the watermark, or one that nobody has seen.
    private func mayHaveLiveRun(_ snapshot: Snapshot) -> Bool {
        guard let watermark, snapshot.completeness == .complete else { return true }
        let coverage = snapshot.coverage
        if coverage.mayHide(watermark) || coverage.unknownIDs > 0 { return true }
        return snapshot.executions.live.contains { mayBeRun($0, after: watermark) }
    }

    private func mayBeRun(_ row: Execution, after watermark: ExecutionID) -> Bool {
        row.id > watermark && (row.retryOf == draft.execution || row.hidesRetryOf && row.workflow == draft.workflow)
    }

    /// The first live row by which a retry without an answer counts as in flight; nil where it does by none.
    package func liveRun(in snapshot: Snapshot) -> Execution? {
        guard draft.action == .retry, state == .unresolved, child == nil, let watermark else { return nil }
        return snapshot.executions.live.filter { mayBeRun($0, after: watermark) }.min { $0.id < $1.id }
    }
}

/// What became of an intent.
public struct Settlement: Sendable, Hashable {
    /// The state it ends in (or `unresolved`, from which a sighting or a person leads on).
    public var state: IntentState
    /// The retry that it started, where known.
    public var child: ExecutionID?
    /// What it rests on; texts in it are bounded and without secrets.
    public var evidence: OutcomeEvidence?
    /// Until when a server asked to wait: so long after its answer came.
    public var notBefore: AgentTime?
    /// When n8n answered 500 in its own words, as the answer says, or when it was noted that no answer would come (semantics
    /// 29c, 29d).
    public var answeredAt: ServerTime?

    /// Makes a settlement.
    public init(
        _ state: IntentState, _ evidence: OutcomeEvidence? = nil, child: ExecutionID? = nil,
        notBefore: AgentTime? = nil, answeredAt: ServerTime? = nil
    ) {
        self.state = state
        self.child = child
        self.evidence = evidence
        self.notBefore = notBefore
        self.answeredAt = answeredAt
    }
}
