package import MendflowCore
package import MendflowLedger

/// The ledger as an agent works with it: kept up with what others write, and loaded anew where older chains are seen, or
/// where much of it has become too old to matter.
package actor LiveLedger: LedgerSource {
    private let ledger: Ledger
    private let clock: any AgentClock
    private var scope: LedgerScope
    private var loadedAt: Period
    /// The end of the ledger, as it was looked at last.
    private var seen: Int64 = 0
    /// Why nothing can be read or written any more: its file is not where it was.
    private(set) var displaced: LedgerFailure?
    /// Whether what was asked of it last was answered.
    private var isAnswering = true
    /// The end of what was looked through for orders.
    private var obeyed: Int64 = 0
    private static let reloadInterval = Period.minutes(10)
    /// What persons write down; of the agents themselves hardly anything is of these kinds while an instance is quiet.
    private static let orders: Set<AuditKind> = [.command, .approval, .standing, .replay, .epoch]
    private static let mostRecords = 500

    init(_ ledger: Ledger, _ scope: LedgerScope, _ clock: any AgentClock) {
        self.ledger = ledger
        self.scope = scope
        self.clock = clock
        loadedAt = clock.monotonic()
    }

    package func state(since: AgentTime, chains: Set<ExecutionID>) async throws(LedgerFailure) -> LedgerState {
        let isOld = loadedAt + LiveLedger.reloadInterval <= clock.monotonic()
        let reachesFurther = since < scope.since ?? since
        guard isOld || reachesFurther || !chains.isSubset(of: scope.chains) else {
            return try await noting { () throws(LedgerFailure) in try await ledger.refresh() }
        }
        scope.since = since
        scope.chains = chains
        loadedAt = clock.monotonic()
        let scope = scope
        return try await noting { () throws(LedgerFailure) in try await ledger.reload(scope) }
    }

    package func known() async -> LedgerState? { isAnswering ? await ledger.state : nil }

    package func endsOfIncidents(
        of instance: InstanceKey, since: AgentTime
    ) async throws(LedgerFailure) -> [IncidentEnd] {
        try await noting { () throws(LedgerFailure) in
            let head = await ledger.state.head.sequence
            return try await ledger.store.endsOfIncidents(of: instance, since: since, before: head)
        }
    }

    func append(_ entries: [LedgerEntry]) async throws(LedgerFailure) -> [Int64] {
        try await noting { () throws(LedgerFailure) in try await ledger.append(entries) }
    }

    /// Puts on record that pauses have ended by themselves, once whichever agent sees it first, so that whoever was told of
    /// them is told of that. Where it cannot be written now a later tick does.
    func endPauses(of instance: String) async {
        let now = clock.now()
        guard await !ledger.state.endedPauses(of: instance, at: now).isEmpty else { return }
        _ = try? await noting { () throws(LedgerFailure) in
            try await ledger.append { state in
                state.endedPauses(of: instance, at: now).map {
                    LedgerEntry(.resumed(instance: $0.instance, by: ""), at: now)
                }
            }
        }
    }

    /// The replays of an instance that may still do something, as the ledger stands now; nil where it cannot be read, which
    /// the tick tells.
    func openReplays(of key: InstanceKey) async -> [Replay]? {
        let state = try? await noting { () throws(LedgerFailure) in try await ledger.refresh() }
        seen = state?.head.sequence ?? seen
        return state?.replays(of: key).filter(\.isOpen)
    }

    /// Takes what stands in the ledger now for known.
    func noteHead() async {
        seen = await ledger.state.head.sequence
        obeyed = seen
    }

    /// Whether a person has ordered something of an instance, or of all, since it was looked for last.
    func hasOrders(for instance: String) async -> Bool {
        let from = obeyed
        let records = try? await noting { () throws(LedgerFailure) in
            try await ledger.store.records(after: from, limit: LiveLedger.mostRecords)
        }
        guard let records, let last = records.last else { return false }
        obeyed = last.sequence
        return records.contains { sealed in
            guard let record = try? CanonicalRecord(bytes: sealed.bytes).record else { return false }
            return LiveLedger.orders.contains(record.kind) && record.instance.map { $0.name == instance } ?? true
        }
    }

    /// Whether anything was written since its end was looked at last, by this process or another one.
    func hasMoved() async -> Bool {
        let state = try? await noting { () throws(LedgerFailure) in try await ledger.refresh() }
        return state.map { $0.head.sequence > seen } ?? false
    }

    /// Looks whether the ledger is where it was, for a tick that had no need of it. A failure of another kind is left to the
    /// next tick that needs it, which tells it; a displaced file is kept in mind by `noting`.
    func look() async {
        _ = try? await noting { () throws(LedgerFailure) in try await ledger.store.records(after: .max, limit: 1) }
    }

    /// A file that was displaced once is not gone by again, whatever stands there later.
    private func noting<T: Sendable>(_ work: () async throws(LedgerFailure) -> T) async throws(LedgerFailure) -> T {
        if let displaced { throw displaced }
        do throws(LedgerFailure) {
            let found = try await work()
            isAnswering = true
            return found
        } catch {
            // What is against the rules was read and judged all the same.
            if case .refused = error {} else { isAnswering = false }
            if case .displaced = error { displaced = error }
            throw error
        }
    }
}
