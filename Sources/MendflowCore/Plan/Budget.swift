/// Counts actions against caps; actions proposed within one plan count as soon as they are granted.
struct Budget {
    /// What charges are counted by.
    private enum Key: Hashable {
        case instance
        case policy(String)
        case workflow(String, WorkflowID)
        case nodeType(String, String?)
        /// Actions other than tags, which no cooldown follows.
        case change(String, WorkflowID)
    }
    /// When each key was charged, oldest first, so that a window is judged by one of its times alone.
    private var charges: [Key: [Timestamp]] = [:]
    private var grantedNow: [String: Int] = [:]
    private var grantedInstance = 0
    private var inFlight: [String: Int] = [:]
    private var inFlightInstance = 0
    private let limits: InstanceLimits
    private let now: Timestamp

    /// A retry counts as in flight until its answer came, and on while its child is seen to be live. `name` gives a
    /// policy's present name.
    init(
        view: LedgerView, limits: InstanceLimits, now: Timestamp, name: (String) -> String,
        isLive: (ExecutionID) -> Bool
    ) {
        self.limits = limits
        self.now = now
        for intent in view.intents.sorted(by: { $0.reservedAt < $1.reservedAt }) {
            charge(intent.draft, intent.draft.contributors.map(name), at: intent.reservedAt)
            guard intent.draft.action == .retry, intent.state.isOpen || intent.child.map(isLive) == true else {
                continue
            }
            inFlightInstance += 1
            inFlight[name(intent.draft.policy), default: 0] += 1
        }
    }

    /// Grants an action, or says which cap holds it and when that may free up.
    mutating func grant(_ draft: IntentDraft, guards: [(policy: String, guards: Guards)]) -> (Reason, Timestamp?)? {
        for (policy, guards) in guards {
            if let held = held(draft, policy, guards) { return held }
        }
        for cap in limits.maxActions {
            switch cap.per {
            case .tick where grantedInstance >= cap.amount: return (.instanceLimit, nil)
            case .window(let period):
                if let free = full(cap.amount, period, .instance) { return (.instanceLimit, free) }
            case .tick: break
            }
        }
        if draft.action == .retry {
            if inFlightInstance >= limits.maxInFlight { return (.maxInFlight, nil) }
            inFlightInstance += 1
            inFlight[draft.policy, default: 0] += 1
        }
        grantedInstance += 1
        for policy in draft.contributors { grantedNow[policy, default: 0] += 1 }
        charge(draft, draft.contributors, at: now)
        return nil
    }

    private mutating func charge(_ draft: IntentDraft, _ contributors: [String], at time: Timestamp) {
        var keys: [Key] = [.instance]
        for policy in contributors {
            keys += [.policy(policy), .workflow(policy, draft.workflow), .nodeType(policy, draft.nodeType)]
            if draft.action != .tag { keys.append(.change(policy, draft.workflow)) }
        }
        for key in keys {
            // The ledger's clock may be a little ahead of the server's; the order must hold all the same.
            charges[key, default: []].append(max(time, charges[key]?.last ?? time))
        }
    }

    private func held(_ draft: IntentDraft, _ policy: String, _ guards: Guards) -> (Reason, Timestamp?)? {
        for cap in guards.maxActions {
            switch cap.per {
            case .tick where grantedNow[policy, default: 0] >= cap.amount: return (.maxActions, nil)
            case .window(let period):
                if let free = full(cap.amount, period, .policy(policy)) { return (.maxActions, free) }
            case .tick: break
            }
        }
        for limit in guards.rateLimits {
            let key: Key =
                switch limit.groupBy {
                case .policy: .policy(policy)
                case .workflow: .workflow(policy, draft.workflow)
                case .nodeType: .nodeType(policy, draft.nodeType)
                }
            if let free = full(limit.max, limit.per, key) { return (.rateLimit, free) }
        }
        if let cooldown = guards.cooldown, draft.action != .tag,
            let last = charges[.change(policy, draft.workflow)]?.last, last + cooldown > now
        {
            return (.cooldown, last + cooldown)
        }
        if draft.action == .retry, let most = guards.maxInFlight, inFlight[policy, default: 0] >= most {
            return (.maxInFlight, nil)
        }
        return nil
    }

    /// When the next place frees up, where a window is full; nil where there is room.
    private func full(_ amount: Int, _ period: Period, _ key: Key) -> Timestamp? {
        guard amount > 0 else { return Timestamp(milliseconds: .max) }
        guard let times = charges[key], times.count >= amount else { return nil }
        let free = times[times.count - amount] + period
        return free > now ? free : nil
    }
}
