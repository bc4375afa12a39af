public import MendflowCore
public import MendflowLedger

/// A ledger's store, about whose appends a test decides; everything else goes through.
public struct HookedStore: LedgerStore {
    /// Is given the entries, and what appends them.
    public typealias Hook =
        @Sendable (
            _ entries: [LedgerEntry], _ append: @Sendable () async throws(LedgerFailure) -> LedgerHead
        ) async throws(LedgerFailure) -> LedgerHead
    private let ledger: any LedgerStore
    private let hook: Hook
    private let hasRead: @Sendable () -> Void

    /// Puts a hook before the appends of a store; `hasRead` is called whenever a state of it was read, or could not be.
    public init(_ base: any LedgerStore, hasRead: @escaping @Sendable () -> Void = {}, _ hook: @escaping Hook) {
        ledger = base
        self.hook = hook
        self.hasRead = hasRead
    }

    /// Appends as the hook says.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let ledger = ledger
        return try await hook(entries) { () throws(LedgerFailure) in
            try await ledger.append(entries, expecting: head, fence: fence)
        }
    }
    /// The state of a part of the ledger.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        defer { hasRead() }
        return try await ledger.load(scope)
    }
    /// Seals.
    public func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        try await ledger.seal(sealing, expecting: head, fence: fence)
    }
    /// The cells as they stood behind the last sealed record.
    public func base() async throws(LedgerFailure) -> [LedgerCell] { try await ledger.base() }
    /// Records behind a number.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try await ledger.records(after: sequence, limit: limit)
    }
    /// Records about some executions.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        try await ledger.records(about: executions, instance: instance)
    }
    /// Checks everything.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await ledger.verify(expecting: expected)
    }
}
