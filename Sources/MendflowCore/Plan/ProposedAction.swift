/// An action with everything that is needed to do it and to show it.
public struct ProposedAction: Sendable, Hashable {
    /// What would be written down.
    public var draft: IntentDraft
    /// For a retry the most there may be.
    public var attempts: Int
    /// The repeat risk, in words.
    public var risk: RepeatRiskVerdict?
    /// The error's class and rule.
    public var classification: Classification?
    /// When it was or is due.
    public var due: ServerTime
    /// The older intent that this re-send replaces.
    public var supersedes: IntentID?
    /// What it was decided from that may change before it is sent.
    public var facts: ChangeableFacts

    /// Makes an action.
    public init(
        draft: IntentDraft, attempts: Int = 1, risk: RepeatRiskVerdict? = nil, classification: Classification? = nil,
        due: ServerTime, supersedes: IntentID? = nil, facts: ChangeableFacts = ChangeableFacts()
    ) {
        self.draft = draft
        self.attempts = attempts
        self.risk = risk
        self.classification = classification
        self.due = due
        self.supersedes = supersedes
        self.facts = facts
    }

    /// The literal request: method, path below the API's base, body.
    public var request: String { draft.action.definition.request(draft) }

    /// Where a retry would start and what it would feed, in words.
    public var start: String? { risk?.start.summary }
}
