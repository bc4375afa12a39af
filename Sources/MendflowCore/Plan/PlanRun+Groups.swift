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
    }
    private var members: [Key: Members] = [:]

    /// Counts a chain, or its workflow.
    mutating func add(_ row: Execution, _ position: Int, _ when: GroupCondition, isCertain: Bool) {
        let member = when.distinct == .execution ? row.id.text : row.workflow.text
        let key = GroupCounts.key(row, position, when)
        if isCertain {
            members[key, default: Members()].certain.insert(member)
        } else {
            members[key, default: Members()].pending.insert(member)
        }
    }

    /// Whether the group of an execution is as the policy wants it; `needs` where a missing fact decides.
    func verdict(_ row: Execution, _ position: Int, _ when: GroupCondition) -> Ternary {
        let (count, pending) = numbers(GroupCounts.key(row, position, when))
        let holds = when.holds(count)
        return (0...pending).allSatisfy { when.holds(count + $0) == holds } ? Ternary(holds) : .needs
    }

    /// The groups that have members, in order.
    func found(_ set: PolicySet) -> [GroupCount] {
        members.keys
            .sorted { ($0.position, $0.workflow?.text ?? "") < ($1.position, $1.workflow?.text ?? "") }
            .compactMap { key in
                let policy = set.shared[key.position].policy
                guard let when = policy.when else { return nil }
                let (count, pending) = numbers(key)
                let holds = when.holds(count)
                let isDecided = (0...pending).allSatisfy { when.holds(count + $0) == holds }
                return GroupCount(
                    policy: policy.name, workflow: key.workflow, count: count, pending: pending,
                    holds: isDecided ? holds : nil)
            }
    }

    private func numbers(_ key: Key) -> (Int, Int) {
        guard let found = members[key] else { return (0, 0) }
        return (found.certain.count, found.pending.subtracting(found.certain).count)
    }

    private static func key(_ row: Execution, _ position: Int, _ when: GroupCondition) -> Key {
        Key(position: position, workflow: when.groupBy == .workflow ? row.workflow : nil)
    }
}

extension PlanRun {
    /// Counts the groups of all policies with `when`, by the first run of each chain: what was started to run it again
    /// counts for nothing, whoever started it.
    mutating func countGroups() {
        guard judged.hasGroups else { return }
        for row in scene.snapshot.executions.values where row.retryOf == nil && row.status != .success {
            let positions = judged.byStatus[row.status] ?? []
            guard positions.contains(where: { set.shared[$0].policy.when != nil }), isEligible(row) else { continue }
            let subject = Subject(scene: scene, chain: lineage.chain(of: row.id), row: row)
            let since = row.status.isFailed ? row.stoppedAt : subject.statusSince
            guard let age = since.map({ scene.snapshot.now - $0 }) else { continue }
            index.begin()
            for candidate in index.candidates(kind(subject), of: positions, in: set, scene.snapshot) {
                let policy = set.shared[candidate.position].policy
                guard let when = policy.when, age <= when.within else { continue }
                // A failure of an error workflow follows another failure, ours perhaps.
                guard row.mode != .error || policy.namesErrorMode else { continue }
                switch candidate.rest.map({ index.verdict($0, subject) }) ?? .yes {
                case .yes: groups.add(row, candidate.position, when, isCertain: true)
                case .needs:
                    needs.formUnion(index.missing)
                    groups.add(row, candidate.position, when, isCertain: false)
                case .no, .unknown: break
                }
            }
        }
        plan.groups = groups.found(set)
    }

    /// Whether the group of an execution lets a policy match; one that acted on it before goes on with it.
    func groupVerdict(_ subject: Subject, _ position: Int) -> Ternary {
        let policy = set.shared[position].policy
        guard let when = policy.when else { return .yes }
        if let owner = fixedOwner(subject), set.present(owner) == policy.name { return .yes }
        return groups.verdict(subject.row, position, when)
    }

    /// What a row has in common with many others.
    func kind(_ subject: Subject) -> MatchIndex.Kind {
        MatchIndex.Kind(
            status: subject.row.status, workflow: subject.row.workflow, mode: subject.chain.originMode)
    }

    /// How many chains a policy's share is a share of: those of the workflows that it looks at, in a window only those
    /// that began within it.
    func population(_ position: Int, _ per: ActionCap.Per) -> Int {
        var seen: [WorkflowID: Bool] = [:]
        var count = 0
        for row in scene.snapshot.executions.values where row.retryOf == nil {
            if case .window(let period) = per {
                guard let began = row.startedAt ?? row.createdAt ?? row.stoppedAt,
                    began > scene.snapshot.now - period
                else { continue }
            }
            let isSeen =
                seen[row.workflow] ?? MatchIndex.sees(row.workflow, set.shared[position].policy, scene.snapshot)
            seen[row.workflow] = isSeen
            if isSeen { count += 1 }
        }
        return count
    }

    /// A policy's guards with shares as numbers.
    func numbered(_ guards: Guards, _ position: Int) -> Guards {
        guard guards.maxActions.contains(where: { $0.percent != nil }) else { return guards }
        var guards = guards
        guards.maxActions = guards.maxActions.map { cap in
            guard let percent = cap.percent else { return cap }
            return ActionCap(amount: min(cap.amount, population(position, cap.per) * percent / 100), per: cap.per)
        }
        return guards
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
