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
            let age = since.map { scene.snapshot.now - $0 }
            index.begin()
            for candidate in index.candidates(kind(subject), of: positions, in: set, scene.snapshot) {
                let policy = set.shared[candidate.position].policy
                guard let when = policy.when, age.map({ $0 <= when.within }) ?? true else { continue }
                // A failure of an error workflow follows another failure, ours perhaps.
                guard row.mode != .error || policy.namesErrorMode else { continue }
                let verdict = verdict(candidate, subject)
                groups.add(row, candidate.position, when, age == nil ? verdict.and(.unknown) : verdict)
            }
        }
        plan.groups = groups.settle(set, scene.snapshot)
    }

    /// A candidate's verdict on an execution; facts that it lacks are asked for.
    mutating func verdict(_ candidate: MatchIndex.Candidate, _ subject: Subject) -> Ternary {
        guard !candidate.isUnknown else { return .unknown }
        guard let rest = candidate.rest else { return .yes }
        let verdict = index.verdict(rest, subject)
        if verdict == .needs { needs.formUnion(index.missing) }
        return verdict
    }

    /// Whether the group of an execution lets a policy match; one that acted on it before goes on with it.
    func groupVerdict(_ subject: Subject, _ position: Int) -> Ternary {
        let policy = set.shared[position].policy
        guard let when = policy.when else { return .yes }
        if let owner = fixedOwner(subject), set.present(owner) == policy.name { return .yes }
        return groups.verdict(subject.row, position, when, isComplete: scene.snapshot.hasReadAll(policy))
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

extension Snapshot {
    /// Whether everything was read that a policy may count: what lists show, and what they hide where it looks at that.
    fileprivate func hasReadAll(_ policy: Policy) -> Bool {
        guard completeness == .complete, coveredFrom == nil, listedFrom == nil else { return false }
        let looksAtLive = policy.match?.statuses?.contains(where: \.isLive) ?? true
        return !looksAtLive || gapsLeft == 0
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
