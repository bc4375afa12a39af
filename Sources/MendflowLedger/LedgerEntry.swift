public import MendflowCore

/// One entry of the ledger: a change and its audit record in one. Its canonical bytes are what is hashed and stored, so
/// nothing can change without a record, and no record can say what did not change.
public struct LedgerEntry: Sendable, Hashable {
    /// When it was made.
    public var at: AgentTime
    /// What happened.
    public var event: LedgerEvent

    /// Makes an entry.
    public init(_ event: LedgerEvent, at: AgentTime) {
        self.at = at
        self.event = event
    }
}

/// Everything that can happen in a ledger. `LedgerState.apply` says what each does and when it is refused.
public enum LedgerEvent: Sendable, Hashable {
    /// An action is about to be done. The intent's number is the number of this entry.
    case reserved(Reservation)
    /// The request of an intent may be on its way from now on, under `key`: a child of ours has an id above `watermark`.
    /// `look` says how much was seen just before, `witness` is a key that the server honoured before.
    case sending(
        IntentRef, watermark: ExecutionID?, look: String, key: RequestKey? = nil, witness: KeyWitness? = nil)
    /// A retry whose answer was lost is asked for again under its key: its request may be on its way once more.
    case asked(IntentRef, AskingProof)
    /// A probe may be on its way from now on.
    case probing(InstanceKey, KeyProbe)
    /// What the server answered to a probe.
    case probed(InstanceKey, KeyProbe, KeyAnswer)
    /// What became of an intent.
    case outcome(IntentRef, Settlement)
    /// An operator settles an unanswered request by their word.
    case resolved(IntentRef, ran: Bool, by: String, reason: String)
    /// A fact about a chain or an execution that stays true. A shadow one counts in dry-run only.
    case latched(InstanceKey, Latch, shadow: Bool)
    /// A policy owns a chain from now on. A shadow one counts in dry-run only.
    case owned(InstanceKey, root: ExecutionID, policy: String, shadow: Bool)
    /// Something was decided: what all decisions that follow were made from.
    case planned(InstanceKey, Planning)
    /// The decision about an execution changed.
    case decided(DecidedExecution)
    /// A poll ended: what the next process goes on from.
    case tick(InstanceKey, TickPatch)
    /// Something that could not be seen.
    case gap(InstanceKey, execution: ExecutionID?, CoverageGap)
    /// n8n refuses this key a kind of action; until `restored`, or until the agent starts again.
    case suspended(InstanceKey, ActionKind, reason: String)
    /// A kind of action is tried again.
    case restored(InstanceKey, ActionKind)
    /// The id of an annotation tag was learned from an execution that bears it.
    case learnedTag(InstanceKey, name: String, id: String)
    /// n8n's database seems to be another one: nothing is done there until an epoch begins.
    case alarmed(InstanceKey, reason: String, execution: ExecutionID?)
    /// An epoch begins: by `init`, or because an operator adopted the database.
    case began(InstanceBaseline, Beginning)
    /// Acting is paused, on one instance or on all (nil), until a time or until it is resumed.
    /// `isDoubt`: because the ledger may not know all that was sent.
    case paused(instance: String?, reason: String, by: String, until: AgentTime? = nil, isDoubt: Bool = false)
    /// A pause ends, of one instance or the one of all (nil), which leaves those of single instances.
    case resumed(instance: String?, by: String)
    /// A person starts a replay; the text of its policy stands before.
    case replayBegan(InstanceKey, ReplayStart)
    /// A replay is paused, goes on, or is over.
    case replayMoved(InstanceKey, ReplayMove)
    /// A person is asked whether something may be done. The ask's number is the number of this entry.
    case approvalAsked(ApprovalAsk)
    /// A person said yes or no.
    case approvalAnswered(ApprovalRef, ApprovalAnswer)
    /// An ask ends that nobody answered.
    case approvalClosed(ApprovalRef, ApprovalEnd)
    /// A policy healed less than it expects, and is in dry-run from now on.
    case demoted(InstanceKey, Demotion)
    /// A person lets such a policy act again.
    case promoted(InstanceKey, Promotion)
    /// A workflow did not run as a policy wants it to; once, until it does.
    case absenceBegan(InstanceKey, Absence)
    /// A workflow that was missed ran, or need not run any more.
    case absenceEnded(InstanceKey, AbsenceEnd)
    /// Failures were found to belong together: an incident opens. It is over once.
    case incidentOpened(InstanceKey, Incident)
    /// More was seen of an incident, or it stands otherwise.
    case incidentMoved(InstanceKey, IncidentMove)
    /// An incident is over.
    case incidentOver(InstanceKey, IncidentEnd)
    /// The text of a policy, once by version, which is the hash of the text.
    case policy(PolicyText)
    /// The agent started, stopped, or works by other policies.
    case lifecycle(Lifecycle)
    /// A channel began, and people were told of something by it, or could not be.
    case notified(ChannelEntry)
    /// The first records were written to a file and are dropped.
    case sealed(LedgerSegment)
}

