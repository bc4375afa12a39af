import CSQLite
import FoundationEssentials
import Glibc
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

/// A file that a test makes ledgers in.
struct LedgerFolder {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.ledger }

    func open(create: Bool = false) throws -> SQLiteLedgerStore {
        try SQLiteLedgerStore.open(path: path, create: create, placement: .inline)
    }

    /// Runs SQL as any other program would.
    func sql(_ script: String) {
        var database: OpaquePointer?
        #expect(sqlite3_open(path, &database) == SQLITE_OK)
        #expect(sqlite3_exec(database, script, nil, nil, nil) == SQLITE_OK)
        sqlite3_close_v2(database)
    }

    func bytes() throws -> Data { try Data(contentsOf: URL(filePath: path)) }
}

extension SQLiteLedgerStore {
    /// Appends events behind whatever is there.
    @discardableResult
    func write(_ events: [LedgerEvent]) async throws -> LedgerHead {
        let head = try await load(LedgerScope(instances: [])).head
        return try await append(events.map { LedgerEntry($0, at: at(1)) }, expecting: head, fence: nil)
    }

    func count() async throws -> Int64 { try await verify(expecting: nil).count }

    func pragma(_ name: String) async throws -> String {
        try #require(try await work { file throws(LedgerFailure) in try file.text("PRAGMA \(name)") }.first)
    }

    func script(_ sql: String) async throws { try await work { file throws(LedgerFailure) in try file.script(sql) } }
}

extension LedgerFailure {
    /// The case's name, where its text is SQLite's or the system's.
    func isKind(_ name: String) -> Bool {
        switch self {
        case .corrupt: name == "corrupt"
        case .unusable: name == "unusable"
        default: false
        }
    }
}

@Suite("The ledger's file")
struct FileTests {
    let ledger: LedgerFolder

    init() throws { ledger = try LedgerFolder() }

    @Test("is made only where that is asked for, and found again")
    func create() async throws {
        #expect(throws: LedgerFailure.missing(ledger.path)) { try ledger.open() }
        #expect(throws: LedgerFailure.missing(ledger.path)) { try SQLiteLedgerStore.openReading(path: ledger.path) }
        #expect(!FileManager.default.fileExists(atPath: ledger.path))
        do { try await ledger.open(create: true).write([reservation(draft("5"))]) }
        let again = try ledger.open()
        #expect(try await again.count() == 1)
        #expect(try await again.load(LedgerScope()).intent(IntentID(1))?.draft == draft("5"))
        #expect(try await ledger.open(create: true).count() == 1)
    }

    @Test("is kept safe: write-ahead log, full synchronisation, no trust in the file's own code")
    func pragmas() async throws {
        let store = try ledger.open(create: true)
        #expect(try await store.pragma("journal_mode") == "wal")
        #expect(try await store.pragma("synchronous") == "2")
        #expect(try await store.pragma("foreign_keys") == "1")
        #expect(try await store.pragma("trusted_schema") == "0")
        #expect(try await store.pragma("busy_timeout") == "5000")
        try await store.script("PRAGMA journal_mode = OFF")
        #expect(try await store.pragma("journal_mode") == "wal")
    }

    @Test("can be read by its owner alone, with the log and the index beside it")
    func permissions() async throws {
        let store = try ledger.open(create: true)
        try await store.write([latched(.healed, "1")])
        for suffix in ["", "-wal", "-shm"] {
            var facts = stat()
            #expect(stat(ledger.path + suffix, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600, "\(suffix)")
        }
    }

