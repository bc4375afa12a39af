internal import MendflowLedger

/// The tables, and how older ones become them. Only what PostgreSQL has as well, but for STRICT, WITHOUT ROWID and the
/// triggers' syntax.
enum Schema {
    /// "MFLW": tells a ledger from any other SQLite file.
    static let applicationID: Int64 = 0x4D46_4C57
    /// The first version that is kept; files of older ones are refused.
    private static let firstVersion: Int64 = 7
    /// The nth script leads from version `firstVersion - 1 + n - 1` to the next. A script that was released is never changed.
    static let migrations = [version7, version8]
    static var version: Int64 { firstVersion + Int64(migrations.count) - 1 }

    /// Makes a connection safe, and the tables present and current.
    static func prepare(_ database: SQLiteDatabase, mode: SQLiteDatabase.Mode) throws(LedgerFailure) {
        try database.execute("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON")
        // Before anything is written: another program's file is left as it is.
        let found = try check(database, mode: mode)
        // What is only read is read as it is.
        guard mode != .read else { return }
        let journal = try database.query("PRAGMA journal_mode = WAL") { (row) throws(LedgerFailure) in row.text() }
        guard journal == ["wal"] || journal == ["memory"] else {
            throw .unusable("\(database.path): its file system cannot do write-ahead logging; use a local disk")
        }
        // A tick needs the newest pages only; SQLite would keep 2 MB of others.
        try database.execute("PRAGMA synchronous = FULL; PRAGMA cache_size = -512")
        guard found < version else { return }
        try database.transaction { () throws(LedgerFailure) in
            // Another process may have done it meanwhile.
            let found = try check(database, mode: mode)
            let done = found == 0 ? 0 : Int(found - firstVersion) + 1
            for script in migrations.dropFirst(done) { try database.execute(script) }
            try database.execute(
                "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        }
    }

    /// The version of the file's tables; 0 for a file without any.
    private static func check(
        _ database: SQLiteDatabase, mode: SQLiteDatabase.Mode
    ) throws(LedgerFailure) -> Int64 {
        func number(_ sql: String) throws(LedgerFailure) -> Int64 {
            try database.query(sql) { (row) throws(LedgerFailure) in row.integer() }.first ?? 0
        }
        let found = try number("PRAGMA user_version")
        let application = try number("PRAGMA application_id")
        guard application == applicationID else {
            guard try number("SELECT count(*) FROM sqlite_schema") == 0, found == 0, application == 0 else {
                throw .corrupt("\(database.path): another program's database")
            }
            // Making it was begun and never finished.
            guard mode == .create else { throw .missing(database.path) }
            return 0
        }
        guard (firstVersion...version).contains(found) else {
            throw .otherSchema(found: Int(found), supported: Int(version), path: database.path)
        }
        return found
    }

    /// The tables, indexes and triggers, by their names: an editor's change of them shows.
    static func difference(of database: SQLiteDatabase) throws(LedgerFailure) -> String? {
        let model = try SQLiteDatabase.open(path: ":memory:", vfs: nil, mode: .create)
        let version = try database.query("PRAGMA user_version") { (row) throws(LedgerFailure) in row.integer() }.first
        for script in migrations.prefix(Int((version ?? 0) - firstVersion) + 1) { try model.execute(script) }
        let (told, stored) = (try objects(model), try objects(database))
        return Set(told.keys).union(stored.keys).sorted().first { told[$0] != stored[$0] }
    }

    /// Whether a table is there; a file of an older version that is read lacks some.
    static func has(_ table: String, _ database: SQLiteDatabase) throws(LedgerFailure) -> Bool {
        try !database.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", .text(table)) {
            (_) throws(LedgerFailure) in ()
        }.isEmpty
    }

    private static func objects(_ database: SQLiteDatabase) throws(LedgerFailure) -> [String: String] {
        let rows = try database.query("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL") {
            (row) throws(LedgerFailure) in ("\(row.text()) \(row.text())", row.text())
        }
        return Dictionary(rows) { first, _ in first }
    }

    /// Entries, sealed, with what they speak of; and cells, which follow from them.
    private static let version7 = """
        CREATE TABLE entry (
            sequence INTEGER PRIMARY KEY,
            bytes BLOB NOT NULL, hash BLOB NOT NULL, previous BLOB NOT NULL,
            at INTEGER NOT NULL, instance TEXT, epoch INTEGER, execution TEXT, root TEXT
        ) STRICT;
        CREATE INDEX entry_by_execution ON entry (instance, epoch, execution) WHERE execution IS NOT NULL;
        CREATE INDEX entry_by_root ON entry (instance, epoch, root) WHERE root IS NOT NULL;
        CREATE TRIGGER entry_keeps BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
        CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;

        CREATE TABLE cell (
            kind TEXT NOT NULL, instance TEXT NOT NULL, epoch INTEGER NOT NULL, name TEXT NOT NULL,
            subject TEXT, link TEXT, at INTEGER NOT NULL, open INTEGER NOT NULL CHECK (open IN (0, 1)),
            exclusive TEXT, value BLOB NOT NULL,
            PRIMARY KEY (kind, instance, epoch, name)
        ) STRICT, WITHOUT ROWID;
        -- The never-twice rule once more, beneath the program's own.
        CREATE UNIQUE INDEX cell_exclusive ON cell (exclusive) WHERE exclusive IS NOT NULL;
        CREATE INDEX cell_by_subject ON cell (instance, epoch, subject) WHERE subject IS NOT NULL;
        CREATE INDEX cell_by_link ON cell (instance, epoch, link) WHERE link IS NOT NULL;
        CREATE INDEX cell_by_time ON cell (instance, epoch, at) WHERE subject IS NOT NULL;
        CREATE INDEX cell_open ON cell (instance) WHERE open = 1;
        """

    /// What the sealed records add up to. Records go only up to the last one that a cell says is sealed.
    private static let version8 = """
        CREATE TABLE base (
            kind TEXT NOT NULL, instance TEXT NOT NULL, epoch INTEGER NOT NULL, name TEXT NOT NULL,
            subject TEXT, link TEXT, at INTEGER NOT NULL, open INTEGER NOT NULL CHECK (open IN (0, 1)),
            exclusive TEXT, value BLOB NOT NULL,
            PRIMARY KEY (kind, instance, epoch, name)
        ) STRICT, WITHOUT ROWID;
        DROP TRIGGER entry_stays;
        CREATE TRIGGER entry_stays BEFORE DELETE ON entry
        WHEN OLD.sequence > (SELECT coalesce(max(CAST(name AS INTEGER)), 0) FROM cell WHERE kind = 'segment')
        BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
        """
}
