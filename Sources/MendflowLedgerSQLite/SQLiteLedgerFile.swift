internal import MendflowCore
internal import MendflowLedger

/// One connection to a ledger's file, used by one thread at a time: entries in one table, cells in another.
final class SQLiteLedgerFile: LedgerCells {
    let database: SQLiteDatabase

    private init(database: sending SQLiteDatabase) { self.database = database }

    var path: String { database.path }

    static func open(
        path: String, vfs: String?, mode: SQLiteDatabase.Mode
    ) throws(LedgerFailure) -> sending SQLiteLedgerFile {
        let database = try SQLiteDatabase.open(path: path, vfs: vfs, mode: mode)
        try Schema.prepare(database, mode: mode)
        return SQLiteLedgerFile(database: database)
    }

    func quickCheck() throws(LedgerFailure) {
        let words = try database.query("PRAGMA quick_check(1)") { (row) throws(LedgerFailure) in row.text() }
        guard words == ["ok"] else { throw .corrupt("\(path): \(words.first ?? "quick_check says nothing")") }
    }

    func load(_ scope: LedgerScope) throws(LedgerFailure) -> LedgerState {
        try database.snapshot { () throws(LedgerFailure) in try state(scope, head: try head()) }
    }

    func append(_ entries: [LedgerEntry], expecting expected: LedgerHead) throws(LedgerFailure) -> LedgerHead {
        try database.transaction { () throws(LedgerFailure) in
            let head = try head()
            guard head.chain == expected.chain else { throw .moved(head) }
            var state = try state(judging: entries, head: head)
            let done: LedgerAppend
            do throws(LedgerRefusal) { done = try state.append(entries) } catch { throw .refused(error) }
            for record in done.records { try insert(record) }
            for change in done.changes { try apply(change) }
            return done.head
        }
    }

    private func head() throws(LedgerFailure) -> LedgerHead {
        let last = try database.query(
            "SELECT \(Self.sealed) FROM entry ORDER BY sequence DESC LIMIT 1", read: Self.read)
        guard let last = last.first else { return .start }
        let record: AuditRecord
        do throws(CanonicalJSONError) { record = try CanonicalRecord(bytes: last.bytes).record } catch {
            throw .corrupt("\(path): record \(last.sequence): \(error.description)")
        }
        return LedgerHead(AuditHead(sequence: last.sequence, hash: last.hash), at: record.at)
    }