/// An intent as an entry speaks of it: its number, and whose it is, so that a record can be read by itself.
public struct IntentRef: Sendable, Hashable {
    /// The intent's number.
    public var id: IntentID
    /// The instance and its epoch.
    public var instance: InstanceKey
    /// What is done, to which execution of which chain, for which policy.
    public var action: ActionKind, execution: ExecutionID, root: ExecutionID, policy: String

    /// Makes a reference to an intent.
    public init(_ intent: Intent) { self.init(intent.id, intent.draft) }

    /// Makes a reference to the intent that a reservation becomes.
    public init(_ id: IntentID, _ draft: IntentDraft) {
        self.id = id
        instance = draft.instance
        action = draft.action
        execution = draft.execution
        root = draft.root
        policy = draft.policy
    }
}

/// An action that is about to be done, with what a reader of the record wants to know of it.
public struct Reservation: Sendable, Hashable {
    /// What is written down.
    public var draft: IntentDraft
    /// The literal request.
    public var request: String
    /// For a retry the most there may be.
    public var attempts: Int
    /// When it was due.
    public var due: ServerTime
    /// Where a retry starts, in words, and whether it may do again what was done.
    public var start: String?, risk: RepeatRisk?
    /// The unresolved intent that it replaces; nil where it replaces none.
    public var supersedes: IntentID?

    /// Makes a reservation of what a plan proposes; a shadow one is dry-run's.
    public init(_ action: ProposedAction, isShadow: Bool) {
        draft = action.draft
        draft.isShadow = isShadow
        request = action.request
        attempts = action.attempts
        due = action.due
        start = action.start
        risk = action.risk?.risk
        supersedes = isShadow ? nil : action.supersedes
    }

    /// Makes a reservation of its parts.
    package init(
        draft: IntentDraft, request: String, attempts: Int, due: ServerTime, start: String?, risk: RepeatRisk?,
        supersedes: IntentID?
    ) {
        self.draft = draft
        self.request = request
        self.attempts = attempts
        self.due = due
        self.start = start
        self.risk = risk
        self.supersedes = supersedes
    }
}

/// Something that could not be seen.
public enum CoverageGap: Sendable, Hashable {
    /// A run was live and is not there any more: it ended and was not kept, or was deleted.
    case vanished
    /// n8n gave these ids and has no such executions.
    case missing(IDRanges)
    /// Nobody looked for longer than the look-back, between these times.
    case unwatched(from: ServerTime, to: ServerTime)
    /// What n8n has cannot be read, all of it or a part, and that lasts.
    case unread(ReadingGap)
    /// What could not be read since then can be again: the data of failed runs, or everything else.
    case readAgain(since: AgentTime, ofData: Bool)

    /// What it is, in words.
    public var summary: String {
        switch self {
        case .vanished: "it was live and is not there any more: it ended and was not kept, or was deleted"
        case .missing: "n8n gave these ids and has no such executions: they were not kept, or were deleted"
        case .unwatched: "nobody looked for longer than look_back"
        case .unread(let gap): "not all of n8n can be read: \(gap.why)"
        case .readAgain: "n8n can be read again"
        }
    }
}

/// How an epoch begins.
public enum Beginning: Sendable, Hashable {
    /// `init` set the instance up.
    case initialised(by: String)
    /// An operator accepted that the database is another one, in answer to an alarm or (nil) without one.
    case adopted(by: String, reason: String, from: Int, alarm: String?)
}

/// A policy's text by its version.
public struct PolicyText: Sendable, Hashable {
    /// The hash of the text, the policy's name, its text, and where it stands.
    public var version: String, name: String, text: String, place: String
    /// Makes a policy's text.
    public init(version: String, name: String, text: String, place: String) {
        self.version = version
        self.name = name
        self.text = text
        self.place = place
    }
}
