/// The one action of a policy that changes the run.
public enum Remediation: Sendable, Hashable {
    /// Run it again.
    case retry(RetryAction)
    /// Stop it.
    case stop
    /// Stop all of its kind in one request; where that is not safe, each by itself.
    case bulkStop(BulkStopAction)
    /// Delete the row of a settled chain.
    case delete

    /// The kind of action.
    public var kind: ActionKind {
        switch self {
        case .retry: .retry
        case .stop: .stop
        case .bulkStop: .bulkStop
        case .delete: .delete
        }
    }
    /// The statuses that the action fits (semantics 9).
    public var fittingStatuses: Set<ExecutionStatus> { kind.definition.fittingStatuses }
}

/// The kinds of actions, as keys and records name them.
public enum ActionKind: String, Sendable, Hashable, CaseIterable, Comparable {
    /// `POST /executions/{id}/retry`.
    case retry
    /// `POST /executions/{id}/stop`.
    case stop
    /// `PUT /executions/{id}/tags`.
    case tag
    /// `POST /executions/stop`: everything live of a workflow at once.
    case bulkStop = "bulk_stop"
    /// `DELETE /executions/{id}`.
    case delete

    /// Orders by name, so that nothing depends on a set's order.
    public static func < (one: ActionKind, other: ActionKind) -> Bool { one.rawValue < other.rawValue }
}
