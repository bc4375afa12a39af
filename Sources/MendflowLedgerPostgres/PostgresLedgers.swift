public import MendflowEnvironment
public import MendflowLedger
import MendflowText
private import Synchronization

/// Ledgers on PostgreSQL, by their addresses. All that one process does on one of them shares a few connections.
public struct PostgresLedgers: LedgerLocker {
    private let variables: [String: String]
    private var password: LedgerPassword?
    private let pools = Pools()

    /// Connections by address, the place of the password, and what they are for.
    private final class Pools: Sendable {
        let all = Mutex<[[String]: PostgresPool]>([:])
    }

    /// `variables` are the environment's, where a password may stand.
    public init(variables: [String: String]) { self.variables = variables }

    /// Whether a ledger's path is an address of PostgreSQL.
    public static func isMeant(by path: String) -> Bool { PostgresAddress.isMeant(by: path) }

    /// The same ledgers, by a password that stands in front of what the environment says.
    public func unlocked(by password: LedgerPassword) -> any LedgerLocker {
        var ledgers = self
        ledgers.password = password
        return ledgers
    }

    /// Opens a ledger; one that is there is carried over to the present tables unless it is only read.
    public func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        try await PostgresLedgerStore.open(try pool(path), isChanged: access != .read, isMade: access == .create)
    }

    /// Nobody has such a ledger to itself: those who act share it by leases.
    public func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold {
        throw .unusable(
            "\(try pool(path).address): agents share it, and nobody has it alone. PostgreSQL's own pg_dump, pg_restore and VACUUM "
                + "copy it, put it back and make it smaller")
    }

    /// Who acts is seen in the leases.
    public func agent(on path: String) -> AgentSigns { AgentSigns() }

    /// Measures and fills it; everything else PostgreSQL does itself.
    public func keeper(of path: String) -> (any LedgerKeeper)? { (try? pool(path)).map { PostgresLedgerKeeper($0) } }

    /// The leases by which agents share a ledger.
    public func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? {
        // With connections of their own: a lease is prolonged also while the ledger waits for something long.
        PostgresLeases(try pool(path, for: "leases"))
    }

    private func pool(_ path: String, for purpose: String = "ledger") throws(LedgerFailure) -> PostgresPool {
        let address: PostgresAddress
        do throws(PostgresAddress.Fault) { address = try PostgresAddress(path) } catch {
            throw .unusable("the ledger's address cannot be used: \(error)")
        }
        return pools.all.withLock { pools in
            let key = [path, password?.place ?? "", purpose]
            if let pool = pools[key] { return pool }
            let pool = PostgresPool(server(address))
            pools[key] = pool
            return pool
        }
    }

    private func server(_ address: PostgresAddress) -> PostgresServer {
        var server = PostgresServer(address, passwordFile: variables["PGPASSFILE"])
        if let password {
            server.password = password.read
        } else if let text = variables["PGPASSWORD"], !text.isEmpty {
            server.password = { text }
        }
        return server
    }
}
