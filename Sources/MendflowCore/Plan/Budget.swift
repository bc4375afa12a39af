/// Counts actions against caps; actions proposed within one plan count as soon as they are granted.
struct Budget {
    private struct Charge {
        var at: Timestamp
        var policies: [String]
        var workflow: WorkflowID
        var nodeType: String?
        var isTag: Bool
    }
    private var charges: [Charge]
    private var grantedNow: [String: Int] = [:]
    private var grantedInstance = 0
    private var inFlight: [String: Int] = [:]
    private var inFlightInstance = 0
    private let limits: InstanceLimits
    private let now: Timestamp

    /// A retry counts as in flight until its answer came, and on while its child is seen to be live.
    init(view: LedgerView, limits: InstanceLimits, now: Timestamp, isLive: (ExecutionID) -> Bool) {
        self.limits = limits
        self.now = now
        charges = view.intents.map {
            Charge(
                at: $0.reservedAt, policies: $0.draft.contributors, workflow: $0.draft.workflow,
                nodeType: $0.draft.nodeType, isTag: $0.draft.action == .tag)
        }
        for intent in view.intents
        where intent.draft.action == .retry && (intent.state.isOpen || intent.child.map(isLive) == true) {
            inFlightInstance += 1
            inFlight[intent.draft.policy, default: 0] += 1
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
                if let free = full(cap.amount, period, where: { _ in true }) { return (.instanceLimit, free) }
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
        charges.append(
            Charge(
                at: now, policies: draft.contributors, workflow: draft.workflow, nodeType: draft.nodeType,
                isTag: draft.action == .tag))
        return nil
    }

    private func held(_ draft: IntentDraft, _ policy: String, _ guards: Guards) -> (Reason, Timestamp?)? {
        for cap in guards.maxActions {
            switch cap.per {
            case .tick where grantedNow[policy, default: 0] >= cap.amount: return (.maxActions, nil)
            case .window(let period):
                if let free = full(cap.amount, period, where: { $0.policies.contains(policy) }) {
                    return (.maxActions, free)
                }
            case .tick: break
            }
        }
        for limit in guards.rateLimits {
            let free = full(limit.max, limit.per) { charge in
                guard charge.policies.contains(policy) else { return false }
                switch limit.groupBy {
                case .policy: return true
                case .workflow: return charge.workflow == draft.workflow
                case .nodeType: return charge.nodeType == draft.nodeType
                }
            }
            if let free { return (.rateLimit, free) }
        }
        if let cooldown = guards.cooldown, draft.action != .tag {
            let last = charges.last { !$0.isTag && $0.policies.contains(policy) && $0.workflow == draft.workflow }
            if let last, last.at + cooldown > now { return (.cooldown, last.at + cooldown) }
        }
        if draft.action == .retry, let most = guards.maxInFlight, inFlight[policy, default: 0] >= most {
            return (.maxInFlight, nil)
        }
        return nil
    }

    /// When the next place frees up, where a window is full; nil where there is room.
    private func full(_ amount: Int, _ period: Period, where counts: (Charge) -> Bool) -> Timestamp? {
        let within = charges.filter { $0.at + period > now && counts($0) }
        guard within.count >= amount else { return nil }
        guard amount > 0 else { return Timestamp(milliseconds: .max) }
        return within[within.count - amount].at + period
    }
}
