public import MendflowCore

/// A store as the holder of a lease writes to it: every append says under which lease it is made. Nothing is appended where there
/// is none.
public struct FencedLedgerStore: LedgerStore {
    private let base: any LedgerStore
    private let token: @Sendable () -> FenceToken?
    private let instance: String
    private let written: @Sendable (LedgerHead) -> Void

    /// Fences a store. `token` is asked at each append, and `written` told the end of the ledger behind it.
    public init(
        _ base: any LedgerStore, instance: String, written: @escaping @Sendable (LedgerHead) -> Void = { _ in },
        token: @escaping @Sendable () -> FenceToken?
    ) {
        self.base = base
        self.instance = instance
        self.token = token
        self.written = written
    }

    /// The state of a part of the ledger, which needs no lease.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState { try await base.load(scope) }

    /// Appends entries under the lease that is held now.
    ///
    /// - Throws: as the store, and `fenced` where no lease is held.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        guard let token = token() else { throw .fenced("no lease of '\(instance)' is held here") }
        let end = try await base.append(entries, expecting: head, fence: token)
        written(end)
        return end
    }

    /// Records behind a number.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try await base.records(after: sequence, limit: limit)
    }

    /// Records about some executions.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] { try await base.records(about: executions, instance: instance) }

    /// Checks every record.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await base.verify(expecting: expected)
    }
}
