internal import Dispatch
public import MendflowLedger

/// A ledger on PostgreSQL, which several agents and commands share. Every append is one transaction that waits for the one before
/// it; a read is of one moment. No thread is held while the server is waited for.
public final class PostgresLedgerStore: LedgerStore {
    let pool: PostgresPool

    /// How long reading may take, and writing.
    private static let longestRead = DispatchTimeInterval.seconds(30), longestWrite = DispatchTimeInterval.seconds(15)
    /// How often a transaction is tried in whose way another one got.
    private static let attempts = 5

    init(_ pool: PostgresPool) { self.pool = pool }

    /// Opens a ledger to read and write; carries its tables over to the present version, and makes them where `create` is true.
    ///
    /// - Throws: `missing` where there is none, `otherSchema` where it is of a newer program, or `unusable`, also where the server
    ///   does not promise to keep what it has committed.
    public static func open(_ server: PostgresServer, create: Bool) async throws(LedgerFailure) -> PostgresLedgerStore {
        try await open(PostgresPool(server), isChanged: true, isMade: create)
    }

    /// Opens a ledger that is only read: nothing is made or changed.
    public static func openReading(_ server: PostgresServer) async throws(LedgerFailure) -> PostgresLedgerStore {
        try await open(PostgresPool(server), isChanged: false, isMade: false)
    }

    static func open(
        _ pool: PostgresPool, isChanged: Bool, isMade: Bool, demanding demands: PostgresDemands = .all
    ) async throws(LedgerFailure) -> PostgresLedgerStore {
        let store = PostgresLedgerStore(pool)
        try await store.shielded { (connection, deadline) throws(PostgresFailure) in
            if isChanged { try await demands.check(connection, by: deadline) }
            try await PostgresSchema.prepare(
                connection, isChanged: isChanged, isMade: isMade, at: pool.address, by: deadline)
        }
        return store
    }

    /// The state of a part of the ledger, and its head.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        try await shielded { (connection, deadline) throws(PostgresFailure) in
            let transaction = PostgresTransaction(connection: connection, deadline: deadline)
            let state = try await transaction.begin(PostgresTransaction.snapshot) {
                (cells, head) throws(LedgerFailure) in try cells.state(scope, head: head)
            }
            try await transaction.end()
            return state
        }
    }

    /// Appends entries, all or none, and answers the new head.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let address = pool.address
        return try await shielded(Self.longestWrite) { (connection, deadline) throws(PostgresFailure) in
            let transaction = PostgresTransaction(connection: connection, deadline: deadline)
            let begin = PostgresTransaction.append + (fence.map { [$0.look] } ?? [])
            let done = try await transaction.begin(begin) { (answers) throws(PostgresFailure) in
                try PostgresSchema.check(answers[2], at: address)
                try fence?.judge(answers[3])
            } _: { (cells, found) throws(LedgerFailure) in
                try cells.append(entries, to: found, expecting: head)
            }
            let proof = fence.map { [$0.proof] } ?? []
            do throws(PostgresFailure) {
                _ = try await transaction.run(proof + done.statements + [PostgresStatement("COMMIT")])
            } catch  where !error.isConflict {
                if let fence, error.isOfLease { throw .ledger(fence.failure) }
                // Nobody knows what became of it, and it is not run again here.
                throw .ledger(error.failure(at: address))
            }
            return done.head
        }
    }

    /// Runs something with a connection to its end, also where the task is cancelled: who is told to stop still writes down what
    /// has happened.
    func shielded<T: Sendable>(
        _ longest: DispatchTimeInterval = longestRead,
        _ body: @escaping @Sendable (PostgresConnection, DispatchTime) async throws(PostgresFailure) -> T
    ) async throws(LedgerFailure) -> T {
        let pool = pool
        return try await Task { () async -> Result<T, LedgerFailure> in
            let deadline = DispatchTime.now() + longest
            var attempt = 1
            while true {
                do throws(PostgresFailure) {
                    return .success(
                        try await pool.use(by: deadline) { (connection) throws(PostgresFailure) in
                            try await body(connection, deadline)
                        })
                } catch {
                    var isWorthTrying = error.isConflict
                    if error.isOfLock { isWorthTrying = await PostgresForgotten.wasEnded(in: pool, by: deadline) }
                    guard isWorthTrying, attempt < PostgresLedgerStore.attempts else {
                        return .failure(error.failure(at: pool.address))
                    }
                    attempt += 1
                }
            }
        }.value.get()
    }
}
