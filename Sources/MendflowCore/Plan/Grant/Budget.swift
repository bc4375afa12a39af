extension Snapshot {
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

/// A policy that an action is charged to, with every share of its guards as the number that it is now.
final class ChargedPolicy {
    let name: String
    let guards: Guards
    let replay: ReplayPace?

    init(_ policy: SharedPolicy, _ snapshot: Snapshot) {
        name = policy.policy.name
        guards = snapshot.numberedGuards(of: policy)
        replay = policy.policy.replay
    }
}

/// Counts actions against caps; actions proposed within one plan count as soon as they are granted.
struct Budget {
    private(set) var charges: Charges
    private var grantedNow: [String: Int] = [:]
    private var grantedInstance = 0
    private(set) var inFlight: [String: Int] = [:]
    private(set) var inFlightInstance = 0
    /// Retries of replays that run, by workflow.
    private(set) var inFlightByWorkflow: [Charges.Key: Int] = [:]
    /// How far replays are whose first retries have to heal.
    private var canaries: [String: ReplayProgress] = [:]
    private(set) var circuits: [Charges.Key: CircuitState] = [:]
    /// Incidents of which a run is tried now.
    private var probed: Set<String> = []
    private let view: LedgerView
    private let snapshot: Snapshot
    private let name: (String) -> String
    let limits: InstanceLimits
    var now: ServerTime { snapshot.now }

    /// `charges` are those of the view's intents; `name` gives a policy's present name.
    init(
        view: LedgerView, charges: Charges, snapshot: Snapshot, limits: InstanceLimits,
        name: @escaping (String) -> String
    ) {
        self.view = view
        self.charges = charges
        self.snapshot = snapshot
        self.limits = limits
        self.name = name
        for intent in view.intents where !intent.wasNeverSent && intent.isInFlight(snapshot) {
            inFlightInstance += 1
            inFlight[name(intent.draft.policy), default: 0] += 1
            inFlightByWorkflow[.workflow(intent.draft.policy, intent.draft.workflow), default: 0] += 1
        }
    }

    /// The cap of a policy that holds an action longest now, and when it may free up; nil where none does. Nothing is charged.
    mutating func hold(_ draft: IntentDraft, charged: [ChargedPolicy]) -> Wait? {
        Wait.longest(holds(draft, charged))
    }

    /// Grants an action, or says which cap holds it longest and when that may free up. What stops several executions counts
    /// as so many actions.
    mutating func grant(_ draft: IntentDraft, charged: [ChargedPolicy]) -> Wait? {
        if let wait = holdOfAll(draft, charged: charged) { return wait }
        charge(draft, charged: charged)
        return nil
    }

    /// The cap that holds an action longest now, those of the instance included. Nothing is charged.
    mutating func holdOfAll(_ draft: IntentDraft, charged: [ChargedPolicy]) -> Wait? {
        var waits = holds(draft, charged)
        addCaps(limits.maxActions, .instance, granted: grantedInstance, draft.charges, .instanceLimit, to: &waits)
        if draft.action == .retry, inFlightInstance >= limits.maxInFlight {
            waits.append(Wait(reason: .maxInFlight, until: nil))
        }
        // Whatever else holds it: as long as the incident does, that is what people want to hear of.
        if let hold = incidentHold(draft) { return hold }
        let wait = Wait.longest(waits)
        // Nor is it news that as many run as may, while it lets go at its pace: told each time, that would fill the ledger.
        guard wait?.reason == .maxInFlight, let key = draft.incident, view.incidents[key]?.state == .draining else {
            return wait
        }
        return Wait(reason: .incident, until: nil)
    }

    private mutating func holds(_ draft: IntentDraft, _ charged: [ChargedPolicy]) -> [Wait] {
        var waits: [Wait] = []
        for policy in charged {
            addHolds(draft, policy.name, policy.guards, to: &waits)
            if let pace = policy.replay { addHolds(draft, policy.name, pace, to: &waits) }
        }
        return waits
    }

    /// The caps on actions that are full.
    private func addCaps(
        _ caps: [ActionCap], _ key: Charges.Key, granted: Int, _ count: Int, _ reason: Reason, to waits: inout [Wait]
    ) {
        for cap in caps {
            switch cap.per {
            case .tick: if granted > cap.amount - count { waits.append(Wait(reason: reason, until: nil)) }
            case .window(let period):
                guard case .full(let until) = room(cap.amount, period, key, adding: count) else { continue }
                waits.append(Wait(reason: reason, until: until))
            }
        }
    }

    /// Charges an action that is granted.
    mutating func charge(_ draft: IntentDraft, charged: [ChargedPolicy]) {
        if draft.action == .retry {
            inFlightInstance += 1
            inFlight[draft.policy, default: 0] += 1
            inFlightByWorkflow[.workflow(draft.policy, draft.workflow), default: 0] += 1
        }
        for policy in charged where policy.replay != nil && draft.action == .retry {
            var progress = progress(policy.name)
            progress.granted()
            canaries[policy.name] = progress
        }
        if let incident = draft.incident { probed.insert(incident) }
        grantedInstance += draft.charges
        for policy in draft.contributors { grantedNow[policy, default: 0] += draft.charges }
        charges.add(draft, draft.contributors, at: now)
        for policy in charged {
            guard let breaker = policy.guards.circuitBreaker, draft.action != .tag else { continue }
            _ = circuit(draft, policy.name, breaker)
            circuits[key(policy.name, breaker.groupBy, draft)]?.granted()
        }
    }

    private mutating func addHolds(_ draft: IntentDraft, _ policy: String, _ guards: Guards, to waits: inout [Wait]) {
        let count = draft.charges
        if let hold = circuitHold(draft, policy, guards) { waits.append(hold) }
        if !guards.maxActions.isEmpty {
            let granted = grantedNow[policy, default: 0]
            addCaps(guards.maxActions, .policy(policy), granted: granted, count, .maxActions, to: &waits)
        }
        for limit in guards.rateLimits {
            let key = key(policy, limit.groupBy, draft)
            if case .full(let until) = room(limit.max, limit.per, key, adding: count) {
                waits.append(Wait(reason: .rateLimit, until: until))
            }
        }
        if let cooldown = guards.cooldown, draft.action != .tag,
            let last = charges[.change(policy, draft.workflow)].last, last + cooldown > now
        {
            waits.append(Wait(reason: .cooldown, until: last + cooldown))
        }
        if draft.action == .retry, let most = guards.maxInFlight, inFlight[policy, default: 0] >= most {
            waits.append(Wait(reason: .maxInFlight, until: nil))
        }
    }

    /// What holds a retry of a replay beside the guards of every policy.
    private mutating func addHolds(_ draft: IntentDraft, _ policy: String, _ pace: ReplayPace, to waits: inout [Wait]) {
        if let most = pace.inFlightPerWorkflow,
            inFlightByWorkflow[.workflow(policy, draft.workflow), default: 0] >= most
        {
            waits.append(Wait(reason: .maxInFlight, until: nil))
        }
        guard pace.canary > 0 else { return }
        if !progress(policy).leavesRoom(canary: pace.canary) { waits.append(Wait(reason: .canary, until: nil)) }
    }

    /// What an incident holds: all but one of its runs until that has healed, then all that is beyond its pace.
    private func incidentHold(_ draft: IntentDraft) -> Wait? {
        guard let key = draft.incident, let incident = view.incidents[key], let holding = incident.holding else {
            return nil
        }
        switch incident.state {
        case .probing: return Wait(reason: .incident, until: nil)
        case .open:
            let isTried = probed.contains(key) || view.intents.contains { $0.probes(incident) }
            let due = incident.nextProbe(snapshot.clockOffset)
            return isTried || due > now ? Wait(reason: .incident, until: isTried ? nil : due) : nil
        case .draining:
            guard case .full(let until) = room(holding.pace.amount, holding.pace.per, .incident(key), adding: 1) else {
                return nil
            }
            return Wait(reason: .incident, until: until)
        }
    }

    /// How far a replay is, counted when it is asked for first.
    mutating func progress(_ policy: String) -> ReplayProgress {
        if let known = canaries[policy] { return known }
        let counted = ReplayProgress(policy, view, snapshot)
        canaries[policy] = counted
        return counted
    }

    func key(_ policy: String, _ group: RateLimit.Group, _ draft: IntentDraft) -> Charges.Key {
        switch group {
        case .policy: .policy(policy)
        case .workflow: .workflow(policy, draft.workflow)
        case .nodeType: .nodeType(policy, draft.nodeType)
        }
    }

    /// Whether the policy's breaker is open.
    private mutating func circuitHold(
        _ draft: IntentDraft, _ policy: String, _ guards: Guards
    ) -> Wait? {
        guard let breaker = guards.circuitBreaker, draft.action != .tag else { return nil }
        let state = circuit(draft, policy, breaker)
        let (isHeld, until) = state.holds(at: now)
        // A trial is one execution, not all that a bulk stop names.
        let isTooMuch = state.openUntil != nil && draft.charges > 1
        return isHeld || isTooMuch ? Wait(reason: .circuitOpen, until: until) : nil
    }

    /// The state of a breaker, recomputed when it is asked for first.
    mutating func circuit(_ draft: IntentDraft, _ policy: String, _ breaker: CircuitBreaker) -> CircuitState {
        let group = key(policy, breaker.groupBy, draft)
        if let known = circuits[group] { return known }
        let own = view.intents.filter {
            $0.draft.action != .tag && name($0.draft.policy) == policy
                && key(policy, breaker.groupBy, $0.draft) == group
        }
        let state = CircuitState(
            breaker, own.map { (snapshot.clockOffset.server($0.reservedAt), $0.outcome(view, snapshot)) })
        circuits[group] = state
        return state
    }

    /// Whether a window has places left.
    enum Room {
        case enough
        /// It has not until then; nil where it never can have so many.
        case full(until: ServerTime?)
    }

    func room(_ amount: Int, _ period: Period, _ key: Charges.Key, adding count: Int) -> Room {
        guard amount >= count else { return .full(until: nil) }
        let times = charges[key]
        guard times.count > amount - count else { return .enough }
        let free = times[times.count - (amount - count) - 1] + period
        return free > now ? .full(until: free) : .enough
    }
}
