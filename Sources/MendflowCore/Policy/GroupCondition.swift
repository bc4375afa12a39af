/// What must hold of many executions together before a policy matches any of them: `when`.
///
/// Chains are counted by the time of their first failure, live runs by when their status began. Retries count for
/// nothing, ours and people's, so that a policy cannot excite itself.
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

    /// `count >= 20 within 10m`.
    public var summary: String { "count \(count.map(\.text).joined(separator: " and ")) within \(within)" }

    /// Whether more members than were seen could make it fail.
    public var hasUpperBound: Bool {
        count.contains { operation in
            if case .number(let comparison, _) = operation { comparison == .lt || comparison == .lte } else { true }
        }
    }

    /// Whether it holds whatever is true of the doubtful members: it must hold with none and with all of those that
    /// nobody can judge (docs/decisions/0023-groups-hold-either-way.md). `needs` if facts that can still be fetched
    /// decide it.
    func verdict(_ group: GroupCount) -> Ternary {
        if hasUpperBound, !group.isComplete { return .unknown }
        let most = group.count + group.unknown + group.pending
        var (run, longest, inRow) = (0, 0, true)
        for number in group.count...most {
            run = holds(number) ? run + 1 : 0
            longest = max(longest, run)
            inRow = inRow && run > 0
        }
        // It can still come to hold if somewhere in the possible range it holds for `unknown + 1` numbers in a row:
        // fetching the pending facts then only decides where in the range the count lies.
        return inRow ? .yes : longest > group.unknown ? .needs : .no
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
    /// Executions of which nobody can tell whether they are members.
    public var unknown: Int
    /// Whether everything was read that may hold members; an upper bound holds of nothing less.
    public var isComplete: Bool
    /// Whether the number is enough; nil where the pending ones decide.
    public var holds: Bool?

    /// Makes a count.
    public init(
        policy: String, workflow: WorkflowID?, count: Int, pending: Int, unknown: Int = 0, isComplete: Bool = true,
        holds: Bool?
    ) {
        self.policy = policy
        self.workflow = workflow
        self.count = count
        self.pending = pending
        self.unknown = unknown
        self.isComplete = isComplete
        self.holds = holds
    }

    /// What was counted, in words.
    public var summary: String {
        "\(count)" + (pending > 0 ? ", \(pending) not judged yet" : "")
            + (unknown > 0 ? ", \(unknown) that nobody can judge" : "")
            + (isComplete ? "" : ", and not everything was read")
    }
}
