/// What must hold of many executions together before a policy matches any of them: `when`.
///
/// Counted are chains by their first failure (live ones by when their status began), so that our own retries, and a
/// person's, count for nothing and a policy cannot excite itself.
public struct GroupCondition: Sendable, Hashable {
    /// What is counted.
    public enum Distinct: String, Sendable, Hashable, CaseIterable {
        /// Chains of executions.
        case execution
        /// Workflows that have at least one.
        case workflow
    }
    /// What is counted apart.
    public enum Group: String, Sendable, Hashable, CaseIterable {
        /// All of the policy together.
        case policy
        /// Each workflow's by themselves.
        case workflow
    }
    /// How many there must be: operators on numbers, all of which must hold.
    public var count: [FieldOperator]
    /// What is counted.
    public var distinct: Distinct
    /// How far back the first failures may lie.
    public var within: Period
    /// What is counted apart.
    public var groupBy: Group

    /// Makes a condition.
    public init(count: [FieldOperator], distinct: Distinct = .execution, within: Period, groupBy: Group = .policy) {
        self.count = count
        self.distinct = distinct
        self.within = within
        self.groupBy = groupBy
    }

    /// Whether a number of members is enough.
    public func holds(_ number: Int) -> Bool {
        count.allSatisfy { FieldOperator.holds($0, .number(Int64(number))) }
    }
}

/// How many members a group of a policy was found to have.
public struct GroupCount: Sendable, Hashable {
    /// The policy.
    public var policy: String
    /// The workflow, where workflows are counted apart.
    public var workflow: WorkflowID?
    /// Members that are certain.
    public var count: Int
    /// Members that a missing fact leaves open.
    public var pending: Int
    /// Whether the number is enough; nil where the pending ones decide.
    public var holds: Bool?

    /// Makes a count.
    public init(policy: String, workflow: WorkflowID?, count: Int, pending: Int, holds: Bool?) {
        self.policy = policy
        self.workflow = workflow
        self.count = count
        self.pending = pending
        self.holds = holds
    }
}
