import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

@Suite("The ledger in SQLite")
struct SQLiteStoreTests {
    @Test("keeps every rule of a store", arguments: StoreRule.all, [StoreKind.file, .memoryFile])
    func rule(rule: StoreRule, kind: StoreKind) async throws { try await rule.check(on: kind) }

    @Test("has the never-twice rule in its schema too: SQL that goes round the program breaks on it")
    func index() async throws {
        let home = try SQLiteUnderTest(inFile: false, .inline)
        let ledger = try await TestLedger(home)
        let id = try await ledger.intent(.void, of: "5")
        try await ledger.reserve(draft("5"))
        let holder = try #require(try await home.cells().compactMap(\.exclusive).first)
        await #expect(throws: LedgerFailure.self) {
            try await home.store.work { file throws(LedgerFailure) in
                try file.script("UPDATE cell SET exclusive = '\(holder)' WHERE name = '\(id)'")
            }
        }
    }

    /// The steps of the plan that SQLite makes of a query.
    func plan(_ sql: String) async throws -> [String] {
        let home = try SQLiteUnderTest(inFile: false, .inline)
        return try await home.store.work { file throws(LedgerFailure) in
            try file.database.query("EXPLAIN QUERY PLAN " + sql) { row throws(LedgerFailure) in
                _ = (row.integer(), row.integer(), row.integer())
                return row.text()
            }
        }
    }

    @Test(
        "reads by an index, however much there is",
        arguments: [
            SQLiteLedgerFile.isKey, SQLiteLedgerFile.isHolding, SQLiteLedgerFile.isSince, SQLiteLedgerFile.ofTables,
            SQLiteLedgerFile.ofTables + " AND instance = ?2", SQLiteLedgerFile.isOpen + " AND instance = ?",
        ].map { "SELECT value FROM cell WHERE " + $0 } + SQLiteLedgerFile.aboutQueries + SQLiteLedgerFile.recordQueries
            + [
                "SELECT sequence, hash, at FROM entry WHERE sequence > ? ORDER BY sequence LIMIT ?",
                "SELECT instance, epoch FROM entry WHERE sequence = ? AND instance IS NOT NULL",
            ])
    func indexed(sql: String) async throws {
        let steps = try await plan(sql).filter { $0.contains(" cell") || $0.contains(" entry") }
        #expect(!steps.isEmpty && steps.allSatisfy { $0.hasPrefix("SEARCH") }, "\(sql): \(steps)")
    }

    @Test("reads what is open from an index that holds nothing else, and the end of the chain from its end")
    func ends() async throws {
        let open = try await plan("SELECT value FROM cell WHERE " + SQLiteLedgerFile.isOpen)
        #expect(open == ["SCAN cell USING INDEX cell_open"])
        #expect(try await plan("SELECT sequence FROM entry ORDER BY sequence DESC LIMIT 1") == ["SCAN entry"])
    }
}

@Suite("What was edited in the file is found")
struct SQLiteTamperTests {
    func ledger() async throws -> (SQLiteUnderTest, TestLedger) {
        let home = try SQLiteUnderTest(inFile: false, .inline)
        let ledger = try await TestLedger(home)
        try await ledger.append([initialised(), .paused(instance: nil, reason: "x", by: "me"), decided("5", .act)])
        return (home, ledger)
    }

    func fault(_ sql: String, triggers: Bool = true) async throws -> AuditFault.Problem? {
        let (home, ledger) = try await ledger()
        try await home.store.work { file throws(LedgerFailure) in
            if triggers {
                try file.script(sql)
            } else {
                try file.withoutTriggers { () throws(LedgerFailure) in try file.script(sql) }
            }
        }
        return try await ledger.store.verify(expecting: nil).fault?.problem
    }

