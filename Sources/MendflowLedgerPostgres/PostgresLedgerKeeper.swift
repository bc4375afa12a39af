import MendflowLedger

/// A ledger in a database, measured. It is copied, made smaller and put back with what PostgreSQL has for it.
struct PostgresLedgerKeeper: LedgerKeeper {
    private let pool: PostgresPool
    private let demands: PostgresDemands

    init(_ pool: PostgresPool, demanding demands: PostgresDemands = .all) {
        self.pool = pool
        self.demands = demands
    }

    private static let tables = ["mendflow_entry", "mendflow_cell", "mendflow_base"]

    func measure() async throws(LedgerFailure) -> LedgerMeasure {
        let bytes = Self.tables.map { "pg_total_relation_size('\($0)')" }.joined(separator: " + ")
        let statements = [
            PostgresStatement("SELECT \(bytes), count(*), coalesce(sum(length(bytes)), 0)::bigint FROM mendflow_entry"),
            PostgresStatement("SELECT kind, count(*) FROM mendflow_cell GROUP BY kind"), PostgresTransaction.head,
        ]
        return try await PostgresLedgerStore(pool).shielded { (connection, deadline) throws(PostgresFailure) in
            let answers = try await connection.run(
                PostgresTransaction.snapshot + statements + [PostgresStatement("COMMIT")], by: deadline)
            let first = PostgresTransaction.snapshot.count
            let cells = try answers[first + 1].map { (row) throws(PostgresFailure) in (row.text(), Int(row.integer())) }
            let head = try PostgresTransaction.readHead(answers[first + 2])
            let measure = try answers[first].first { row in
                LedgerMeasure(
                    bytes: row.integer(), freeBytes: 0, logBytes: 0, records: row.integer(),
                    recordBytes: row.integer(), cells: Dictionary(cells) { one, _ in one },
                    head: head)
            }
            guard let measure else { throw .unexpected("the server tells no sizes") }
            return measure
        }
    }

    func weakness() async throws(LedgerFailure) -> String? {
        let isDurable = demands.isDurable
        return try await PostgresLedgerStore(pool).shielded { (connection, deadline) throws(PostgresFailure) in
            try await PostgresDemands.promises(connection, by: deadline).lack(isDurable: isDurable)
        }
    }

    func copy(to path: String) async throws(LedgerFailure) {
        throw refusal("`pg_dump` copies it, and `mendflow ledger copy` writes it to a file of SQLite's")
    }

    func fill(
        behind base: SealedBase?,
        from pages: @Sendable (_ after: Int64) async throws(LedgerFailure) -> [SealedRecord]
    ) async throws(LedgerFailure) -> AuditVerification {
        _ = try await PostgresLedgerStore.open(pool, isChanged: true, isMade: true, demanding: demands)
        do throws(PostgresFailure) {
            return try await pool.use(by: PostgresLedgerStore.deadline) { (connection) throws(PostgresFailure) in
                try await PostgresFilling(connection: connection, address: pool.address).fill(behind: base, from: pages)
            }
        } catch { throw error.failure(at: pool.address) }
    }

    func compact() async throws(LedgerFailure) {
        throw refusal("PostgreSQL gives back what is free by itself, at VACUUM")
    }

    func replace(with copy: String, settingAside name: String) async throws(LedgerFailure) {
        throw refusal("`pg_restore` or `psql` puts a dump back, `mendflow ledger copy` a ledger into an empty database")
    }

    private func refusal(_ words: String) -> LedgerFailure { .unusable("\(pool.address) is no file: \(words)") }
}
