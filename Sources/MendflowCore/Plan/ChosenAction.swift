/// An action that somebody chose out of a plan: nothing else is done then.
public struct ChosenAction: Sendable, Hashable {
    /// What is to be done to which execution, for which policy.
    public var action: ActionKind, execution: ExecutionID, policy: String
    /// The literal request.
    public var request: String

    /// Makes one.
    public init(action: ActionKind, execution: ExecutionID, policy: String, request: String) {
        self.action = action
        self.execution = execution
        self.policy = policy
        self.request = request
    }

    /// The choice of what a plan proposes.
    public init(_ proposed: ProposedAction) {
        self.init(
            action: proposed.draft.action, execution: proposed.draft.execution, policy: proposed.draft.policy,
            request: proposed.request)
    }
}
