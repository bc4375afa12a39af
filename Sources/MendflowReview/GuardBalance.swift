public import MendflowCore

/// What a guard has let through and what it leaves.
public struct GuardBalance: Sendable, Hashable, CustomStringConvertible {
    /// The guard, as policies spell it.
    public var name: String
    /// What it counts over: `chain`, `policy`, `workflow`, `node_type` or `instance`.
    public var scope: String
    /// How many were used, and how many there are.
    public var used: Int, limit: Int
    /// The window; nil where there is none.
    public var per: Period?
    /// Until when nothing is left; nil where something is.
    public var fullUntil: Timestamp?

    /// `max_actions of the policy: 3 of 20 per 1h`.
    public var description: String {
        "\(name) of the \(scope): \(used) of \(limit)" + (per.map { " per \($0)" } ?? "")
            + (fullUntil.map { ", full until \($0)" } ?? "")
    }

    /// The balances of a policy and of its instance for one execution, as the planner counts them.
    static func all(
        _ policy: Policy, _ subject: Subject, _ view: LedgerView, limits: InstanceLimits
    ) -> [GuardBalance] {
        let names = Set([policy.name, policy.renamedFrom ?? policy.name])
        let counter = Counter(now: subject.snapshot.now, executions: subject.snapshot.executions)
        let own = view.intents.filter { !names.isDisjoint(with: $0.draft.contributors) }
        let onWorkflow = own.filter { $0.draft.workflow == subject.row.workflow }
        var balances: [GuardBalance] = []
        if case .retry(let action)? = policy.remediation, subject.row.status.isFailed {
            balances.append(
                GuardBalance(name: "max_retries", scope: "chain", used: subject.retriesMade, limit: action.maxRetries))
        }
        balances += counter.caps(policy.guards.maxActions, "policy", own)
        for limit in policy.guards.rateLimits {
            let counted =
                switch limit.groupBy {
                case .policy: own
                case .workflow: onWorkflow
                case .nodeType: own.filter { $0.draft.nodeType == subject.nodeType }
                }
            balances.append(
                counter.balance("rate_limit", limit.groupBy.rawValue, counted, limit.max, limit.per))
        }
        if let cooldown = policy.guards.cooldown {
            let changes = onWorkflow.filter { $0.draft.action != .tag }
            balances.append(counter.balance("cooldown", "workflow", changes, 1, cooldown))
        }
        if let most = policy.guards.maxInFlight {
            let flying = counter.inFlight(own.filter { names.contains($0.draft.policy) })
            balances.append(GuardBalance(name: "max_in_flight", scope: "policy", used: flying, limit: most))
        }
        balances += counter.caps(limits.maxActions, "instance", view.intents)
        if policy.remediation?.kind == .retry {
            let flying = counter.inFlight(view.intents)
            balances.append(
                GuardBalance(name: "max_in_flight", scope: "instance", used: flying, limit: limits.maxInFlight))
        }
        return balances
    }

    private struct Counter {
        var now: Timestamp
        var executions: [ExecutionID: Execution]

        func caps(_ caps: [ActionCap], _ scope: String, _ intents: [Intent]) -> [GuardBalance] {
            caps.compactMap { cap in
                guard case .window(let period) = cap.per else { return nil }
                return balance("max_actions", scope, intents, cap.amount, period)
            }
        }

        func balance(
            _ name: String, _ scope: String, _ intents: [Intent], _ limit: Int, _ per: Period
        ) -> GuardBalance {
            let times = intents.map(\.reservedAt).filter { $0 + per > now }.sorted()
            let isFull = limit > 0 && times.count >= limit
            return GuardBalance(
                name: name, scope: scope, used: times.count, limit: limit, per: per,
                fullUntil: isFull ? times[times.count - limit] + per : nil)
        }

        func inFlight(_ intents: [Intent]) -> Int {
            intents.count { $0.isInFlight(at: now) { executions[$0] } }
        }
    }
}

extension Subject {
    /// The type of the node that failed, where the data tells.
    fileprivate var nodeType: String? {
        if case .known(let detail) = detail { detail.lastNode?.type } else { nil }
    }
}
