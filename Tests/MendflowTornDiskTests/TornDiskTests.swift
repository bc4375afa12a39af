import CSQLite
import MendflowTestKit
import Testing

@testable import MendflowTornDisk

@Suite("A disk that loses what was not flushed")
struct TornDiskTests {
    /// A database of SQLite's, with nothing of the ledger's.
    final class Database {
        private var handle: OpaquePointer?

        init(_ disk: TornDisk, process: Int, _ settings: String) throws {
            let path = disk.path("/rows.sqlite", process: process)
            let access = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
            try #require(sqlite3_open_v2(path, &handle, access, TornDisk.fileSystem) == SQLITE_OK)
            run(settings)
        }

        deinit { sqlite3_close_v2(handle) }

        @discardableResult
        func run(_ sql: String) -> Bool { sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK }

        func number(_ sql: String) -> Int? {
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK,
                sqlite3_step(statement) == SQLITE_ROW
            else { return nil }
            return Int(sqlite3_column_int64(statement, 0))
        }
    }

    /// Of twenty rows that SQLite said were written, how many are there after the power went; nil where the file is damaged.
    static func survivors(_ settings: String, seed: UInt64) throws -> Int? {
        let disk = TornDisk(seed: seed)
        let written = try Database(disk, process: 1, settings)
        written.run("CREATE TABLE row (text TEXT)")
        for _ in 0..<20 { written.run("INSERT INTO row VALUES (hex(zeroblob(500)))") }
        disk.cycle()
        let found = try Database(disk, process: 2, "")
        guard found.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0 else {
            return nil
        }
        return found.number("SELECT count(*) FROM row")
    }

    @Test("keeps all that SQLite flushes, in every journal that it knows", arguments: ["WAL", "DELETE", "TRUNCATE"])
    func keeps(journal: String) throws {
        // A journal that is removed is so for good where its folder is flushed as well, which only EXTRA does.
        let flushing = journal == "DELETE" ? "EXTRA" : "FULL"
        for seed in 1...30 as ClosedRange<UInt64> {
            let settings = "PRAGMA journal_mode = \(journal); PRAGMA synchronous = \(flushing)"
            #expect(try Self.survivors(settings, seed: seed) == 20, "seed \(seed)")
        }
    }

    @Test("loses rows, or damages the file, where SQLite is told not to flush", arguments: ["OFF", "NORMAL"])
    func loses(synchronous: String) throws {
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous)"
        let found = try (1...30 as ClosedRange<UInt64>).map { try Self.survivors(settings, seed: $0) }
        #expect(found.count { $0 != 20 } > 10)
    }

    @Test("loses the same of the same writes")
    func deterministic() throws {
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF"
        for seed in 1...10 as ClosedRange<UInt64> {
            let (once, again) = (
                try Self.survivors(settings, seed: seed), try Self.survivors(settings, seed: seed)
            )
            #expect(once == again)
        }
    }

    @Test("finds of a file what was flushed, whatever else was written since, a sector of it or less at a time")
    func sectors() throws {
        var kinds: Set<String> = []
        for seed in 1...2000 as ClosedRange<UInt64> {
            var file = TornFile()
            file.write([UInt8](repeating: 1, count: 4 * TornFile.sector), at: 0)
            file.flush()
            file.write([UInt8](repeating: 2, count: 2 * TornFile.sector), at: TornFile.sector)
            var chance = Chance(SplitMix64(seed: seed))
            let found = try #require(file.afterPowerCut(&chance)).bytes
            #expect(found.count == 4 * TornFile.sector)
            #expect(found.prefix(TornFile.sector).allSatisfy { $0 == 1 })
            #expect(found.suffix(TornFile.sector).allSatisfy { $0 == 1 })
            let parts = [1, 2].map { part in
                let sector = found[part * TornFile.sector..<(part + 1) * TornFile.sector]
                return sector.allSatisfy { $0 == 1 } ? "old" : sector.allSatisfy { $0 == 2 } ? "new" : "torn"
            }
            kinds.insert(parts.joined(separator: " "))
        }
        #expect(kinds.isSuperset(of: ["old old", "new new", "old new", "new old", "torn old"]))
    }

    @Test("forgets a file that nobody flushed, or finds it")
    func names() {
        var found = 0
        for seed in 1...100 as ClosedRange<UInt64> {
            var file = TornFile()
            file.write([1, 2, 3], at: 0)
            var chance = Chance(SplitMix64(seed: seed))
            if file.afterPowerCut(&chance) != nil { found += 1 }
        }
        #expect((20...80).contains(found))
    }
}
