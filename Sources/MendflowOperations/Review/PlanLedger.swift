import MendflowCore

/// The ledger as a plan sees it: what stands in the file, or nothing at all, and over it what a tick finds out before it
/// decides. Nothing is ever written.
final class PlanLedger: Ledger {
    private let base: (any Ledger)?
    private let memoryless: InstanceBaseline
    private var settled: [IntentID: (settlement: Settlement, at: Timestamp)] = [:]
    private var latches: [Latch] = []
    private var alarm: String?

    /// `memoryless` stands in where there is no ledger, or none that knows the instance.
    init(base: (any Ledger)?, memoryless: InstanceBaseline) {
        self.base = base
        self.memoryless = memoryless
    }

    /// Keeps what rows prove about the past for the views to come; ids of reservations are not to be had.
    func commit(
        _ changes: [LedgerChange], audit: [AuditRecord], at time: Timestamp
    ) throws(LedgerFailure) -> [IntentID] {
        for change in changes {
            switch change {
            // A re-send takes the place of what is superseded, and nothing is sent.
            case .settle(let id, let settlement) where settlement.state != .superseded:
                settled[id] = (settlement, time)
            // That a chain is exhausted is what the plan itself says.
            case .latch(_, let latch, _) where latch.kind != .exhausted: latches.append(latch)
            case .alarm(_, let reason): alarm = reason
            default: break
            }
        }
        return []
    }

    func view(
        of instance: InstanceKey, since: Timestamp, shadow: Bool, chains: Set<ExecutionID>
    ) throws(LedgerFailure) -> LedgerView {
        var view =
            try base?.view(of: instance, since: since, shadow: shadow, chains: chains)
            ?? LedgerView(isMemoryless: true)
        for index in view.intents.indices {
            if let end = settled[view.intents[index].id] { view.intents[index].take(end.settlement, at: end.at) }
        }
        for latch in latches { view.apply(latch) }
        view.alarm = view.alarm ?? alarm
        return view
    }

    func baseline(of name: String) throws(LedgerFailure) -> InstanceBaseline? {
        try base?.baseline(of: name) ?? memoryless
    }

    func tickState(of instance: InstanceKey) throws(LedgerFailure) -> TickState? {
        try base?.tickState(of: instance)
    }

    func intent(_ id: IntentID) throws(LedgerFailure) -> Intent? { try base?.intent(id) }

    func intents(in states: Set<IntentState>, instance: InstanceKey?) throws(LedgerFailure) -> [Intent] {
        try base?.intents(in: states, instance: instance) ?? []
    }

    func head() throws(LedgerFailure) -> (sequence: Int64, hash: [UInt8]) {
        try base?.head() ?? (0, [UInt8](repeating: 0, count: 32))
    }

    func records(from sequence: Int64, limit: Int) throws(LedgerFailure) -> [SealedRecord] {
        try base?.records(from: sequence, limit: limit) ?? []
    }

    func records(about executions: Set<ExecutionID>, instance: InstanceKey) throws(LedgerFailure) -> [SealedRecord] {
        try base?.records(about: executions, instance: instance) ?? []
    }
}

extension Intent {
    /// As the ledger does it: what an earlier outcome told stays, where the later one does not tell.
    fileprivate mutating func take(_ settlement: Settlement, at time: Timestamp) {
        state = settlement.state
        settledAt = time
        child = settlement.child ?? child
        note = settlement.note ?? note
        notBefore = settlement.notBefore ?? notBefore
        answeredAt = settlement.answeredAt
    }
}
