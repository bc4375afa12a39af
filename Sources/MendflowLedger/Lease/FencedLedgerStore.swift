public import MendflowCore

/// A store as the holder of a lease writes to it: every append says under which lease it is made. Nothing is appended where there
/// is none, nor where the ledger has lost what was read of it or written to it under this lease.
public struct FencedLedgerStore: LedgerStore {
    private let ledger: any LedgerStore
    private let token: @Sendable () -> FenceToken?
    private let instance: String
    private let known: @Sendable () -> AuditHead
    private let saw: @Sendable (AuditHead) -> Void

    /// Fences a store. `token` is asked at each append; `saw` is told each end of the ledger that was seen, and `known` answers the
    /// newest of them.
    public init(
        _ base: any LedgerStore, instance: String, known: @escaping @Sendable () -> AuditHead = { .start },
        saw: @escaping @Sendable (AuditHead) -> Void = { _ in }, token: @escaping @Sendable () -> FenceToken?
    ) {
        ledger = base
        self.instance = instance
        self.known = known
        self.saw = saw
        self.token = token
    }

    /// The state of a part of the ledger, which needs no lease.
    ///
    /// - Throws: as the store, and `fenced` where something that was known is not there any more.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        let known = known()
        let state = try await ledger.load(scope)
        if known != .start, known != state.head.chain, known.sequence > state.floor {
            let found = try await ledger.records(after: known.sequence - 1, limit: 1).first
            guard found?.hash == known.hash else { throw .fenced("\(LedgerDoubt.lost(known))") }
        }
        saw(state.head.chain)
        return state
    }

    /// Appends entries under the lease that is held now.
    ///
    /// - Throws: as the store, and `fenced` where no lease is held.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        guard let token = token() else { throw .fenced("no lease of '\(instance)' is held here") }
        let end = try await ledger.append(entries, expecting: head, fence: token)
        saw(end.chain)
        return end
    }

    /// Seals under the lease that is held now.
    public func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let held = token()
        guard let held else { throw .fenced("nothing is sealed without a lease of '\(instance)'") }
        return try await ledger.seal(sealing, expecting: head, fence: held)
    }

    /// The cells as they stood behind the last sealed record.
    public func base() async throws(LedgerFailure) -> [LedgerCell] { try await ledger.base() }

    /// Records behind a number.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        let records = try await ledger.records(after: sequence, limit: limit)
        if let last = records.last { saw(AuditHead(sequence: last.sequence, hash: last.hash)) }
        return records
    }

    /// Records about some executions.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] { try await ledger.records(about: executions, instance: instance) }

    /// Checks every record.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await ledger.verify(expecting: expected)
    }
}
