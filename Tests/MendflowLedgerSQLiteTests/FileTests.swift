import CSQLite
import FoundationEssentials
import Glibc
import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowLedgerSQLite

@Suite("The ledger's file")
struct FileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func pragma(_ name: String, _ ledger: SQLiteLedger) throws -> String {
        try #require(
            try ledger.database.query("PRAGMA \(name)") { row throws(LedgerFailure) in row.text() }.first)
    }

    func sql(_ script: String) {
        var database: OpaquePointer?
        #expect(sqlite3_open(folder.ledger, &database) == SQLITE_OK)
        #expect(sqlite3_exec(database, script, nil, nil, nil) == SQLITE_OK)
        sqlite3_close_v2(database)
    }

    @Test("is made only where that is asked for, and found again")
    func create() throws {
        #expect(throws: LedgerFailure.missing(folder.ledger)) {
            try SQLiteLedger.open(path: folder.ledger, create: false)
        }
        #expect(throws: LedgerFailure.missing(folder.ledger)) { try SQLiteLedger.openReading(path: folder.ledger) }
        #expect(!FileManager.default.fileExists(atPath: folder.ledger))
        do {
            let made = try SQLiteLedger.open(path: folder.ledger, create: true)
            try made.commit([.reserve(draft("5"))], audit: [note("made")], at: at(1))
        }
        let again = try SQLiteLedger.open(path: folder.ledger, create: false)
        #expect(try again.head().sequence == 1)
        #expect(try again.intent(IntentID(1))?.draft == draft("5"))
        try again.quickCheck()
        #expect(try SQLiteLedger.open(path: folder.ledger, create: true).head().sequence == 1)
    }

    @Test("is kept safe: write-ahead log, full synchronisation, no trust in the file's own code")
    func pragmas() throws {
        let ledger = try SQLiteLedger.open(path: folder.ledger, create: true)
        #expect(try pragma("journal_mode", ledger) == "wal")
        #expect(try pragma("synchronous", ledger) == "2")
        #expect(try pragma("foreign_keys", ledger) == "1")
        #expect(try pragma("trusted_schema", ledger) == "0")
        #expect(try pragma("busy_timeout", ledger) == "5000")
        try ledger.database.execute("PRAGMA journal_mode = OFF")
        #expect(try pragma("journal_mode", ledger) == "wal")
    }

    @Test("can be read by its owner alone, with the log and the index beside it")
    func permissions() throws {
        let ledger = try SQLiteLedger.open(path: folder.ledger, create: true)
        try ledger.commit([.reserve(draft("5"))], audit: [note("made")], at: at(1))
        for suffix in ["", "-wal", "-shm"] {
            var facts = stat()
            #expect(stat(folder.ledger + suffix, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600, "\(suffix)")
        }
    }

    @Test("of the first schema becomes the present one and keeps what it holds")
    func migrates() throws {
        sql(
            Schema.migrations[0]
                + """
                PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1;
                INSERT INTO intent VALUES (1, 'production', 1, 0, 'retry', '5', '1', 'w1', 'p', 'v', '["p"]', 1, 0, '[]',
                    NULL, 'reserved', 1, NULL, NULL, NULL, NULL, NULL, NULL);
                INSERT INTO tick VALUES ('production', 1, 7, 70, '11', NULL, 250, '[]', 0, '[]');
                """)
        #expect(throws: LedgerFailure.self) { try SQLiteLedger.openReading(path: folder.ledger) }
        let ledger = try SQLiteLedger.open(path: folder.ledger, create: false)
        #expect(try pragma("user_version", ledger) == "\(Schema.version)")
        #expect(try ledger.intent(IntentID(1))?.draft == draft("5"))
        #expect(try ledger.tickState(of: production)?.accounted == "11")
        #expect(try SQLiteLedger.openReading(path: folder.ledger).head().sequence == 0)
    }

    @Test("in a folder that is not there cannot be made, and says so")
    func noFolder() throws {
        let error = #expect(throws: LedgerFailure.self) {
            try SQLiteLedger.open(path: folder.path + "/none/ledger.sqlite", create: true)
        }
        #expect(error?.isKind("unusable") == true)
    }

    @Test("on a file system that is not known cannot be opened")
    func unknownVFS() throws {
        for create in [true, false] {
            let error = #expect(throws: LedgerFailure.self) {
                try SQLiteLedger.open(path: folder.ledger, vfs: "nowhere", create: create)
            }
            #expect(error?.isKind("unusable") == true)
        }
    }

    @Test("of a newer program is refused and left as it is")
    func newerSchema() throws {
        _ = try SQLiteLedger.open(path: folder.ledger, create: true)
        sql("PRAGMA user_version = 999")
        let failure = LedgerFailure.newerSchema(found: 999, supported: Int(Schema.version), path: folder.ledger)
        #expect(throws: failure) { try SQLiteLedger.open(path: folder.ledger, create: false) }
        #expect(throws: failure) { try SQLiteLedger.open(path: folder.ledger, create: true) }
        #expect(throws: failure) { try SQLiteLedger.openReading(path: folder.ledger) }
    }

    @Test("that is no SQLite file, or another program's, is refused and left as it is")
    func foreign() throws {
        let text = Data(String(repeating: "this is no database, it is a letter. ", count: 40).utf8)
        try text.write(to: URL(filePath: folder.ledger))
        func refused() throws {
            for create in [true, false] {
                let error = #expect(throws: LedgerFailure.self) {
                    try SQLiteLedger.open(path: folder.ledger, create: create)
                }
                #expect(error?.isKind("corrupt") == true)
            }
        }
        try refused()
        #expect(try Data(contentsOf: URL(filePath: folder.ledger)) == text)
        try FileManager.default.removeItem(atPath: folder.ledger)
        sql("CREATE TABLE other (a)")
        let before = try Data(contentsOf: URL(filePath: folder.ledger))
        try refused()
        #expect(try Data(contentsOf: URL(filePath: folder.ledger)) == before)
    }

    @Test("that was begun and never finished counts as missing")
    func unfinished() throws {
        try Data().write(to: URL(filePath: folder.ledger))
        #expect(throws: LedgerFailure.missing(folder.ledger)) {
            try SQLiteLedger.open(path: folder.ledger, create: false)
        }
        #expect(try SQLiteLedger.open(path: folder.ledger, create: true).head().sequence == 0)
    }

    @Test("with damaged pages is found corrupt")
    func damaged() throws {
        do {
            let ledger = try SQLiteLedger.open(path: folder.ledger, create: true)
            for number in 0..<200 { try ledger.commit([], audit: [note("n\(number)")], at: at(1)) }
        }
        var bytes = try Data(contentsOf: URL(filePath: folder.ledger))
        for index in 8192..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: folder.ledger))
        let error = #expect(throws: LedgerFailure.self) {
            let ledger = try SQLiteLedger.open(path: folder.ledger, create: false)
            try ledger.quickCheck()
        }
        #expect(error?.isKind("corrupt") == true)
    }

    @Test("opened to read shows what another connection writes, and takes nothing")
    func readOnly() throws {
        let writer = try SQLiteLedger.open(path: folder.ledger, create: true)
        let reader = try SQLiteLedger.openReading(path: folder.ledger)
        try writer.commit([.reserve(draft("5"))], audit: [note("a")], at: at(1))
        #expect(try reader.verify().count == 1)
        #expect(try reader.view(of: production, since: at(0), shadow: false).intents.count == 1)
        #expect(throws: LedgerFailure.self) { try reader.commit([], audit: [note("b")], at: at(1)) }
        #expect(try writer.head().sequence == 1)
    }

    @Test("can be read while no agent runs")
    func readClosed() throws {
        do {
            let writer = try SQLiteLedger.open(path: folder.ledger, create: true)
            try writer.commit([], audit: [note("a")], at: at(1))
        }
        #expect(!FileManager.default.fileExists(atPath: folder.ledger + "-wal"))
        #expect(try SQLiteLedger.openReading(path: folder.ledger).verify().count == 1)
    }

    @Test("takes commits of two connections in turn: one chain, and pauses are seen at once")
    func twoConnections() throws {
        let agent = try SQLiteLedger.open(path: folder.ledger, create: true)
        let command = try SQLiteLedger.open(path: folder.ledger, create: false)
        for number in 0..<20 {
            try (number.isMultiple(of: 3) ? command : agent).commit([], audit: [note("\(number)")], at: at(1))
        }
        #expect(try agent.verify().count == 20)
        try command.commit([.pause(instance: nil, reason: "stop")], audit: [note("pause")], at: at(1))
        #expect(try agent.view(of: production, since: at(0), shadow: false).paused == "stop")
        #expect(throws: LedgerFailure.paused("stop")) { try agent.reserve(draft("5")) }
        try command.commit([.pause(instance: nil, reason: nil)], audit: [note("resume")], at: at(1))
        try agent.reserve(draft("5"))
        #expect(throws: LedgerFailure.alreadyIntended("5")) { try command.reserve(draft("5")) }
    }

    @Test("that another connection is writing is locked, after the busy time-out")
    func busy() throws {
        let one = try SQLiteLedger.open(path: folder.ledger, create: true)
        let two = try SQLiteLedger.open(path: folder.ledger, create: false)
        try two.database.execute("PRAGMA busy_timeout = 0")
        try one.database.execute("BEGIN IMMEDIATE")
        #expect(throws: LedgerFailure.locked(folder.ledger)) { try two.commit([], audit: [note("x")], at: at(1)) }
        // Reading goes on meanwhile.
        #expect(try two.verify().isIntact)
        try one.database.execute("ROLLBACK")
        try two.commit([], audit: [note("x")], at: at(1))
    }
}

