/// What somebody outside n8n's API says about an execution: n8n's own tracing, or an error workflow. A reason to look, never a
/// fact: nothing is decided from it, and that none came proves nothing.
public struct Hint: Sendable, Hashable {
    /// Who says so.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// A span of n8n's tracing.
        case span
        /// What n8n's Error Trigger told an error workflow.
        case errorTrigger = "error_trigger"
    }

    /// Who says so.
    public var source: Source
    /// The execution that it speaks of; always a decimal number.
    public var execution: ExecutionID
    /// The workflow that it names.
    public var workflow: WorkflowID?
    /// The status that it claims.
    public var claim: ExecutionStatus
    /// When that came to be, as it says.
    public var at: ServerTime?
    /// The mode that it names; `unread` where it names none.
    public var mode: ExecutionMode
    /// The execution that this one is said to retry.
    public var retryOf: ExecutionID?

    /// Makes a hint.
    public init(
        _ source: Source, _ execution: ExecutionID, _ claim: ExecutionStatus, workflow: WorkflowID? = nil,
        at: ServerTime? = nil, mode: ExecutionMode = .unread, retryOf: ExecutionID? = nil
    ) {
        self.source = source
        self.execution = execution
        self.claim = claim
        self.workflow = workflow
        self.at = at
        self.mode = mode
        self.retryOf = retryOf
    }

    /// Whether it is a reason to look at the execution now: it is said to have failed, or to be a retry that has ended.
    public var isReasonToLook: Bool { claim.isFailed || retryOf != nil && claim == .success }
}
