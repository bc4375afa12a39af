/// When actions were charged to the budgets that they count towards.
struct Charges: Sendable {
    /// What charges are counted by.
    enum Key: Hashable {
        case instance
        case policy(String)
        case workflow(String, WorkflowID)
        case nodeType(String, String?)
        /// Actions other than tags, which no cooldown follows.
        case change(String, WorkflowID)
        /// What an incident let go.
        case incident(String)
    }
    /// When each key was charged, oldest first, so that a window is judged by one of its times alone.
    private var times: [Key: [ServerTime]] = [:]

    /// Charges what the ledger's intents took; `name` gives a policy's present name.
    init(_ intents: [Intent], _ clockOffset: ClockOffset, name: (String) -> String) {
        // What never left took nothing: it gives back what it was granted.
        for intent in Charges.oldestFirst(intents) where !intent.wasNeverSent {
            add(intent.draft, intent.draft.contributors.map(name), at: clockOffset.server(intent.chargedAt))
        }
    }

    subscript(key: Key) -> [ServerTime] { times[key] ?? [] }

    /// They are mostly in order, and putting them in order copies them.
    private static func oldestFirst(_ intents: [Intent]) -> [Intent] {
        let isOrdered = zip(intents, intents.dropFirst()).allSatisfy { $0.chargedAt <= $1.chargedAt }
        return isOrdered ? intents : intents.sorted { $0.chargedAt < $1.chargedAt }
    }

    /// Charges an action to policies by their present names.
    mutating func add(_ draft: IntentDraft, _ contributors: [String], at time: ServerTime) {
        func charge(_ key: Key) { times[key, default: []].charge(draft.charges, at: time) }
        charge(.instance)
        for policy in contributors {
            charge(.policy(policy))
            charge(.workflow(policy, draft.workflow))
            charge(.nodeType(policy, draft.nodeType))
            if draft.action != .tag { charge(.change(policy, draft.workflow)) }
        }
        if let incident = draft.incident { charge(.incident(incident)) }
    }
}

extension [ServerTime] {
    /// The offset of the clocks is known to two seconds, so what was reserved just now may seem to come later. The order
    /// must hold all the same.
    fileprivate mutating func charge(_ count: Int, at time: ServerTime) {
        self += repeatElement(Swift.max(time, last ?? time), count: count)
    }
}

extension Intent {
    /// From when on it counts: when its request was to leave, and until then when it was granted. Between the two the machine
    /// may have slept, and what n8n gets within an hour is what a cap is about.
    fileprivate var chargedAt: AgentTime { sendingAt ?? reservedAt }
}
