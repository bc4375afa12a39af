internal import MendflowCore
internal import MendflowLedger
import MendflowText

/// One connection to a ledger's file, used by one thread at a time: entries in one table, cells in another.
final class SQLiteLedgerFile: LedgerCells {
    let database: SQLiteDatabase
    /// Nil where the ledger is no file of the platform's.
    private let files: OpenFiles?

    private init(database: sending SQLiteDatabase, files: OpenFiles?) {
        self.database = database
        self.files = files
    }

    var path: String { database.path }

    static func open(
        path: String, vfs: String?, mode: SQLiteDatabase.Mode
    ) throws(LedgerFailure) -> sending SQLiteLedgerFile {
        let isFile = vfs == nil && !path.isEmpty && path != ":memory:"
        if isFile { try OpenFiles.refuseLinks(path) }
        let database = try SQLiteDatabase.open(path: path, vfs: vfs, mode: mode)
        try Schema.prepare(database, mode: mode)
        let files = isFile ? OpenFiles(path, keepsLog: mode != .read) : nil
        let file = SQLiteLedgerFile(database: database, files: files)
        try file.confirm()
        return file
    }

    /// Makes sure that others who open the ledger open what is open here.
    private func confirm() throws(LedgerFailure) {
        guard let files else { return }
        try files.confirm()
        // Between opening and the first look another file may have taken its place.
        if try database.hasMoved() { throw .displaced("\(path) was replaced by another file") }
    }

    /// What SQLite finds wrong with pages, kinds of values and indexes: reading goes by these. Nil where all is well.
    private func damage() throws(LedgerFailure) -> String? {
        let words = try database.query("PRAGMA integrity_check(1)") { (row) throws(LedgerFailure) in row.text() }
        return words == ["ok"] ? nil : words.first ?? "integrity_check says nothing"
    }

    func load(_ scope: LedgerScope) throws(LedgerFailure) -> LedgerState {
        try confirm()
        return try database.snapshot { () throws(LedgerFailure) in try state(scope, head: try head()) }
    }

    func append(_ entries: [LedgerEntry], expecting expected: LedgerHead) throws(LedgerFailure) -> LedgerHead {
        try database.transaction { () throws(LedgerFailure) in
            try confirm()
            let head = try head()
            guard head.chain == expected.chain else { throw .moved(head) }
            var state = try state(judging: entries, head: head)
            let done: LedgerAppend
            do throws(LedgerRefusal) { done = try state.append(entries) } catch { throw .refused(error) }
            try write(done)
            return done.head
        }
    }

    /// Keeps what the rules answered, inside a transaction.
    func write(_ done: LedgerAppend) throws(LedgerFailure) {
        for record in done.records { try insert(record) }
        for change in done.changes { try apply(change, to: "cell") }
    }

    func seal(_ sealing: LedgerSealing, expecting expected: LedgerHead) throws(LedgerFailure) -> LedgerHead {
        try database.transaction { () throws(LedgerFailure) in
            try confirm()
            let head = try head()
            guard head.chain == expected.chain else { throw .moved(head) }
            let last = sealing.segment.last
            let cut = try records(after: last - 1, limit: 1).first
            try sealing.check(first: try records(after: 0, limit: 1).first, cut: cut)
            var state = try state(judging: [sealing.entry], head: head)
            let done: LedgerAppend
            do throws(LedgerRefusal) { done = try state.append([sealing.entry]) } catch { throw .refused(error) }
            try write(done)
            for change in sealing.changes { try apply(change, to: "base") }
            try database.run("DELETE FROM entry WHERE sequence <= ?", .integer(last))
            return done.head
        }
    }

    func base() throws(LedgerFailure) -> [LedgerCell] {
        guard try Schema.has("base", database) else { return [] }
        return try database.query("SELECT \(Self.columns) FROM base", read: Self.readCell)
    }

    func head() throws(LedgerFailure) -> LedgerHead {
        try database.query("SELECT sequence, hash, at FROM entry ORDER BY sequence DESC LIMIT 1") {
            (row) throws(LedgerFailure) in
            LedgerHead(AuditHead(sequence: row.integer(), hash: row.blob()), at: row.time())
        }.first ?? .start
    }

