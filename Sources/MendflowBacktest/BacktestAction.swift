public import MendflowCore

/// Something that an agent would have done.
public struct BacktestAction: Sendable, Hashable {
    /// When, what, and to which execution of which chain.
    public internal(set) var at: ServerTime, kind: ActionKind, execution: ExecutionID, root: ExecutionID
    /// Whose workflow, by which policies; the first one is charged for it.
    public internal(set) var workflow: WorkflowID, policies: [String]
    /// Whether the execution is no recorded one, but a run that an earlier retry of ours started.
    public internal(set) var isOfOurs: Bool
    /// For a retry which one it is, and of how many at most.
    public internal(set) var attempt: Int, attempts: Int
    /// The literal request.
    public internal(set) var request: String
    /// For a retry: why the run had failed, and whether something may be done twice.
    public internal(set) var errorClass: ErrorClass?, rule: String?, risk: RepeatRisk?
    /// Tags that were added.
    public internal(set) var tags: [String]
    /// For a retry: the run that it started, when that ended, and whether it succeeded.
    public internal(set) var child: ExecutionID?, endedAt: ServerTime?, succeeded: Bool?
}

extension BacktestAction {
    /// The execution as people can look for it: a recorded one, or which retry of a recorded one it is.
    public var subject: String { isOfOurs ? "\(root) (a retry of it)" : execution.text }
}
