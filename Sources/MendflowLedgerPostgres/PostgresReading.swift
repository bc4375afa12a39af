internal import Dispatch
public import MendflowCore
public import MendflowLedger

extension PostgresLedgerStore {
    private static let sealed = "sequence, bytes, hash, previous"
    private static let page: Int64 = 500

    /// Records behind a number, oldest first.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        let statement = PostgresStatement(
            "SELECT \(Self.sealed) FROM mendflow_entry WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            .integer(sequence), .integer(Int64(max(0, limit))))
        return try await shielded { (connection, deadline) throws(PostgresFailure) in
            try await connection.run([statement], by: deadline)[0].map(Self.read)
        }
    }

    /// Records about some executions or their chains, oldest first.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        let numbers = ["execution", "root"].map { column in
            "SELECT sequence FROM mendflow_entry WHERE instance = $1 AND epoch = $2 AND \(column) = ANY($3)"
        }
        let statement = PostgresStatement(
            """
            SELECT \(Self.sealed) FROM mendflow_entry
            WHERE sequence IN (\(numbers.joined(separator: " UNION "))) ORDER BY sequence
            """, .bytes(of: instance.name), .integer(Int64(instance.epoch)), .bytes(of: executions.map(\.text)))
        return try await shielded { (connection, deadline) throws(PostgresFailure) in
            try await connection.run([statement], by: deadline)[0].map(Self.read)
        }
    }

    static func read(_ row: inout PostgresRow) throws(PostgresFailure) -> SealedRecord {
        SealedRecord(sequence: row.integer(), bytes: row.bytes(), hash: row.bytes(), previous: row.bytes())
    }
}

// Verifying.
extension PostgresLedgerStore {
    /// Checks every record and everything that is kept beside them, as they were at one moment. Who does not wait for it any more
    /// cancels it.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        do throws(PostgresFailure) {
            return try await pool.use(by: Self.deadline) { (connection) throws(PostgresFailure) in
                _ = try await connection.run(PostgresTransaction.snapshot, by: Self.deadline)
                let found = try await Self.verify(connection, expecting: expected)
                _ = try await connection.run([PostgresStatement("COMMIT")], by: Self.deadline)
                return found
            }
        } catch { throw error.failure(at: pool.address) }
    }

    /// Checks everything as a transaction that is open sees it.
    static func verify(
        _ connection: PostgresConnection, expecting expected: AuditHead?
    ) async throws(PostgresFailure) -> AuditVerification {
        let base = try await columns(of: CellPlace.base.rawValue, connection, by: deadline)
        let segments = try await columns(of: "mendflow_cell WHERE kind = 'segment'", connection, by: deadline)
        var verifier = LedgerVerifier(expecting: expected, base: base, segments: segments)
        while try await verifyPage(&verifier, connection) {}
        try await count(&verifier, connection)
        if let changed = try await PostgresObjects.difference(connection, by: deadline) {
            verifier.note(.schema(changed))
        }
        try await compareCells(&verifier, connection)
        return verifier.finish()
    }

    /// When a part of something long has to be done.
    static var deadline: DispatchTime { .now() + .seconds(60) }

    /// Checks some records; false behind the last, or where one is not what it was.
    private static func verifyPage(
        _ verifier: inout LedgerVerifier, _ connection: PostgresConnection
    ) async throws(PostgresFailure) -> Bool {
        let statement = PostgresStatement(
            """
            SELECT \(sealed), at, instance, epoch, execution, root FROM mendflow_entry
            WHERE sequence > $1 ORDER BY sequence LIMIT \(page)
            """, .integer(verifier.sequence))
        let rows = try await connection.run([statement], by: deadline)[0].map { (row) throws(PostgresFailure) in
            (try read(&row), RecordColumns(&row))
        }
        return !rows.isEmpty && rows.allSatisfy { verifier.check($0, $1) }
    }

    private static func count(
        _ verifier: inout LedgerVerifier, _ connection: PostgresConnection
    ) async throws(PostgresFailure) {
        let statement = PostgresStatement("SELECT count(*) FROM mendflow_entry")
        let count = try await connection.run([statement], by: deadline)[0].first { $0.integer() } ?? 0
        if count > verifier.count { verifier.note(.extra(count - verifier.count)) }
    }

    private static func compareCells(
        _ verifier: inout LedgerVerifier, _ connection: PostgresConnection
    ) async throws(PostgresFailure) {
        var last: CellColumns?
        while true {
            let rows = try await connection.run([cellPage(after: last)], by: deadline)[0].map { CellColumns(&$0) }
            for row in rows { verifier.compare(row) }
            guard rows.count == page else { return }
            last = rows.last
        }
    }

    private static func cellPage(after last: CellColumns?) -> PostgresStatement {
        let key = "kind, instance, epoch, name"
        let select = "SELECT \(PostgresQuestion.columns) FROM mendflow_cell"
        guard let last else { return PostgresStatement("\(select) ORDER BY \(key) LIMIT \(page)") }
        return PostgresStatement(
            "\(select) WHERE (\(key)) > ($1, $2, $3, $4) ORDER BY \(key) LIMIT \(page)", .text(last.table),
            .bytes(of: last.instance), .integer(last.epoch), .bytes(of: last.name))
    }
}

extension RecordColumns {
    /// Reads the columns that a record is found by.
    init(_ row: inout PostgresRow) {
        self.init(
            at: row.integer(), instance: row.optionalText(), epoch: row.optionalInteger(),
            execution: row.optionalText(), root: row.optionalText())
    }
}
