/// A bulk stop that is not sent.
public struct HeldBulkStop: Sendable, Hashable {
    /// The policy.
    public var policy: String
    /// Why, in words.
    public var why: String
    /// Makes one.
    public init(policy: String, why: String) {
        self.policy = policy
        self.why = why
    }
}

/// Everything decided at one moment.
public struct Plan: Sendable, Hashable {
    /// One decision per failed chain, live execution and tag write, oldest first.
    public var decisions: [Decision]
    /// Facts that some decisions still need; empty when the plan is final.
    public var needs: [Need]
    /// Facts about chains that are to be latched.
    public var latches: [Latch]
    /// Number of rows that were judged, and of (row, policy) pairs that status, workflow and mode alone did not decide.
    public var rowsJudged: Int, pairsEvaluated: Int
    /// The groups that policies with `when` found, by policy and workflow.
    public var groups: [GroupCount]
    /// Bulk stops that are not safe now, by policy, and why; their executions are stopped one by one.
    public var heldBulkStops: [HeldBulkStop]

    /// Makes a plan.
    public init(
        decisions: [Decision] = [], needs: [Need] = [], latches: [Latch] = [], rowsJudged: Int = 0,
        pairsEvaluated: Int = 0, groups: [GroupCount] = [], heldBulkStops: [HeldBulkStop] = []
    ) {
        self.decisions = decisions
        self.needs = needs
        self.latches = latches
        self.rowsJudged = rowsJudged
        self.pairsEvaluated = pairsEvaluated
        self.groups = groups
        self.heldBulkStops = heldBulkStops
    }

    /// What is due now, in order.
    public var actions: [ProposedAction] {
        decisions.compactMap { if case .act(let action) = $0.verdict { action } else { nil } }
    }
}
