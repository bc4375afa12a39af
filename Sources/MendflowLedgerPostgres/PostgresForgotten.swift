internal import Dispatch

/// Transactions that hold up everybody and of which nothing more is heard: of a process that was frozen while it was sending. The
/// server ends those that wait for a next statement by itself, and not those that wait for the rest of one.
enum PostgresForgotten {
    /// Ends those of this user that have the ledger's row, and have waited for their client for long.
    private static let end = PostgresStatement(
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity AS other
        WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
        AND wait_event = 'ClientRead' AND xact_start < clock_timestamp() - interval '3 s'
        AND EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = other.pid AND granted AND mode = 'RowShareLock'
            AND relation = 'mendflow_ledger'::regclass)
        """)

    /// Whether one was ended.
    static func wasEnded(in pool: PostgresPool, by deadline: DispatchTime) async -> Bool {
        let ended = try? await pool.use(by: deadline) { (connection) throws(PostgresFailure) in
            try await connection.run([end], by: deadline)[0].first { $0.integer() }
        }
        return (ended ?? 0) > 0
    }
}
