public import MendflowCore
public import MendflowLedger

/// A ledger's store, about whose appends a test decides; everything else goes through.
public struct HookedStore: LedgerStore {
    /// Is given the entries, and what appends them.
    public typealias Hook =
        @Sendable (
            _ entries: [LedgerEntry], _ append: @Sendable () async throws(LedgerFailure) -> LedgerHead
        ) async throws(LedgerFailure) -> LedgerHead
    private let base: any LedgerStore
    private let hook: Hook

    /// Puts a hook before the appends of a store.
    public init(_ base: any LedgerStore, _ hook: @escaping Hook) {
        self.base = base
        self.hook = hook
    }

    /// Appends as the hook says.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let base = base
        return try await hook(entries) { () throws(LedgerFailure) in
            try await base.append(entries, expecting: head, fence: fence)
        }
    }
    /// The state of a part of the ledger.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState { try await base.load(scope) }
    /// Records behind a number.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try await base.records(after: sequence, limit: limit)
    }
    /// Records about some executions.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        try await base.records(about: executions, instance: instance)
    }
    /// Checks everything.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await base.verify(expecting: expected)
    }
}
