/// The members of the groups of policies with `when`.
struct GroupCounts {
    struct Key: Hashable {
        var position: Int
        /// Set where workflows are counted apart.
        var workflow: WorkflowID?
    }
    private struct Members {
        var certain: Set<String> = []
        var pending: Set<String> = []
        var unknown: Set<String> = []
    }
    private var members: [Key: Members] = [:]
    private var verdicts: [Key: Ternary] = [:]

    /// Makes counts without members yet.
    init() {}

    /// Makes counts of groups that were counted before.
    init(_ groups: [GroupCount], _ context: PlanningContext) {
        for group in groups {
            guard let position = context.judged.byName[group.policy],
                let when = context.set.shared[position].policy.when
            else { continue }
            verdicts[Key(position: position, workflow: group.workflow)] = when.verdict(group)
        }
    }

    /// Counts a chain, or its workflow; `no` counts for nothing.
    mutating func add(_ row: Execution, _ position: Int, _ when: GroupCondition, _ verdict: Ternary) {
        guard verdict != .no else { return }
        let member = when.distinct == .execution ? row.id.text : row.workflow.text
        let key = GroupCounts.key(row, position, when)
        switch verdict {
        case .yes: members[key, default: Members()].certain.insert(member)
        case .needs: members[key, default: Members()].pending.insert(member)
        case .unknown, .no: members[key, default: Members()].unknown.insert(member)
        }
    }

    /// Whether the group of an execution is as the policy wants it; `needs` where a missing fact decides.
    func verdict(_ row: Execution, _ position: Int, _ when: GroupCondition, isComplete: Bool) -> Ternary {
        let key = GroupCounts.key(row, position, when)
        if let known = verdicts[key] { return known }
        return when.verdict(
            GroupCount(policy: "", workflow: nil, count: 0, pending: 0, isComplete: isComplete, holds: nil))
    }

    /// Judges the groups that have members, and answers them in order.
    mutating func settle(_ set: PolicySet, _ snapshot: Snapshot) -> [GroupCount] {
        members.keys
            .sorted { ($0.position, $0.workflow?.text ?? "") < ($1.position, $1.workflow?.text ?? "") }
            .compactMap { key in
                let policy = set.shared[key.position].policy
                guard let when = policy.when, let found = members[key] else { return nil }
                let pending = found.pending.subtracting(found.certain)
                var group = GroupCount(
                    policy: policy.name, workflow: key.workflow, count: found.certain.count, pending: pending.count,
                    unknown: found.unknown.subtracting(found.certain).subtracting(pending).count,
                    isComplete: snapshot.hasReadAll(policy), holds: nil)
                let verdict = when.verdict(group)
                verdicts[key] = verdict
                group.holds = verdict == .needs ? nil : verdict == .yes
                return group
            }
    }

    private static func key(_ row: Execution, _ position: Int, _ when: GroupCondition) -> Key {
        Key(position: position, workflow: when.groupBy == .workflow ? row.workflow : nil)
    }
}

extension Snapshot {
    /// Whether everything was read that a policy may count: what lists show, and what they hide where it looks at that.
    func hasReadAll(_ policy: Policy) -> Bool {
        let looksAtLive = policy.match?.statuses?.contains(where: \.isLive) ?? true
        return completeness == .complete && coverage.knowsAll(withLive: looksAtLive)
    }
}

extension Policy {
    /// Whether its conditions name the mode of error workflows.
    var namesErrorMode: Bool { match?.names(.executionMode, ExecutionMode.error.word) ?? false }
}

extension Condition {
    /// Whether a test of a field, not under NOT, is this very text.
    func names(_ field: Field, _ text: String) -> Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains { $0.names(field, text) }
        case .not: false
        case .test(let test):
            test.field == field
                && test.operators.contains { operation in
                    if case .anyOf(let matches) = operation {
                        matches.contains { $0.isLiteral && $0.source == text }
                    } else {
                        false
                    }
                }
        }
    }
}
