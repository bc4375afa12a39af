package import MendflowCore
package import MendflowLedger

/// The ledger as an agent works with it: kept up with what others write, and loaded anew where older chains are seen, or
/// where much of it has become too old to matter.
package actor LiveLedger: LedgerSource {
    private let ledger: Ledger
    private let clock: any AgentClock
    private var scope: LedgerScope
    private var loadedAt: Period
    private static let reloadInterval = Period.minutes(10)

    init(_ ledger: Ledger, _ scope: LedgerScope, _ clock: any AgentClock) {
        self.ledger = ledger
        self.scope = scope
        self.clock = clock
        loadedAt = clock.monotonic()
    }

    package func state(since: AgentTime, chains: Set<ExecutionID>) async throws(LedgerFailure) -> LedgerState {
        let isOld = loadedAt + LiveLedger.reloadInterval <= clock.monotonic()
        let reachesFurther = since < scope.since ?? since
        guard isOld || reachesFurther || !chains.isSubset(of: scope.chains) else { return try await ledger.refresh() }
        scope.since = since
        scope.chains = chains
        loadedAt = clock.monotonic()
        return try await ledger.reload(scope)
    }

    func append(_ entries: [LedgerEntry]) async throws(LedgerFailure) -> [Int64] { try await ledger.append(entries) }
}
