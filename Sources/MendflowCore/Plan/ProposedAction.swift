/// An action with everything that is needed to do it and to show it.
///
/// A plan is copied and sorted, and an action that waits is the same as one that is due: copies share what they say.
public struct ProposedAction: Sendable, Hashable {
    private struct Parts: Sendable, Hashable {
        var draft: IntentDraft
        var attempts: Int
        var risk: RepeatRiskVerdict?
        var classification: Classification?
        var due: ServerTime
        var supersedes: IntentID?
        var facts: ChangeableFacts
    }
    private var parts: Shared<Parts>

    /// What would be written down.
    public var draft: IntentDraft {
        get { parts.value.draft }
        set { parts = parts.with(\.draft, newValue) }
    }
    /// For a retry the most there may be.
    public var attempts: Int { parts.value.attempts }
    /// The repeat risk, in words.
    public var risk: RepeatRiskVerdict? { parts.value.risk }
    /// The error's class and rule.
    public var classification: Classification? { parts.value.classification }
    /// When it was or is due.
    public var due: ServerTime {
        get { parts.value.due }
        set { parts = parts.with(\.due, newValue) }
    }
    /// The older intent that this re-send replaces.
    public var supersedes: IntentID? { parts.value.supersedes }
    /// What it was decided from that may change before it is sent.
    public var facts: ChangeableFacts { parts.value.facts }

    /// Makes an action.
    public init(
        draft: IntentDraft, attempts: Int = 1, risk: RepeatRiskVerdict? = nil, classification: Classification? = nil,
        due: ServerTime, supersedes: IntentID? = nil, facts: ChangeableFacts = ChangeableFacts()
    ) {
        parts = Shared(
            Parts(
                draft: draft, attempts: attempts, risk: risk, classification: classification, due: due,
                supersedes: supersedes, facts: facts))
    }

    /// The literal request: method, path below the API's base, body.
    public var request: String { draft.action.definition.request(draft) }

    /// Where a retry would start and what it would feed, in words.
    public var start: String? { risk?.start.summary }
}