    @Test("The log only grows: nothing is changed or removed, not even by SQL, while its triggers stand")
    func appendOnly() async throws {
        let (home, ledger) = try await ledger()
        for sql in ["UPDATE entry SET root = '1'", "DELETE FROM entry WHERE sequence = 3"] {
            await #expect(throws: LedgerFailure.self) {
                try await home.store.work { file throws(LedgerFailure) in try file.script(sql) }
            }
        }
        #expect(try await ledger.store.verify(expecting: nil).count == 3)
    }

    @Test(
        "whatever a column of a cell is changed to",
        arguments: [
            "kind = 'unheard of'", "kind = 'tag'", "instance = 'x'", "instance = 'x', epoch = 0", "epoch = 3",
            "name = 'x'", "name = 'a' || char(0)", "subject = '7'", "subject = ''", "link = '7'", "at = at + 1",
            "open = 1", "open = 2", "exclusive = ''", "value = x''", "value = x'00'",
            "value = CAST(CAST(value AS TEXT) || ' ' AS BLOB)",
            "value = CAST('{}' AS BLOB)", "value = CAST(replace(CAST(value AS TEXT), ':', ': ') AS BLOB)",
        ])
    func cells(change: String) async throws {
        for kind in ["pause", "verdict", "baseline"] where change != "kind = '\(kind)'" {
            let sql = "PRAGMA ignore_check_constraints = ON; UPDATE cell SET \(change) WHERE kind = '\(kind)'"
            switch try await fault(sql) {
            case .different, .unrecorded: break
            case let other: Issue.record("\(kind): \(change): \(String(describing: other))")
            }
        }
    }

    @Test("that all columns of cells are among those changes")
    func allColumns() async throws {
        let home = try SQLiteUnderTest(inFile: false, .inline)
        let columns = try await home.store.work { file throws(LedgerFailure) in
            try file.text("SELECT name FROM pragma_table_info('cell')")
        }
        #expect(columns == SQLiteLedgerFile.columnNames)
    }

    @Test(
        "tables, indexes and triggers that are gone, others or too many",
        arguments: [
            ("DROP TRIGGER entry_keeps", "trigger entry_keeps"), ("DROP TRIGGER entry_stays", "trigger entry_stays"),
            ("DROP INDEX entry_by_execution", "index entry_by_execution"),
            ("DROP INDEX entry_by_root", "index entry_by_root"), ("DROP INDEX cell_exclusive", "index cell_exclusive"),
            ("DROP INDEX cell_by_subject", "index cell_by_subject"), ("DROP INDEX cell_by_link", "index cell_by_link"),
            ("DROP INDEX cell_by_time", "index cell_by_time"), ("DROP INDEX cell_open", "index cell_open"),
            ("DROP INDEX cell_exclusive; CREATE INDEX cell_exclusive ON cell (exclusive)", "index cell_exclusive"),
            ("CREATE TABLE more (a)", "table more"), ("CREATE VIEW shown AS SELECT 1", "view shown"),
            ("CREATE INDEX more ON entry (hash)", "index more"),
            ("CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM cell; END", "trigger more"),
            ("ALTER TABLE cell ADD COLUMN more TEXT", "table cell"),
        ])
    func schema(sql: String, what: String) async throws {
        #expect(try await fault(sql) == .schema(what))
    }

    @Test("that all tables, indexes and triggers are among those changes")
    func allObjects() async throws {
        let home = try SQLiteUnderTest(inFile: false, .inline)
        let names = try await home.store.work { file throws(LedgerFailure) in
            try file.text("SELECT name FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL ORDER BY name")
        }
        #expect(
            names == [
                "cell_by_link", "cell_by_subject", "cell_by_time", "cell_exclusive", "cell_open", "entry_by_execution",
                "entry_by_root", "entry_keeps", "entry_stays",
            ])
    }

    @Test("rows of the log that are no part of the chain")
    func extra() async throws {
        let copy = """
            INSERT INTO entry SELECT 0, bytes, hash, previous, at, instance, epoch, execution, root
            FROM entry WHERE sequence = 2
            """
        #expect(try await fault(copy, triggers: false) == .extra(1))
        #expect(
            try await fault("UPDATE entry SET instance = 'x' WHERE sequence = 2", triggers: false)
                == .column("instance"))
    }
}