    func insert(_ record: LedgerAppend.Record) throws(LedgerFailure) {
        let (sealed, columns) = (record.sealed, record.columns)
        try database.run(
            """
            INSERT INTO entry (sequence, bytes, hash, previous, at, instance, epoch, execution, root)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, .integer(sealed.sequence), .blob(sealed.bytes), .blob(sealed.hash), .blob(sealed.previous),
            .integer(columns.at), .optional(columns.instance), columns.epoch.map { .integer($0) } ?? .null,
            .optional(columns.execution), .optional(columns.root))
    }

    func apply(_ change: LedgerCell.Change, to table: String = "cell") throws(LedgerFailure) {
        switch change {
        case .remove(let key):
            try database.run("DELETE FROM \(table) WHERE \(Self.isKey)", Self.values(of: key))
        case .set(let cell):
            let columns = CellColumns(cell)
            try database.run(
                """
                INSERT INTO \(table) (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (kind, instance, epoch, name) DO UPDATE SET
                subject = excluded.subject, link = excluded.link, at = excluded.at, open = excluded.open,
                exclusive = excluded.exclusive, value = excluded.value
                """,
                Self.values(of: cell.key) + [
                    .optional(columns.subject), .optional(columns.link), .integer(columns.at), .integer(columns.open),
                    .optional(columns.exclusive), .blob(columns.value),
                ])
        }
    }
}

// Records.
extension SQLiteLedgerFile {
    private static let sealed = "sequence, bytes, hash, previous"

    private static func read(_ row: inout SQLiteRow) throws(LedgerFailure) -> SealedRecord {
        SealedRecord(sequence: row.integer(), bytes: row.blob(), hash: row.blob(), previous: row.blob())
    }

    func records(after sequence: Int64, limit: Int) throws(LedgerFailure) -> [SealedRecord] {
        try confirm()
        return try database.query(
            "SELECT \(Self.sealed) FROM entry WHERE sequence > ? ORDER BY sequence LIMIT ?",
            .integer(sequence), .integer(Int64(max(0, limit))), read: Self.read)
    }

    func records(about executions: Set<ExecutionID>, instance: InstanceKey) throws(LedgerFailure) -> [SealedRecord] {
        let values: [SQLiteValue] = [
            .list(executions.map(\.text)), .text(instance.name), .integer(Int64(instance.epoch)),
        ]
        var found: [Int64: SealedRecord] = [:]
        for query in Self.recordQueries {
            for record in try database.query(query, values, read: Self.read) { found[record.sequence] = record }
        }
        return found.values.sorted { $0.sequence < $1.sequence }
    }

    /// By the execution that a record is about, and by the chain's root.
    static let recordQueries = ["execution", "root"].map { column in
        """
        SELECT \(sealed) FROM json_each(?1) AS wanted CROSS JOIN entry
        ON entry.instance = ?2 AND entry.epoch = ?3 AND entry.\(column) = wanted.value
        """
    }

    func instances(ofEntries numbers: Set<Int64>) throws(LedgerFailure) -> [Int64: InstanceKey] {
        var found: [Int64: InstanceKey] = [:]
        for number in numbers {
            let rows = try database.query(
                "SELECT instance, epoch FROM entry WHERE sequence = ? AND instance IS NOT NULL", .integer(number)
            ) { (row) throws(LedgerFailure) in InstanceKey(name: row.text(), epoch: Int(row.integer())) }
            found[number] = rows.first
        }
        return found
    }

    func verify(expecting expected: AuditHead?) throws(LedgerFailure) -> AuditVerification {
        try database.snapshot { () throws(LedgerFailure) in
            var verifier = LedgerVerifier(
                expecting: expected, base: try Schema.has("base", database) ? try columns("base") : [],
                segments: try columns("cell WHERE kind = 'segment'"))
            while try verifyPage(&verifier) {}
            let rows = try database.query("SELECT count(*) FROM entry") { (row) throws(LedgerFailure) in row.integer() }
            if let count = rows.first, count > verifier.count { verifier.note(.extra(count - verifier.count)) }
            if let changed = try Schema.difference(of: database) { verifier.note(.schema(changed)) }
            _ = try database.query("SELECT \(Self.columns) FROM cell ORDER BY kind, instance, epoch, name") {
                (row) throws(LedgerFailure) in verifier.compare(Self.readColumns(&row))
            }
            if let damage = try damage() { verifier.note(.damaged(damage)) }
            return verifier.finish()
        }
    }

    private func columns(_ place: String) throws(LedgerFailure) -> [CellColumns] {
        try database.query("SELECT \(Self.columns) FROM \(place)") { (row) throws(LedgerFailure) in
            Self.readColumns(&row)
        }
    }

    /// Checks some records; false behind the last, or where one is not what it was.
    private func verifyPage(_ verifier: inout LedgerVerifier) throws(LedgerFailure) -> Bool {
        let rows = try database.query(
            """
            SELECT \(Self.sealed), at, instance, epoch, execution, root FROM entry
            WHERE sequence > ? ORDER BY sequence LIMIT 500
            """, .integer(verifier.sequence)
        ) { (row) throws(LedgerFailure) in
            let sealed = try Self.read(&row)
            let columns = RecordColumns(
                at: row.integer(), instance: row.optionalText(), epoch: row.optionalInteger(),
                execution: row.optionalText(), root: row.optionalText())
            return (sealed, columns)
        }
        return !rows.isEmpty && rows.allSatisfy { verifier.check($0, $1) }
    }
}

// Cells.
extension SQLiteLedgerFile {
    static let columns = "kind, instance, epoch, name, subject, link, at, open, exclusive, value"
    static let isKey = "kind = ? AND instance = ? AND epoch = ? AND name = ?"

    private static func values(of key: LedgerCell.Key) -> [SQLiteValue] {
        [.text(key.table.rawValue), .text(key.instance), .integer(Int64(key.epoch)), .text(key.name)]
    }

    private static func readColumns(_ row: inout SQLiteRow) -> CellColumns {
        CellColumns(
            table: row.text(), instance: row.text(), epoch: row.integer(), name: row.text(),
            subject: row.optionalText(), link: row.optionalText(), at: row.integer(), open: row.integer(),
            exclusive: row.optionalText(), value: row.blob())
    }

    private static func readCell(_ row: inout SQLiteRow) throws(LedgerFailure) -> LedgerCell {
        try readColumns(&row).cell()
    }

    private func query(_ condition: String, _ values: [SQLiteValue]) throws(LedgerFailure) -> [LedgerCell] {
        try database.query("SELECT \(Self.columns) FROM cell WHERE \(condition)", values, read: Self.readCell)
    }

    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        let kinds = SQLiteValue.list(tables.map(\.rawValue).sorted())
        guard let instance else { return try query(Self.ofTables, [kinds]) }
        return try query(Self.ofTables + " AND instance = ?2", [kinds, .text(instance)])
    }

    func cells(_ keys: Set<LedgerCell.Key>) throws(LedgerFailure) -> [LedgerCell] {
        var found: [LedgerCell] = []
        for key in keys { found += try query(Self.isKey, Self.values(of: key)) }
        return found
    }

    func cells(holding exclusives: Set<String>) throws(LedgerFailure) -> [LedgerCell] {
        var found: [LedgerCell] = []
        for text in exclusives { found += try query(Self.isHolding, [.text(text)]) }
        return found
    }

    func cells(of instance: InstanceKey, since: AgentTime) throws(LedgerFailure) -> [LedgerCell] {
        try query(Self.isSince, [.text(instance.name), .integer(Int64(instance.epoch)), .time(since)])
    }

    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        guard let instance else { return try query(Self.isOpen, []) }
        return try query(Self.isOpen + " AND instance = ?", [.text(instance)])
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

    static let ofTables = "kind IN (SELECT value FROM json_each(?1))"
    static let isHolding = "exclusive = ?"
    static let isSince = "instance = ? AND epoch = ? AND at >= ? AND subject IS NOT NULL"
    static let isOpen = "open = 1"
    /// By the execution that a cell is about, and by the one that it links to.
    static let aboutQueries = ["subject", "link"].map { column in
        """
        SELECT \(columns.replacing("value", with: "cell.value")) FROM json_each(?1) AS wanted CROSS JOIN cell
        ON cell.instance = ?2 AND cell.epoch = ?3 AND cell.\(column) = wanted.value
        """
    }
}

extension SQLiteValue {
    /// Texts, for `json_each`.
    fileprivate static func list(_ texts: [String]) -> SQLiteValue {
        .text(String(decoding: CanonicalJSON.encode(.texts(texts)), as: UTF8.self))
    }
}
