/// What should have happened and did not: `when: {count: {lt: 1}, within: 26h}`.
///
/// No execution can be what it is about, so it is no group: a workflow is absent while the newest run that the policy's
/// `match` lets through ended longer ago than `within`, and none is live.
public struct AbsenceCondition: Sendable, Hashable {
    /// How long there may be none.
    public var within: Period

    /// Makes a condition.
    public init(within: Period) { self.within = within }

    /// `count < 1 within 26h`.
    public var summary: String { "count < 1 within \(within)" }

    /// The fields by which an absence is looked for: what is known of every run, however little is kept of it.
    public static let fields: Set<Field> = [
        .status, .executionMode, .workflowID, .workflowName, .workflowTag, .workflowProject, .workflowActive,
    ]
}

extension Policy {
    /// Whether it says itself which of switched-on and switched-off workflows it means.
    var namesSwitch: Bool { match?.fields.contains(.workflowActive) ?? false }

    /// Whether runs of a status count for it.
    func counts(_ status: ExecutionStatus) -> Bool { match?.statuses?.contains(status) ?? true }
}
