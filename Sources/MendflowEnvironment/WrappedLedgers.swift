public import MendflowLedger

/// Ledgers as they are, but for what is made of each store when it is opened.
public struct WrappedLedgers: LedgerLocker {
    private let base: any LedgerLocker
    private let wrap: @Sendable (any LedgerStore, LedgerAccess) -> any LedgerStore

    /// Makes something of each store that is opened.
    public init(
        _ base: any LedgerLocker, _ wrap: @escaping @Sendable (any LedgerStore, LedgerAccess) -> any LedgerStore
    ) {
        self.base = base
        self.wrap = wrap
    }

    /// Opens a ledger, and answers what is made of it.
    public func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        wrap(try await base.open(path, access), access)
    }
    /// Takes the right to act.
    public func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try base.lock(path) }
    /// What can be seen of an agent.
    public func agent(on path: String) -> AgentSigns { base.agent(on: path) }
    /// What keeps a ledger.
    public func keeper(of path: String) -> (any LedgerKeeper)? { base.keeper(of: path) }
    /// The leases.
    public func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { try base.leases(of: path) }
}
