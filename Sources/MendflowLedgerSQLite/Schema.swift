internal import MendflowCore

/// The tables, and how older ones become them. Only what PostgreSQL has as well, but for STRICT, WITHOUT ROWID and the
/// triggers' syntax.
enum Schema {
    /// "MFLW": tells a ledger from any other SQLite file.
    static let applicationID: Int64 = 0x4D46_4C57
    /// The nth script leads from version n-1 to n. A script that was released is never changed.
    static let migrations = [version1, version2, version3, version4, version5]
    static var version: Int64 { Int64(migrations.count) }

    /// Makes a connection safe, and the tables present and current.
    static func prepare(_ database: SQLiteDatabase, mode: SQLiteDatabase.Mode) throws(LedgerFailure) {
        try database.execute("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON")
        // Before anything is written: another program's file is left as it is.
        let found = try check(database, mode: mode)
        guard mode != .read else {
            guard found == version else {
                throw .unusable("\(database.path): schema \(found) is older than \(version); start the agent once")
            }
            return
        }
        let journal = try database.query("PRAGMA journal_mode = WAL") { (row) throws(LedgerFailure) in row.text() }
        guard journal == ["wal"] || journal == ["memory"] else {
            throw .unusable("\(database.path): its file system cannot do write-ahead logging; use a local disk")
        }
        try database.execute("PRAGMA synchronous = FULL")
        guard found < version else { return }
        try database.transaction { () throws(LedgerFailure) in
            // Another process may have done it meanwhile.
            let found = try check(database, mode: mode)
            for script in migrations.dropFirst(Int(found)) { try database.execute(script) }
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
        guard found <= version else {
            throw .newerSchema(found: Int(found), supported: Int(version), path: database.path)
        }
        return found
    }

    /// The server's time of an answer 500; how far back a tick had covered; and intents of a chain by their executions.
    private static let version5 = """
        ALTER TABLE intent ADD COLUMN answered_at INTEGER;
        ALTER TABLE tick ADD COLUMN covered_since INTEGER;
        CREATE INDEX intent_by_execution ON intent (instance, epoch, execution);
        """

    /// A bulk stop's request and the executions that it is expected to stop.
    private static let version4 = "ALTER TABLE intent ADD COLUMN bulk TEXT;"

    private static let version2 = """
        ALTER TABLE intent ADD COLUMN accountable INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tick ADD COLUMN covered_from TEXT;
        ALTER TABLE tick ADD COLUMN sightings TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE tick ADD COLUMN fingerprints TEXT NOT NULL DEFAULT '[]';
        -- Ids as ranges from now on.
        UPDATE tick SET missing = '';
        CREATE TABLE alarm (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE learned_tag (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, name TEXT NOT NULL, tag TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch, name)
        ) STRICT, WITHOUT ROWID;
        """

    private static let version1 = """
        CREATE TABLE intent (
            id INTEGER PRIMARY KEY,
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, shadow INTEGER NOT NULL,
            action TEXT NOT NULL, execution TEXT NOT NULL, root TEXT NOT NULL, workflow TEXT NOT NULL,
            policy TEXT NOT NULL, policy_version TEXT NOT NULL, contributors TEXT NOT NULL,
            attempt INTEGER NOT NULL, load_workflow INTEGER NOT NULL, tags TEXT NOT NULL, node_type TEXT,
            state TEXT NOT NULL, reserved_at INTEGER NOT NULL, sending_at INTEGER, watermark TEXT,
            settled_at INTEGER, child TEXT, note TEXT, not_before INTEGER,
            CHECK (shadow IN (0, 1) AND (shadow = 1) = (state = 'shadow'))
        ) STRICT;
        -- The never-twice rule, for what is sent and for what dry-run would send.
        CREATE UNIQUE INDEX intent_never_twice ON intent (instance, epoch, execution)
            WHERE action = 'retry' AND state NOT IN ('void', 'superseded') AND shadow = 0;
        CREATE UNIQUE INDEX intent_never_twice_shadow ON intent (instance, epoch, execution)
            WHERE action = 'retry' AND state NOT IN ('void', 'superseded') AND shadow = 1;
        -- One re-send of an unresolved retry, and no more.
        CREATE UNIQUE INDEX intent_resent_once ON intent (instance, epoch, execution)
            WHERE action = 'retry' AND state = 'superseded';
        CREATE INDEX intent_by_time ON intent (instance, epoch, shadow, reserved_at);
        CREATE INDEX intent_by_state ON intent (state, instance, epoch);

        CREATE TABLE latch (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, shadow INTEGER NOT NULL,
            kind TEXT NOT NULL, execution TEXT NOT NULL, policy TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch, shadow, kind, execution, policy, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE owner (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, shadow INTEGER NOT NULL,
            root TEXT NOT NULL, policy TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch, shadow, root)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE verdict (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, shadow INTEGER NOT NULL,
            leaf TEXT NOT NULL, policy TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch, shadow, leaf)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE tick (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL,
            number INTEGER NOT NULL, at INTEGER NOT NULL, accounted TEXT, swept_at INTEGER, row_count INTEGER NOT NULL,
            live TEXT NOT NULL, clock_offset INTEGER NOT NULL, missing TEXT NOT NULL,
            PRIMARY KEY (instance, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE suspension (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, action TEXT NOT NULL,
            reason TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch, action)
        ) STRICT, WITHOUT ROWID;
        -- The empty instance is all of them.
        CREATE TABLE pause (
            instance TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE baseline (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL,
            url TEXT NOT NULL, since INTEGER NOT NULL, highest TEXT, at INTEGER NOT NULL,
            PRIMARY KEY (instance, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE fingerprint (
            instance TEXT NOT NULL, epoch INTEGER NOT NULL, position INTEGER NOT NULL,
            execution TEXT NOT NULL, workflow TEXT NOT NULL, started_at INTEGER,
            PRIMARY KEY (instance, epoch, position),
            FOREIGN KEY (instance, epoch) REFERENCES baseline (instance, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE policy_text (
            version TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY,
            hash BLOB NOT NULL, previous BLOB NOT NULL, bytes BLOB NOT NULL,
            kind TEXT NOT NULL, instance TEXT, epoch INTEGER, at INTEGER NOT NULL,
            execution TEXT, root TEXT, policy TEXT
        ) STRICT;
        CREATE INDEX audit_by_execution ON audit (instance, epoch, execution);
        CREATE INDEX audit_by_root ON audit (instance, epoch, root);
        CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
        CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
        """

    /// A view reads the chains that matter, not all that ever were: by their ids, their links, and by time.
    private static let version3 = """
        CREATE INDEX latch_by_execution ON latch (instance, epoch, execution);
        CREATE INDEX latch_by_value ON latch (instance, epoch, value) WHERE value <> '';
        CREATE INDEX latch_by_time ON latch (instance, epoch, at);
        CREATE INDEX owner_by_time ON owner (instance, epoch, at);
        CREATE INDEX verdict_by_time ON verdict (instance, epoch, at);
        """
}