    private func insert(_ sealed: SealedRecord) throws(LedgerFailure) {
        let mention = try Mention(sealed, path)
        try database.run(
            """
            INSERT INTO entry (sequence, bytes, hash, previous, instance, epoch, execution, root)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, .integer(sealed.sequence), .blob(sealed.bytes), .blob(sealed.hash), .blob(sealed.previous),
            .optional(mention.instance?.name), mention.instance.map { .integer(Int64($0.epoch)) } ?? .null,
            .optional(mention.execution), .optional(mention.root))
    }

    private func apply(_ change: LedgerCell.Change) throws(LedgerFailure) {
        switch change {
        case .remove(let key):
            try database.run(
                "DELETE FROM cell WHERE kind = ? AND instance = ? AND epoch = ? AND name = ?",
                .text(key.table.rawValue), .text(key.instance), .integer(Int64(key.epoch)), .text(key.name))
        case .set(let cell):
            try database.run(
                """
                INSERT INTO cell (kind, instance, epoch, name, subject, link, at, open, exclusive, value)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, instance, epoch, name) DO UPDATE SET
                subject = excluded.subject, link = excluded.link, at = excluded.at, open = excluded.open,
                exclusive = excluded.exclusive, value = excluded.value
                """, .text(cell.key.table.rawValue), .text(cell.key.instance), .integer(Int64(cell.key.epoch)),
                .text(cell.key.name), .optional(cell.subject), .optional(cell.link), .time(cell.at),
                .flag(cell.isOpen), .optional(cell.exclusive), .blob(CanonicalJSON.encode(cell.value)))
        }
    }
}

/// What a record speaks of, by which it is found.
struct Mention: Equatable {
    var instance: InstanceKey?
    var execution: ExecutionID?
    var root: ExecutionID?

    init(instance: InstanceKey?, execution: ExecutionID?, root: ExecutionID?) {
        self.instance = instance
        self.execution = execution
        self.root = root
    }

    init(_ sealed: SealedRecord, _ path: String) throws(LedgerFailure) {
        do throws(CanonicalJSONError) {
            let record = try CanonicalRecord(bytes: sealed.bytes).record
            self.init(instance: record.instance, execution: record.execution, root: record.root)
        } catch { throw .corrupt("\(path): record \(sealed.sequence): \(error.description)") }
    }
}

// Records.
extension SQLiteLedgerFile {
    private static let sealed = "sequence, bytes, hash, previous"

    private static func read(_ row: inout SQLiteRow) throws(LedgerFailure) -> SealedRecord {
        SealedRecord(sequence: row.integer(), bytes: row.blob(), hash: row.blob(), previous: row.blob())
    }

    func records(after sequence: Int64, limit: Int) throws(LedgerFailure) -> [SealedRecord] {
        try database.query(
            "SELECT \(Self.sealed) FROM entry WHERE sequence > ? ORDER BY sequence LIMIT ?",
            .integer(sequence), .integer(Int64(max(0, limit))), read: Self.read)
    }

    func records(about executions: Set<ExecutionID>, instance: InstanceKey) throws(LedgerFailure) -> [SealedRecord] {
        var found: [Int64: SealedRecord] = [:]
        for column in ["execution", "root"] {
            let records = try database.query(
                """
                SELECT \(Self.sealed) FROM json_each(?1) AS wanted CROSS JOIN entry
                ON entry.instance = ?2 AND entry.epoch = ?3 AND entry.\(column) = wanted.value
                """, .list(executions.map(\.text)), .text(instance.name), .integer(Int64(instance.epoch)),
                read: Self.read)
            for record in records { found[record.sequence] = record }
        }
        return found.values.sorted { $0.sequence < $1.sequence }
    }

    func verify(expecting expected: AuditHead?) throws(LedgerFailure) -> AuditVerification {
        try database.snapshot { () throws(LedgerFailure) in
            var verifier = LedgerVerifier(expecting: expected)
            var count: Int64 = 0
            while try verifyPage(&verifier, &count) {}
            let stored = try database.query("SELECT count(*) FROM entry") { (row) throws(LedgerFailure) in row.integer()
            }
            if let stored = stored.first, stored > count { verifier.note(.extra(stored - count), at: count) }
            if let changed = try Schema.difference(of: database) { verifier.note(.schema(changed), at: count) }
            return verifier.finish(
                comparing: try query("1 = 1 ORDER BY kind, instance, epoch, name", []))
        }
    }

    /// Checks some records; false behind the last, or where one is not what it was.
    private func verifyPage(_ verifier: inout LedgerVerifier, _ count: inout Int64) throws(LedgerFailure) -> Bool {
        let rows = try database.query(
            """
            SELECT \(Self.sealed), instance, epoch, execution, root FROM entry
            WHERE sequence > ? ORDER BY sequence LIMIT 500
            """, .integer(verifier.sequence)
        ) { (row) throws(LedgerFailure) in
            let sealed = try Self.read(&row)
            let (name, epoch) = (row.optionalText(), row.optionalInteger())
            let instance = name.flatMap { name in epoch.map { InstanceKey(name: name, epoch: Int($0)) } }
            return (sealed, Mention(instance: instance, execution: row.optionalID(), root: row.optionalID()))
        }
        for (sealed, mention) in rows {
            guard verifier.check(sealed) else { return false }
            count += 1
            guard mention == (try Mention(sealed, path)) else {
                verifier.note(.column("instance, epoch, execution or root"), at: sealed.sequence)
                return false
            }
        }
        return !rows.isEmpty
    }
}

// Cells.
extension SQLiteLedgerFile {
    static let columns = "kind, instance, epoch, name, subject, link, at, open, exclusive, value"
    static let executionTables = LedgerCell.Table.allCases.filter(\.isOfExecution).map(\.rawValue)

    private func query(_ condition: String, _ values: [SQLiteValue]) throws(LedgerFailure) -> [LedgerCell] {
        try database.query("SELECT \(Self.columns) FROM cell WHERE \(condition)", values) {
            (row) throws(LedgerFailure) in
            try Self.readCell(&row)
        }
    }

    private static func readCell(_ row: inout SQLiteRow) throws(LedgerFailure) -> LedgerCell {
        let kind = row.text()
        guard let table = LedgerCell.Table(rawValue: kind) else { throw .corrupt("a cell of kind \(kind)") }
        let (instance, epoch, name) = (row.text(), Int(row.integer()), row.text())
        let key = LedgerCell.Key(table, epoch == 0 ? nil : InstanceKey(name: instance, epoch: epoch), name)
        let (subject, link, at) = (row.optionalID(), row.optionalID(), row.time())
        let (isOpen, exclusive, bytes) = (row.flag(), row.optionalText(), row.blob())
        do throws(CanonicalJSONError) {
            return LedgerCell(
                key, subject: subject, link: link, at: at, isOpen: isOpen, exclusive: exclusive,
                value: try CanonicalJSON.decode(bytes))
        } catch { throw .corrupt("\(kind) \(name): \(error.description)") }
    }

    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        try query(
            "kind IN (SELECT value FROM json_each(?1)) AND (?2 IS NULL OR instance = ?2)",
            [.list(tables.map(\.rawValue).sorted()), .optional(instance)])
    }

    func cells(of instance: InstanceKey, since: Timestamp) throws(LedgerFailure) -> [LedgerCell] {
        try query(
            "instance = ? AND epoch = ? AND at >= ? AND subject IS NOT NULL",
            [.text(instance.name), .integer(Int64(instance.epoch)), .time(since)])
    }

    func cells(of instance: InstanceKey, about ids: Set<ExecutionID>) throws(LedgerFailure) -> [LedgerCell] {
        let values: [SQLiteValue] = [
            .list(ids.map(\.text).sorted()), .text(instance.name), .integer(Int64(instance.epoch)),
        ]
        var found: [LedgerCell.Key: LedgerCell] = [:]
        for query in Self.aboutQueries {
            for cell in try database.query(query, values, read: Self.readCell) { found[cell.key] = cell }
        }
        return found.values.sorted { $0.key < $1.key }
    }

    /// By the execution that a cell is about, and by the one that it links to.
    static let aboutQueries = ["subject", "link"].map { column in
        """
        SELECT \(columns.replacing("value", with: "cell.value")) FROM json_each(?1) AS wanted CROSS JOIN cell
        ON cell.instance = ?2 AND cell.epoch = ?3 AND cell.\(column) = wanted.value
        """
    }

    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        try query("open = 1 AND (?1 IS NULL OR instance = ?1)", [.optional(instance)])
    }

    func cells(of table: LedgerCell.Table, named names: Set<String>) throws(LedgerFailure) -> [LedgerCell] {
        try query(
            "kind = ? AND name IN (SELECT value FROM json_each(?))",
            [.text(table.rawValue), .list(names.sorted())])
    }
}

extension SQLiteValue {
    /// Texts, for `json_each`.
    fileprivate static func list(_ texts: [String]) -> SQLiteValue {
        .text(String(decoding: CanonicalJSON.encode(.texts(texts)), as: UTF8.self))
    }
}