@Suite("Commits are whole")
struct AtomicityTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a change that fails takes the others and the records with it")
    func rollback() throws {
        let ledger = try memoryLedger()
        try ledger.reserve(draft("5"))
        #expect(throws: LedgerFailure.alreadyIntended("5")) {
            try ledger.commit(
                [.reserve(draft("4")), .pause(instance: "other", reason: "x"), .reserve(draft("5"))],
                audit: [note("never")], at: at(1))
        }
        #expect(throws: LedgerFailure.missing("intent $3 of this commit")) {
            let record = AuditRecord(.reserved, instance: nil, at: at(1), fields: ["intent": "$3"])
            try ledger.commit([.reserve(draft("4"))], audit: [note("never"), record], at: at(1))
        }
        #expect(try ledger.head().sequence == 0)
        let view = try ledger.view(of: production, since: at(0), shadow: false)
        #expect(view.intents.count == 1 && view.paused == nil)
        try ledger.commit([.reserve(draft("4"))], audit: [note("now")], at: at(1))
    }

    @Test("a full disk refuses the commit, keeps what was there, and goes on when there is room")
    func full() throws {
        let ledger = try SQLiteLedger.open(path: folder.ledger, create: true)
        try ledger.commit([.reserve(draft("5"))], audit: [note("first")], at: at(1))
        let pages = try #require(
            try ledger.database.query("PRAGMA page_count") { row throws(LedgerFailure) in row.integer() }.first)
        try ledger.database.execute("PRAGMA max_page_count = \(pages + 1)")
        let big = note(String(repeating: "x", count: 100_000))
        #expect(throws: LedgerFailure.full(folder.ledger)) {
            try ledger.commit([.reserve(draft("6"))], audit: [big], at: at(1))
        }
        #expect(try ledger.verify().count == 1)
        #expect(try ledger.intents(in: [.reserved], instance: nil).map(\.draft.execution) == ["5"])
        try ledger.database.execute("PRAGMA max_page_count = 100000")
        try ledger.commit([.reserve(draft("6"))], audit: [big], at: at(1))
        #expect(try ledger.verify().count == 2)
    }

    @Test("a crash inside a transaction leaves the one before")
    func crashInside() throws {
        let ledger = try SQLiteLedger.open(path: folder.ledger, create: true)
        try ledger.commit([.reserve(draft("5"))], audit: [note("first")], at: at(1))
        // A tiny cache makes SQLite write pages before the commit.
        try ledger.database.execute("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE")
        for number in 0..<2000 { _ = try ledger.reserve(draft(ExecutionID("x\(number)")), at: at(2)) }
        let copy = folder.path + "/copy.sqlite"
        try folder.copy(folder.ledger, to: copy)
        try ledger.database.execute("ROLLBACK")
        let wal = try #require(try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.size] as? UInt64)
        #expect(wal > 100_000)
        let survivor = try SQLiteLedger.open(path: copy, create: false)
        #expect(try survivor.intents(in: [.reserved], instance: nil).map(\.draft.execution) == ["5"])
        #expect(try survivor.verify().count == 1)
    }

    @Test("a log torn at any place holds whole commits, the first ones")
    func torn() throws {
        let ledger = try SQLiteLedger.open(path: folder.ledger, create: true)
        for number in 1...10 {
            let record = AuditRecord(.reserved, instance: production, at: at(1), fields: ["intent": "$0"])
            try ledger.commit([.reserve(draft(ExecutionID("\(number)")))], audit: [record], at: at(1))
        }
        let copy = folder.path + "/copy.sqlite"
        try folder.copy(folder.ledger, to: copy)
        let wal = try Data(contentsOf: URL(filePath: copy + "-wal"))
        var counts: [Int64] = []
        for part in 0...24 {
            let torn = folder.path + "/torn\(part).sqlite"
            try folder.copy(copy, to: torn)
            try wal.prefix(wal.count * part / 24).write(to: URL(filePath: torn + "-wal"))
            let survivor = try SQLiteLedger.open(path: torn, create: true)
            let result = try survivor.verify()
            #expect(result.isIntact)
            #expect(try survivor.intents(in: [.reserved], instance: nil).count == Int(result.count))
            counts.append(result.count)
        }
        #expect(counts == counts.sorted() && counts.last == 10 && Set(counts).count > 5, "\(counts)")
    }
}

