public import MendflowCore
public import MendflowLedger

/// Where the audit log ends, and the time of its last record.
struct AuditLogEnd {
    var head: AuditHead
    var at: Timestamp
}

extension SQLiteLedger {
    private static let sealedColumns = "sequence, bytes, hash, previous"

    func logEnd() throws(LedgerFailure) -> AuditLogEnd {
        let last = try database.query("SELECT sequence, hash, at FROM audit ORDER BY sequence DESC LIMIT 1") {
            (row) throws(LedgerFailure) in
            AuditLogEnd(head: AuditHead(sequence: row.integer(), hash: row.blob()), at: row.time())
        }
        return last.first ?? AuditLogEnd(head: .start, at: Timestamp(milliseconds: .min))
    }

    /// Number and hash of the last audit record; (0, 32 zero bytes) where there is none.
    public func head() throws(LedgerFailure) -> (sequence: Int64, hash: [UInt8]) {
        let head = try logEnd().head
        return (head.sequence, head.hash)
    }

    func append(_ record: AuditRecord, reserved: [IntentID], end: inout AuditLogEnd) throws(LedgerFailure) {
        var record = record
        record.at = max(record.at, end.at)
        if case .text(let reference)? = record.fields["intent"], reference.hasPrefix("$") {
            guard let index = Int(reference.dropFirst()), reserved.indices.contains(index) else {
                throw .missing("intent \(reference) of this commit")
            }
            record.fields["intent"] = .text(reserved[index].description)
        }
        let sealed = AuditChain.seal(record, after: end.head)
        try database.run(
            """
            INSERT INTO audit (sequence, bytes, hash, previous, kind, instance, epoch, at, execution, root, policy)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, .integer(sealed.sequence), .blob(sealed.bytes), .blob(sealed.hash), .blob(sealed.previous),
            .text(record.kind.rawValue), .optional(record.instance?.name),
            record.instance.map { .integer(Int64($0.epoch)) } ?? .null, .time(record.at),
            .optional(record.execution), .optional(record.root), .optional(record.policy))
        end = AuditLogEnd(head: AuditHead(sequence: sealed.sequence, hash: sealed.hash), at: record.at)
    }

    private static func readSealed(_ row: inout SQLiteRow) throws(LedgerFailure) -> SealedRecord {
        SealedRecord(sequence: row.integer(), bytes: row.blob(), hash: row.blob(), previous: row.blob())
    }

    /// Audit records from a number on, oldest first, at most `limit`.
    public func records(from sequence: Int64, limit: Int) throws(LedgerFailure) -> [SealedRecord] {
        try database.query(
            "SELECT \(SQLiteLedger.sealedColumns) FROM audit WHERE sequence >= ? ORDER BY sequence LIMIT ?",
            .integer(sequence), .integer(Int64(max(0, limit))), read: SQLiteLedger.readSealed)
    }

    /// Audit records about some executions, or about chains that start with one of them, oldest first.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) throws(LedgerFailure) -> [SealedRecord] {
        var found: [Int64: SealedRecord] = [:]
        for execution in executions {
            for column in ["execution", "root"] {
                let records = try database.query(
                    """
                    SELECT \(SQLiteLedger.sealedColumns) FROM audit WHERE instance = ? AND epoch = ? AND \(column) = ?
                    """, .text(instance.name), .integer(Int64(instance.epoch)), .text(execution.text),
                    read: SQLiteLedger.readSealed)
                for record in records { found[record.sequence] = record }
            }
        }
        return found.values.sorted { $0.sequence < $1.sequence }
    }

    /// Checks the whole audit log: the chain, the columns against the sealed bytes, and that the intents that records
    /// speak of are there. A cut tail shows only against an `expected` head that was kept elsewhere.
    public func verify(expecting expected: AuditHead? = nil) throws(LedgerFailure) -> AuditVerification {
        try database.snapshot { () throws(LedgerFailure) in
            var verifier = AuditVerifier(expecting: expected)
            var fold = AuditFold()
            while true {
                let rows = try storedRows(after: verifier.head.sequence)
                guard !rows.isEmpty else {
                    let end = verifier.head.sequence
                    guard verifier.finish().isIntact, let problem = try difference(from: fold, count: end) else {
                        return verifier.finish()
                    }
                    return verifier.verification(AuditFault(end, problem))
                }
                for row in rows {
                    switch verifier.check(row.sealed) {
                    case .failure(let fault): return verifier.verification(fault)
                    case .success(let record):
                        fold.take(record)
                        var problem = row.difference(from: record)
                        if problem == nil { problem = try intentProblem(of: record) }
                        guard let problem else { continue }
                        return verifier.verification(AuditFault(row.sealed.sequence, problem))
                    }
                }
            }
        }
    }

    private func storedRows(after sequence: Int64) throws(LedgerFailure) -> [StoredRow] {
        try database.query(
            """
            SELECT \(SQLiteLedger.sealedColumns), kind, instance, epoch, at, execution, root, policy FROM audit
            WHERE sequence > ? ORDER BY sequence LIMIT 500
            """, .integer(sequence)
        ) { (row) throws(LedgerFailure) in
            StoredRow(
                sealed: try SQLiteLedger.readSealed(&row), kind: row.text(), instance: row.optionalText(),
                epoch: row.optionalInteger(), at: row.integer(), execution: row.optionalText(),
                root: row.optionalText(), policy: row.optionalText())
        }
    }

    private func intentProblem(of record: AuditRecord) throws(LedgerFailure) -> AuditFault.Problem? {
        guard let id = record.intentNumber else { return nil }
        guard let intent = try intent(IntentID(id)) else { return .intent(id) }
        if let instance = record.instance, instance != intent.draft.instance { return .intent(id) }
        if let execution = record.execution, execution != intent.draft.execution, record.kind == .reserved {
            return .intent(id)
        }
        return nil
    }
}

/// A row of the audit table with the columns that repeat what the bytes say.
private struct StoredRow {
    var sealed: SealedRecord
    var kind: String
    var instance: String?
    var epoch: Int64?
    var at: Int64
    var execution: String?
    var root: String?
    var policy: String?

    func difference(from record: AuditRecord) -> AuditFault.Problem? {
        func same(_ one: String?, _ other: String?) -> Bool {
            one.map { Array($0.utf8) } == other.map { Array($0.utf8) }
        }
        if !same(kind, record.kind.rawValue) { return .column("kind") }
        if !same(instance, record.instance?.name) { return .column("instance") }
        if epoch != record.instance.map({ Int64($0.epoch) }) { return .column("epoch") }
        if at != record.at.milliseconds { return .column("at") }
        if !same(execution, record.execution?.text) { return .column("execution") }
        if !same(root, record.root?.text) { return .column("root") }
        return same(policy, record.policy) ? nil : .column("policy")
    }
}
