public import MendflowEnvironment
public import MendflowLedger
import MendflowText
private import Synchronization

/// Ledgers on PostgreSQL, by their addresses. All that one process does on one of them shares a few connections.
public final class PostgresLedgers: LedgerLocker {
    private let variables: [String: String]
    private let pools = Mutex<[String: PostgresPool]>([:])

    /// `variables` are the environment's, where a password may stand.
    public init(variables: [String: String]) { self.variables = variables }

    /// Whether a ledger's path is an address of PostgreSQL.
    public static func isMeant(by path: String) -> Bool { PostgresAddress.isMeant(by: path) }

    /// Opens a ledger; one that is there is carried over to the present tables unless it is only read.
    public func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        try await PostgresLedgerStore.open(try pool(path), isChanged: access != .read, isMade: access == .create)
    }

    /// Nobody has such a ledger to itself: those who act share it by leases.
    public func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold {
        throw .unusable("\(try pool(path).address): agents share it, and nobody has it alone")
    }

    /// Who acts is seen in the leases.
    public func agent(on path: String) -> AgentSigns { AgentSigns() }

    /// Measures; everything else PostgreSQL does itself.
    public func keeper(of path: String) -> (any LedgerKeeper)? { (try? pool(path)).map(PostgresLedgerKeeper.init) }

    /// The leases by which agents share a ledger.
    public func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? {
        PostgresLeases(PostgresLedgerStore(try pool(path)))
    }

    private func pool(_ path: String) throws(LedgerFailure) -> PostgresPool {
        let address: PostgresAddress
        do throws(PostgresAddress.Fault) { address = try PostgresAddress(path) } catch {
            throw .unusable("the ledger's address cannot be used: \(error)")
        }
        let server = PostgresServer(
            address, password: variables["PGPASSWORD"].flatMap { $0.isEmpty ? nil : $0 },
            passwordFile: variables["PGPASSFILE"])
        return pools.withLock { pools in
            if let pool = pools[path] { return pool }
            let pool = PostgresPool(server)
            pools[path] = pool
            return pool
        }
    }
}