@Suite("The lock of the acting loop")
struct LedgerLockTests {
    @Test("is held by one, who is named to the next, and is free again afterwards")
    func lock() throws {
        let folder = try TemporaryFolder()
        do {
            let lock = try LedgerLock(ledger: folder.ledger)
            #expect(lock.path == folder.ledger + ".lock")
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(throws: LedgerFailure.locked("\(lock.path) (process \(process))")) {
                _ = try LedgerLock(ledger: folder.ledger)
            }
            // Commands do not need it.
            try SQLiteLedger.open(path: folder.ledger, create: true).commit([], audit: [note("x")], at: at(1))
            withExtendedLifetime(lock) {}
        }
        _ = try LedgerLock(ledger: folder.ledger)
    }

    @Test("holds under every name of the file, and where its own file was removed")
    func names() throws {
        let folder = try TemporaryFolder()
        _ = try SQLiteLedger.open(path: folder.ledger, create: true)
        let lock = try LedgerLock(ledger: folder.ledger)
        let symbolic = folder.path + "/symbolic.sqlite"
        let hard = folder.path + "/hard.sqlite"
        try FileManager.default.createSymbolicLink(atPath: symbolic, withDestinationPath: folder.ledger)
        try FileManager.default.linkItem(atPath: folder.ledger, toPath: hard)
        try FileManager.default.removeItem(atPath: lock.path)
        for name in [symbolic, hard, folder.ledger] {
            let error = #expect(throws: LedgerFailure.self) { _ = try LedgerLock(ledger: name) }
            #expect(error.map { "\($0)" }?.contains("holds the ledger") == true)
        }
        withExtendedLifetime(lock) {}
    }

    @Test("in a folder that is not there is unusable")
    func unusable() {
        let error = #expect(throws: LedgerFailure.self) { _ = try LedgerLock(ledger: "/nonexistent/ledger") }
        #expect(error?.isKind("unusable") == true)
    }
}
