/// One guard's allowance: how much is used and left at this plan.
public struct GuardBalance: Sendable, Hashable, CustomStringConvertible {
    /// The guard, as policies spell it.
    public var name: String
    /// What it counts over: `chain`, `policy`, `workflow`, `node_type` or `instance`.
    public var scope: String
    /// How many were used, and how many there are; a share as the number that it is now.
    public var used: Int, limit: Int
    /// The window; nil where there is none.
    public var per: Period?
    /// Whether it counts within one tick.
    public var isPerTick = false
    /// Until when nothing is left; nil where something is, or nobody can tell.
    public var fullUntil: ServerTime?
    /// A breaker's state, where it is not closed: `open`, `half-open`.
    public var state: String?

    /// How many more there may be now.
    public var left: Int { max(0, limit - used) }

    /// `max_actions of the policy: 17 of 20 per 1h left`.
    public var description: String { "\(name) of the \(scope): \(words)" }

    private var words: String {
        let span = (per.map { " per \($0)" } ?? "") + (isPerTick ? " per tick" : "")
        let end = fullUntil.map { " until \($0)" } ?? ""
        switch name {
        case "cooldown":
            return "\(per.map { "\($0) " } ?? "")between two actions, \(left > 0 ? "over" : "goes on\(end)")"
        case "circuit_breaker":
            return "\(state ?? "closed")\(end), \(used) of \(limit) failures\(span)"
        default: return "\(left) of \(limit)\(span) left\(fullUntil == nil ? "" : ", none\(end)")"
        }
    }
}

extension Planner {
    /// The balances of a policy and of its instance for one execution, beside what a plan grants already.
    public func balances(of policy: Policy, for subject: Subject, beside plan: Plan) -> [GuardBalance] {
        guard let shared = set.shared.first(where: { $0.policy.name == policy.name }) else { return [] }
        let draft = IntentDraft(
            instance: subject.snapshot.instance, action: policy.remediation?.kind ?? .tag, execution: subject.row.id,
            root: subject.chain.root, workflow: subject.row.workflow, policy: policy.name,
            policyVersion: policy.version, nodeType: subject.failedNodeType)
        let charges = Charges(subject.view.intents, subject.snapshot.clockOffset, name: set.present)
        var budget = Budget(
            view: subject.view, charges: charges, snapshot: subject.snapshot, limits: set.limits, name: set.present)
        var balances: [GuardBalance] = []
        // A replay retries once whatever was tried before, so that nothing is left or used up.
        if case .retry(let action)? = policy.remediation, policy.replay == nil, subject.row.status.isFailed {
            balances.append(
                GuardBalance(name: "max_retries", scope: "chain", used: subject.retriesMade, limit: action.maxRetries))
        }
        let guards = subject.snapshot.numberedGuards(of: shared)
        return balances + budget.balances(draft, guards, plan.actions.map(\.draft))
    }
}

extension Budget {
    /// The balances of a policy's guards and of the instance's; `granted` is what this tick does.
    fileprivate mutating func balances(
        _ draft: IntentDraft, _ guards: Guards, _ granted: [IntentDraft]
    ) -> [GuardBalance] {
        let policy = draft.policy
        var balances = caps(
            guards.maxActions, .policy(policy), "policy", granted.filter { $0.contributors.contains(policy) })
        balances += guards.rateLimits.map { limit in
            balance("rate_limit", limit.groupBy.rawValue, key(policy, limit.groupBy, draft), limit.max, limit.per)
        }
        if let cooldown = guards.cooldown {
            balances.append(balance("cooldown", "workflow", .change(policy, draft.workflow), 1, cooldown))
        }
        if let most = guards.maxInFlight {
            balances.append(
                GuardBalance(name: "max_in_flight", scope: "policy", used: inFlight[policy, default: 0], limit: most))
        }
        if let breaker = guards.circuitBreaker, draft.action != .tag { balances.append(balance(draft, breaker)) }
        balances += caps(limits.maxActions, .instance, "instance", granted)
        if draft.action == .retry {
            balances.append(
                GuardBalance(
                    name: "max_in_flight", scope: "instance", used: inFlightInstance, limit: limits.maxInFlight))
        }
        return balances
    }

    private func caps(_ caps: [ActionCap], _ key: Charges.Key, _ scope: String, _ granted: [IntentDraft])
        -> [GuardBalance]
    {
        caps.map { cap in
            switch cap.per {
            case .tick:
                GuardBalance(
                    name: "max_actions", scope: scope, used: granted.reduce(0) { $0 + $1.charges }, limit: cap.amount,
                    isPerTick: true)
            case .window(let period): balance("max_actions", scope, key, cap.amount, period)
            }
        }
    }

    private func balance(_ name: String, _ scope: String, _ key: Charges.Key, _ limit: Int, _ per: Period)
        -> GuardBalance
    {
        var balance = GuardBalance(
            name: name, scope: scope, used: charges[key].count { $0 + per > now }, limit: limit, per: per)
        if case .full(let until) = room(limit, per, key, adding: 1) { balance.fullUntil = until }
        return balance
    }

    private mutating func balance(_ draft: IntentDraft, _ breaker: CircuitBreaker) -> GuardBalance {
        let state = circuit(draft, draft.policy, breaker)
        var balance = GuardBalance(
            name: "circuit_breaker", scope: breaker.groupBy.rawValue,
            used: state.recent.count { $0 > now - breaker.window }, limit: breaker.failureThreshold, per: breaker.window
        )
        guard let until = state.openUntil else { return balance }
        balance.used = breaker.failureThreshold
        balance.state = until > now ? "open" : "half-open"
        balance.fullUntil = until > now ? until : nil
        return balance
    }
}
