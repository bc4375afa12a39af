/// Names an ask for approval: the number of its entry in the ledger.
public struct ApprovalID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The entry's number.
    public var number: Int64
    /// Makes an id.
    public init(_ number: Int64) { self.number = number }
    /// Orders by age.
    public static func < (one: ApprovalID, other: ApprovalID) -> Bool { one.number < other.number }
    /// The number.
    public var description: String { String(number) }
}

/// What a person is asked, with everything that they are shown: what would be sent, for which policy as it stood then.
public struct ApprovalAsk: Sendable, Hashable {
    /// What would be written down if it were done at once.
    public var draft: IntentDraft
    /// The literal request.
    public var request: String
    /// For a retry the most there may be.
    public var attempts: Int
    /// Where a retry would start, in words, and whether it may do again what was done.
    public var start: String?, risk: RepeatRisk?
    /// Why the run had failed; nil where it has not failed, or that is not known.
    public var errorClass: ErrorClass?
    /// The workflow's name; nil where it cannot be seen.
    public var workflowName: String?
    /// Until when an answer counts.
    public var expiresAt: AgentTime

    /// Makes an ask of its parts.
    public init(
        draft: IntentDraft, request: String, attempts: Int, start: String? = nil, risk: RepeatRisk? = nil,
        errorClass: ErrorClass? = nil, workflowName: String? = nil, expiresAt: AgentTime
    ) {
        self.draft = draft
        self.request = request
        self.attempts = attempts
        self.start = start
        self.risk = risk
        self.errorClass = errorClass
        self.workflowName = workflowName
        self.expiresAt = expiresAt
    }

    /// Makes an ask about an action that is due.
    public init(_ action: ProposedAction, workflowName: String?, expiresAt: AgentTime) {
        self.init(
            draft: action.draft, request: action.request, attempts: action.attempts, start: action.start,
            risk: action.risk?.risk, errorClass: action.classification?.errorClass, workflowName: workflowName,
            expiresAt: expiresAt)
    }

    /// What it is about.
    public var topic: ApprovalTopic { ApprovalTopic(draft.execution, draft.action, draft.policy) }
}

/// What an ask is about: of one execution, action and policy there is one at a time.
public struct ApprovalTopic: Sendable, Hashable {
    /// The execution.
    public var execution: ExecutionID
    /// What would be done.
    public var action: ActionKind
    /// The policy that wants it.
    public var policy: String

    /// Makes a topic.
    public init(_ execution: ExecutionID, _ action: ActionKind, _ policy: String) {
        self.execution = execution
        self.action = action
        self.policy = policy
    }
}

/// An ask as an entry speaks of it, so that a record can be read by itself.
public struct ApprovalRef: Sendable, Hashable {
    /// The ask's number.
    public var id: ApprovalID
    /// The instance and its epoch.
    public var instance: InstanceKey
    /// What it is about, and the root of the execution's chain.
    public var topic: ApprovalTopic, root: ExecutionID

    /// Makes a reference to an ask.
    public init(_ approval: Approval) {
        self.init(
            id: approval.id, instance: approval.ask.draft.instance, topic: approval.ask.topic,
            root: approval.ask.draft.root)
    }

    /// Makes a reference of its parts.
    public init(id: ApprovalID, instance: InstanceKey, topic: ApprovalTopic, root: ExecutionID) {
        self.id = id
        self.instance = instance
        self.topic = topic
        self.root = root
    }
}

/// What a person said to an ask.
public struct ApprovalAnswer: Sendable, Hashable {
    /// Whether they said yes.
    public var isYes: Bool
    /// Who, and what they noted; of a no why.
    public var by: String, note: String

    /// Makes an answer.
    public init(isYes: Bool, by: String, note: String) {
        self.isYes = isYes
        self.by = by
        self.note = note
    }
}

/// How an ask ends by itself: nobody answered, or what was approved could not be sent in time.
public struct ApprovalEnd: Sendable, Hashable {
    /// How.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Its time is over.
        case expired
        /// What was asked is not wanted any more: the chain healed, the policy was edited, something holds it.
        case withdrawn
    }
    /// How.
    public var kind: Kind
    /// Why, in words; empty where nobody answered in time.
    public var why: String

    /// Whether a person had said yes, and it was not carried out.
    public var isOfYes: Bool { kind == .expired && !why.isEmpty }

    /// Makes an end.
    public init(_ kind: Kind, why: String) {
        self.kind = kind
        self.why = why
    }
}

/// An ask for approval as the ledger keeps it.
public struct Approval: Sendable, Hashable {
    /// How it stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Nobody has answered.
        case open
        /// A person said yes, or no.
        case given, declined
        /// Nobody answered in time, or what was approved could not be sent by then; it was taken back.
        case expired, withdrawn
    }
    /// Its number.
    public var id: ApprovalID
    /// What was asked, and when.
    public var ask: ApprovalAsk, askedAt: AgentTime
    /// How it stands, since when, who did that (empty where nobody did), and what they noted.
    public var state: State, since: AgentTime, by: String, note: String

    /// Makes an ask that was just made.
    public init(_ id: ApprovalID, _ ask: ApprovalAsk, at time: AgentTime) {
        self.id = id
        self.ask = ask
        askedAt = time
        state = .open
        since = time
        by = ""
        note = ""
    }

    /// A person answers.
    public mutating func take(_ answer: ApprovalAnswer, at time: AgentTime) {
        (state, since) = (answer.isYes ? .given : .declined, time)
        (by, note) = (answer.by, answer.note)
    }

    /// It ends by itself.
    public mutating func take(_ end: ApprovalEnd, at time: AgentTime) {
        (state, since, note) = (end.kind == .expired ? .expired : .withdrawn, time, end.why)
    }

    /// Whether an answer would count at a time.
    public func isOpen(at time: AgentTime) -> Bool { state == .open && time < ask.expiresAt }

    /// Why it does not allow an action at a time; nil where it does. A yes is for what was shown: the same action on the same
    /// execution, for the policy as it stood.
    public func objection(to draft: IntentDraft, at time: AgentTime) -> String? {
        guard state == .given else { return standing }
        guard time < ask.expiresAt else { return "ask \(id) expired at \(ask.expiresAt.rfc3339)" }
        guard ApprovalTopic(draft.execution, draft.action, draft.policy) == ask.topic,
            draft.policyVersion == ask.draft.policyVersion
        else { return "ask \(id) was about something else" }
        return nil
    }

    /// How it stands, for people.
    public var standing: String {
        let who = by.isEmpty ? "" : " by \(by)"
        let how =
            switch state {
            case .open: "waits for an answer until \(ask.expiresAt.rfc3339)"
            case .given: "was approved\(who)"
            case .declined: "was declined\(who)"
            case .expired: "expired at \(ask.expiresAt.rfc3339)"
            case .withdrawn: "was withdrawn"
            }
        return "ask \(id) \(how)" + (note.isEmpty ? "" : ": \(note)")
    }
}

/// What was said to an action of a policy with `approval`.
public enum Consent: Sendable, Hashable {
    /// A person said yes to this ask.
    case given(ApprovalID)
    /// In dry-run, where nobody is asked: a person would be.
    case wouldAsk
}
