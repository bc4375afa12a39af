/// A fact about a chain or an execution that stays true, whatever n8n shows later.
public struct Latch: Sendable, Hashable {
    /// What is latched.
    public enum Fact: Sendable, Hashable {
        /// The chain succeeded once; of its root.
        case healed
        /// The policy's retries are used up; of the chain's root.
        case exhausted(policy: String)
        /// n8n says that the action cannot be done to this execution: 404 or 409.
        case closed(ActionKind)
        /// A child of the execution is known, seen or by its id in an answer.
        case child(ExecutionID)
        /// The row was there and is gone.
        case gone
        /// A child that is not ours was seen to end at this time.
        case personRetried(ExecutionID)
        /// It went to its end although n8n calls it failed: nobody knows whether it did well.
        case outcomeUnknown
        /// It succeeded without running a node: what it retried had nothing on its stack.
        case ranNothing
    }
    /// What is latched.
    public var fact: Fact
    /// The root or the execution that it is about.
    public var execution: ExecutionID
    /// When it was latched; for `personRetried` when the child ended.
    public var at: ServerTime

    /// Makes a latch.
    public init(_ fact: Fact, _ execution: ExecutionID, at: ServerTime) {
        self.fact = fact
        self.execution = execution
        self.at = at
    }
}

extension Latch {
    /// Whether it says that a policy gave a chain up.
    package var isExhausted: Bool { exhaustedBy != nil }

    /// The policy that gave the chain up; nil where it says something else.
    private var exhaustedBy: String? { if case .exhausted(let policy) = fact { policy } else { nil } }

    /// The name of what is latched, as records have it.
    package var name: String {
        switch fact {
        case .healed: "healed"
        case .exhausted: "exhausted"
        case .closed: "closed"
        case .child: "child"
        case .gone: "gone"
        case .personRetried: "person_retried"
        case .outcomeUnknown: "outcome_unknown"
        case .ranNothing: "ran_nothing"
        }
    }

    /// The order in which a plan tells them.
    static func isBefore(_ one: Latch, _ other: Latch) -> Bool {
        (one.execution, one.name, one.exhaustedBy ?? "") < (other.execution, other.name, other.exhaustedBy ?? "")
    }
}