    @Test("in a folder that is not there cannot be made, and says so")
    func noFolder() throws {
        let error = #expect(throws: LedgerFailure.self) {
            try SQLiteLedgerStore.open(path: ledger.folder.path + "/none/ledger.sqlite", create: true)
        }
        #expect(error?.isKind("unusable") == true)
    }

    @Test("on a file system that is not known cannot be opened")
    func unknownVFS() throws {
        for create in [true, false] {
            let error = #expect(throws: LedgerFailure.self) {
                try SQLiteLedgerStore.open(path: ledger.path, vfs: "nowhere", create: create)
            }
            #expect(error?.isKind("unusable") == true)
        }
    }

    @Test("of another version of the program is refused and left as it is", arguments: [1, 2, 3, 4, 5, 6, 9, 999])
    func otherSchema(version: Int) throws {
        do { _ = try ledger.open(create: true) }
        ledger.sql("PRAGMA user_version = \(version)")
        let before = try ledger.bytes()
        let failure = LedgerFailure.otherSchema(found: version, supported: 8, path: ledger.path)
        for create in [true, false] {
            #expect(throws: failure) { try ledger.open(create: create) }
        }
        #expect(throws: failure) { try SQLiteLedgerStore.openReading(path: ledger.path) }
        #expect(try ledger.bytes() == before)
        let words = version < 7 ? ["older", "move it away", "mendflow init"] : ["newer", "use that version"]
        #expect(words.allSatisfy { "\(failure)".contains($0) } && "\(failure)".contains("schema \(version)"))
    }

    @Test("that is no SQLite file, or another program's, is refused and left as it is")
    func foreign() throws {
        let text = Data(String(repeating: "this is no database, it is a letter. ", count: 40).utf8)
        try text.write(to: URL(filePath: ledger.path))
        func expectRefused(_ before: Data) throws {
            for create in [true, false] {
                let error = #expect(throws: LedgerFailure.self) { try ledger.open(create: create) }
                #expect(error?.isKind("corrupt") == true)
            }
            #expect(try ledger.bytes() == before)
        }
        try expectRefused(text)
        try FileManager.default.removeItem(atPath: ledger.path)
        ledger.sql("CREATE TABLE other (a)")
        try expectRefused(try ledger.bytes())
    }

    @Test("that was begun and never finished counts as missing")
    func unfinished() async throws {
        try Data().write(to: URL(filePath: ledger.path))
        #expect(throws: LedgerFailure.missing(ledger.path)) { try ledger.open() }
        #expect(try await ledger.open(create: true).count() == 0)
    }

    @Test("with damaged pages is found corrupt")
    func damaged() async throws {
        do {
            let store = try ledger.open(create: true)
            try await store.write((0..<300).map { latched(.healed, ExecutionID("\($0)")) })
        }
        var bytes = try ledger.bytes()
        for index in 8192..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: ledger.path))
        let error = await #expect(throws: LedgerFailure.self) {
            _ = try await ledger.open().verify(expecting: nil)
        }
        #expect(error?.isKind("corrupt") == true)
    }

    @Test(
        "with an index that hides rows from whoever reads through it is found out",
        arguments: ["entry_by_execution", "entry_by_root", "cell_by_subject", "cell_by_time", "cell_exclusive"])
    func hidingIndex(name: String) async throws {
        do { try await ledger.open(create: true).write([reservation(draft("5")), reservation(draft("6"))]) }
        #expect(try await ledger.open().verify(expecting: nil).isIntact)
        func define(_ change: String) {
            ledger.sql(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = \(change) WHERE name = '\(name)';")
        }
        // Filled while it is defined as one of no rows, and then as it was.
        define("sql || ' AND 0'")
        ledger.sql("REINDEX \(name);")
        define("replace(sql, ' AND 0', '')")
        let found = try await ledger.open().verify(expecting: nil)
        guard case .damaged(let words)? = found.fault?.problem else {
            Issue.record("\(name): \(String(describing: found.fault))")
            return
        }
        #expect(words.contains(name))
    }

    @Test("opened to read shows what another connection writes, and takes nothing")
    func readOnly() async throws {
        let writer = try ledger.open(create: true)
        let reader = try SQLiteLedgerStore.openReading(path: ledger.path)
        try await writer.write([reservation(draft("5"))])
        #expect(try await reader.count() == 1)
        #expect(try await reader.load(LedgerScope()).intents(in: [.reserved]).count == 1)
        await #expect(throws: LedgerFailure.self) { try await reader.write([latched(.healed, "1")]) }
        #expect(try await writer.count() == 1)
    }

    @Test("can be read while no agent runs")
    func readClosed() async throws {
        do { try await ledger.open(create: true).write([latched(.healed, "1")]) }
        #expect(!FileManager.default.fileExists(atPath: ledger.path + "-wal"))
        #expect(try await SQLiteLedgerStore.openReading(path: ledger.path).count() == 1)
    }

    @Test("that another connection is writing is locked, after the busy time-out")
    func busy() async throws {
        let one = try ledger.open(create: true)
        let two = try ledger.open()
        try await two.script("PRAGMA busy_timeout = 0")
        try await one.script("BEGIN IMMEDIATE")
        await #expect(throws: LedgerFailure.locked(ledger.path)) { try await two.write([latched(.healed, "1")]) }
        // Reading goes on meanwhile.
        #expect(try await two.verify(expecting: nil).isIntact)
        try await one.script("ROLLBACK")
        try await two.write([latched(.healed, "1")])
    }

    @Test("works on a thread of its own, and where it is asked for")
    func placements() async throws {
        for placement in [SQLiteLedgerStore.Placement.ownThread, .inline] {
            let store = try SQLiteLedgerStore.open(path: ledger.path, create: true, placement: placement)
            try await store.write([latched(.healed, "1")])
        }
        #expect(try await ledger.open().count() == 2)
    }
}
