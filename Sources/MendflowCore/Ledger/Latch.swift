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
        /// It went to its end although n8n calls it failed: nobody knows whether it did well (key: execution).
        case outcomeUnknown = "outcome_unknown"
        /// It succeeded without running a node: what it retried had nothing on its stack (key: execution).
        case ranNothing = "ran_nothing"
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
