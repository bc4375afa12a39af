extension Snapshot {
    /// How many chains a policy's `percent` is a share of: those of the workflows that the policy looks at, in a window
    /// only those that began within it.
    func population(of policy: SharedPolicy, _ per: ActionCap.Per) -> Int {
        var seen: [WorkflowID: Bool] = [:]
        var count = 0
        for row in executions.values where row.retryOf == nil {
            if case .window(let period) = per {
                guard let began = row.startedAt ?? row.createdAt ?? row.stoppedAt, began > now - period else {
                    continue
                }
            }
            let isSeen = seen[row.workflow] ?? MatchIndex.sees(row.workflow, policy.policy, workflows)
            seen[row.workflow] = isSeen
            if isSeen { count += 1 }
        }
        return count
    }

    /// A policy's guards with every share as the number that it is now.
    func numberedGuards(of policy: SharedPolicy) -> Guards {
        var guards = policy.policy.guards
        guard guards.maxActions.contains(where: { $0.percent != nil }) else { return guards }
        guards.maxActions = guards.maxActions.map { cap in
            guard let percent = cap.percent else { return cap }
            return ActionCap(amount: min(cap.amount, population(of: policy, cap.per) * percent / 100), per: cap.per)
        }
        return guards
    }
}
