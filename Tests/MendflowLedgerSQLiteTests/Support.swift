import CSQLite
import FoundationEssentials
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mendflow-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var ledger: String { path + "/ledger.sqlite" }

    func copy(_ one: String, to other: String) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: one + suffix) {
            try FileManager.default.copyItem(atPath: one + suffix, toPath: other + suffix)
        }
    }
}

extension SQLiteLedgerFile {
    static let columnNames = columns.split(separator: ", ").map(String.init)

    /// Runs SQL that the program never would, on the ledger's own connection.
    func script(_ sql: String) throws(LedgerFailure) { try database.execute(sql) }

    func text(_ sql: String) throws(LedgerFailure) -> [String] {
        try database.query(sql) { row throws(LedgerFailure) in row.text() }
    }
}

/// A ledger in SQLite: in a file, that every process opens for itself, or in memory, which only one can.
struct SQLiteUnderTest: StoreUnderTest {
    let folder: TemporaryFolder
    let store: SQLiteLedgerStore
    let isShared: Bool
    let canSeal = true

    init(inFile: Bool, _ placement: SQLiteLedgerStore.Placement) throws {
        folder = try TemporaryFolder()
        isShared = inFile
        store = try SQLiteLedgerStore.open(
            path: inFile ? folder.ledger : ":memory:", create: true, placement: placement)
    }

    func open() async throws -> any LedgerStore {
        isShared ? try SQLiteLedgerStore.open(path: folder.ledger, create: false) : store
    }

    func cells() async throws -> [LedgerCell] {
        try await store.work { file throws(LedgerFailure) in try file.allCells() }
    }

    func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) async throws {
        try await store.work { file throws(LedgerFailure) in try file.tamper(key, with: cell) }
    }

    func tamper(base key: LedgerCell.Key, with cell: LedgerCell?) async throws {
        try await store.work { file throws(LedgerFailure) in try file.tamper(key, with: cell, in: "base") }
    }

    func rows() async throws -> [LedgerAppend.Record] {
        try await store.work { file throws(LedgerFailure) in try file.allRows() }
    }

    func replaceRows(_ rows: [LedgerAppend.Record]) async throws {
        try await store.work { file throws(LedgerFailure) in try file.replaceRows(rows) }
    }
}

extension StoreKind {
    static let file = StoreKind("SQLite, in a file") { try SQLiteUnderTest(inFile: true, .ownThread) }
    static let memoryFile = StoreKind("SQLite, in memory") { try SQLiteUnderTest(inFile: false, .inline) }
}

// What an editor does to the file.
extension SQLiteLedgerFile {
    func allCells() throws(LedgerFailure) -> [LedgerCell] {
        try cells(of: Set(LedgerCell.Table.allCases), instance: nil).sorted { $0.key < $1.key }
    }

    func tamper(
        _ key: LedgerCell.Key, with cell: LedgerCell?, in table: String = "cell"
    ) throws(LedgerFailure) {
        try database.run(
            "DELETE FROM \(table) WHERE \(Self.isKey)", .text(key.table.rawValue), .text(key.instance),
            .integer(Int64(key.epoch)), .text(key.name))
        guard let columns = cell.map(CellColumns.init) else { return }
        try database.run(
            "INSERT INTO \(table) (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .text(columns.table),
            .text(columns.instance), .integer(columns.epoch), .text(columns.name), .optional(columns.subject),
            .optional(columns.link), .integer(columns.at), .integer(columns.open), .optional(columns.exclusive),
            .blob(columns.value))
    }

    func allRows() throws(LedgerFailure) -> [LedgerAppend.Record] {
        try database.query(
            "SELECT sequence, bytes, hash, previous, at, instance, epoch, execution, root FROM entry ORDER BY sequence"
        ) { row throws(LedgerFailure) in
            let sealed = SealedRecord(
                sequence: row.integer(), bytes: row.blob(), hash: row.blob(), previous: row.blob())
            return LedgerAppend.Record(
                sealed: sealed,
                columns: RecordColumns(
                    at: row.integer(), instance: row.optionalText(), epoch: row.optionalInteger(),
                    execution: row.optionalText(), root: row.optionalText()))
        }
    }

    func replaceRows(_ rows: [LedgerAppend.Record]) throws(LedgerFailure) {
        try withoutTriggers { () throws(LedgerFailure) in
            try script("DELETE FROM entry")
            for row in rows { try insert(row) }
        }
    }

    /// Drops the triggers, and makes them again as they were.
    func withoutTriggers(_ change: () throws(LedgerFailure) -> Void) throws(LedgerFailure) {
        let triggers = try database.query("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'") {
            row throws(LedgerFailure) in (row.text(), row.text())
        }
        for (name, _) in triggers { try script("DROP TRIGGER \(name)") }
        try change()
        for (_, sql) in triggers { try script(sql) }
    }
}
