/// One guard's allowance: how much is used and left at this plan.
public struct GuardBalance: Sendable, Hashable, CustomStringConvertible {
    /// The guard, as policies spell it.
    public var name: String
    /// What it counts over: `chain`, `policy`, `workflow`, `node_type`, `replay` or `instance`.
    public var scope: String
    /// How many were used, and how many there are; a share as the number that it is now.
    public var used: Int, limit: Int
    /// The window; nil where there is none.
    public var per: Period?
    /// Whether it counts within one tick.
    public var isPerTick = false
    /// Until when nothing is left; nil where something is, or nobody can tell.
    public var fullUntil: ServerTime?
    /// A breaker's state, where it is not closed: `open`, `half-open`; of a canary how many are on their way.
    public var state: String?

    /// How many more there may be now.
    public var left: Int { max(0, limit - used) }

    /// Whether it lets nothing through now.
    public var isFull: Bool {
        switch name {
        case "canary": left > 0
        case "circuit_breaker": state != nil
        default: left == 0
        }
    }

    /// Whether it is the kind of guard for which something waits.
    public func isMeant(by reason: Reason) -> Bool {
        switch reason {
        case .maxActions: name == "max_actions" && scope != "instance"
        case .instanceLimit: name == "max_actions" && scope == "instance"
        case .rateLimit: name == "rate_limit"
        case .cooldown: name == "cooldown"
        case .circuitOpen: name == "circuit_breaker"
        case .maxInFlight: name == "max_in_flight"
        case .canary: name == "canary"
        default: false
        }
    }

    /// `max_actions of the policy: 17 of 20 per 1h left`.
    public var description: String { "\(name) of the \(scope): \(words)" }

    /// Which guard it is, and of which time: `max_actions of the policy per 1h`.
    public var title: String {
        "\(name) of the \(scope)" + (per.map { " per \($0)" } ?? "") + (isPerTick ? " per tick" : "")
    }

    /// How it stands, without what it is.
    public var standing: String {
        switch name {
        case "cooldown", "circuit_breaker", "canary", "stop_after_failures": words
        default: "\(left) of \(limit) left"
        }
    }

    private var words: String {
        let span = (per.map { " per \($0)" } ?? "") + (isPerTick ? " per tick" : "")
        let end = fullUntil.map { " until \($0)" } ?? ""
        switch name {
        case "cooldown":
            return "\(per.map { "\($0) " } ?? "")between two actions, \(left > 0 ? "over" : "goes on\(end)")"
        case "circuit_breaker":
            return "\(state ?? "closed")\(end), \(used) of \(limit) failures\(span)"
        case "canary":
            let all = limit == 1 ? "the first one" : "the first \(limit)"
            if left == 0 { return "\(all) healed" }
            return "\(used) of \(all) healed, \(state ?? "0") on the way: any other waits for that"
        case "stop_after_failures": return "\(used) of \(limit) failures after which it pauses itself"
        default: return "\(left) of \(limit)\(span) left\(fullUntil == nil ? waitsFor : ", none\(end)")"
        }
    }
}

extension GuardBalance {
    /// What frees it up, where no time is known.
    private var waitsFor: String {
        guard left == 0 else { return "" }
        if isPerTick { return ", none until the next tick" }
        return name == "max_in_flight" ? ", none until one of them has ended" : ""
    }
}

extension IntentDraft {
    /// Whether it is done to an execution, alone or together with others.
    fileprivate func isAbout(_ id: ExecutionID) -> Bool { execution == id || bulk?.predicted.contains(id) ?? false }
}

extension Planner {
    /// The balances of a policy and of its instance for one execution, with what a plan grants to others charged, in a tick as in
    /// every other time. What it grants to this one is not, for these are what that has before it.
    public func balances(of policy: Policy, for subject: Subject, beside plan: Plan) -> [GuardBalance] {
        guard let shared = set.shared.first(where: { $0.policy.name == policy.name }) else { return [] }
        let draft = IntentDraft(
            instance: subject.snapshot.instance, action: policy.remediation?.kind ?? .tag, execution: subject.row.id,
            root: subject.chain.root, workflow: subject.row.workflow, policy: policy.name,
            policyVersion: policy.version, nodeType: subject.failedNodeType)
        let charges = Charges(subject.view.intents, subject.snapshot.clockOffset, name: set.present)
        var budget = Budget(
            view: subject.view, charges: charges, snapshot: subject.snapshot, limits: set.limits, name: set.present)
        let others = plan.actions.map(\.draft).filter { !$0.isAbout(subject.row.id) }
        for other in others {
            let charged = set.shared.filter { other.contributors.contains($0.policy.name) }
            budget.charge(other, charged: charged.map { ChargedPolicy($0, subject.snapshot) })
        }
        var balances: [GuardBalance] = []
        // A replay retries once whatever was tried before, so that nothing is left or used up.
        if case .retry(let action)? = policy.remediation, policy.replay == nil, subject.row.status.isFailed {
            balances.append(
                GuardBalance(name: "max_retries", scope: "chain", used: subject.retriesMade, limit: action.maxRetries))
        }
        let guards = subject.snapshot.numberedGuards(of: shared)
        if let pace = policy.replay { balances += budget.balances(draft, pace) }
        return balances + budget.balances(draft, guards, others)
    }
}

extension Budget {
    /// The balances of a policy's guards and of the instance's; `granted` is what this tick does to others.
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

    /// The balances of a replay's own limits.
    fileprivate mutating func balances(_ draft: IntentDraft, _ pace: ReplayPace) -> [GuardBalance] {
        let progress = progress(draft.policy)
        var balances: [GuardBalance] = []
        if pace.canary > 0 {
            var canary = GuardBalance(
                name: "canary", scope: "replay", used: min(progress.succeeded, pace.canary), limit: pace.canary)
            canary.state = "\(progress.pending)"
            balances.append(canary)
        }
        if let most = pace.inFlightPerWorkflow {
            let used = inFlightByWorkflow[.workflow(draft.policy, draft.workflow), default: 0]
            balances.append(GuardBalance(name: "max_in_flight", scope: "workflow", used: used, limit: most))
        }
        if let most = pace.stopAfterFailures {
            balances.append(
                GuardBalance(name: "stop_after_failures", scope: "replay", used: progress.setbacks, limit: most))
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
