internal import Dispatch

/// The tables, indexes, triggers and functions as PostgreSQL's catalogue has them, so that an editor's change of them
/// shows. Taken are facts that every version of PostgreSQL words alike.
enum PostgresObjects {
    /// Name and facts of every object that belongs to a ledger.
    static let look = PostgresStatement(
        """
        WITH ours AS (SELECT oid, relname FROM pg_class WHERE relkind = 'r' AND oid IN
            (SELECT to_regclass(name) FROM unnest(ARRAY['mendflow_ledger', 'mendflow_entry', 'mendflow_cell',
            'mendflow_base', 'mendflow_lease', 'mendflow_agent']) AS name))
        SELECT 'column ' || relname || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
            CASE WHEN attnotnull THEN 'not null' END, (SELECT collname FROM pg_collation c WHERE c.oid = attcollation))
        FROM ours JOIN pg_attribute ON attrelid = ours.oid WHERE attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT 'index ' || i.relname, concat_ws(' ', CASE WHEN indisunique THEN 'unique' END,
            CASE WHEN NOT indisvalid THEN 'invalid' END,
            (SELECT string_agg(pg_get_indexdef(indexrelid, n, true), ', ' ORDER BY n)
            FROM generate_series(1, indnkeyatts) AS n), pg_get_expr(indpred, indrelid))
        FROM ours JOIN pg_index ON indrelid = ours.oid JOIN pg_class i ON i.oid = indexrelid
        UNION ALL
        SELECT 'check ' || conname, pg_get_expr(conbin, conrelid) FROM ours JOIN pg_constraint ON conrelid = ours.oid
        WHERE contype = 'c'
        UNION ALL
        SELECT 'trigger ' || tgname, concat_ws(' ', relname, tgtype, tgenabled, proname)
        FROM ours JOIN pg_trigger ON tgrelid = ours.oid JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal
        UNION ALL
        SELECT 'rule ' || rulename, relname FROM ours JOIN pg_rewrite ON ev_class = ours.oid
        UNION ALL
        SELECT 'function ' || proname, md5(prosrc) FROM pg_proc
        WHERE pronamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'mendflow_entry'::regclass)
            AND proname LIKE 'mendflow\\_%'
        """)

    /// The first object that is gone, another one or too many; nil where all are as the program made them.
    static func difference(
        _ connection: PostgresConnection, by deadline: DispatchTime
    ) async throws(PostgresFailure) -> String? {
        let rows = try await connection.run([look], by: deadline)[0].map { (row) throws(PostgresFailure) in
            (row.text(), row.text())
        }
        let found = Dictionary(rows) { first, _ in first }
        return Set(found.keys).union(made.keys).sorted().first { found[$0] != made[$0] }
    }
}
