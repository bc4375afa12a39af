import FoundationEssentials
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

@Suite("Appends to a file are whole")
struct AtomicityTests {
    let ledger: LedgerFolder

    init() throws { ledger = try LedgerFolder() }

    var big: LedgerEvent {
        .gap(production, execution: ExecutionID(String(repeating: "x", count: 100_000)), .vanished)
    }

    @Test("a full disk refuses the append, keeps what was there, and goes on when there is room")
    func full() async throws {
        let store = try ledger.open(create: true)
        try await store.write([reservation(draft("5"))])
        let pages = try #require(Int(try await store.pragma("page_count")))
        try await store.script("PRAGMA max_page_count = \(pages + 1)")
        await #expect(throws: LedgerFailure.full(ledger.path)) {
            try await store.write([reservation(draft("6")), big])
        }
        #expect(try await store.count() == 1)
        #expect(try await store.load(LedgerScope()).intents(in: [.reserved]).map(\.draft.execution) == ["5"])
        try await store.script("PRAGMA max_page_count = 100000")
        try await store.write([reservation(draft("6")), big])
        #expect(try await store.count() == 3)
    }

    @Test("a crash inside a transaction leaves the append before")
    func crashInside() async throws {
        let store = try ledger.open(create: true)
        try await store.write([reservation(draft("5"))])
        var state = try await store.load(LedgerScope())
        let done = try state.append(
            (0..<1000).map { LedgerEntry(reservation(draft(ExecutionID("x\($0)"))), at: at(2)) })
        // A tiny cache makes SQLite write pages before the commit.
        try await store.script("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE")
        try await store.work { file throws(LedgerFailure) in try file.write(done) }
        let copy = ledger.folder.path + "/copy.sqlite"
        try ledger.folder.copy(ledger.path, to: copy)
        try await store.script("ROLLBACK")
        let wal = try #require(try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.size] as? UInt64)
        #expect(wal > 100_000)
        let survivor = try SQLiteLedgerStore.open(path: copy, create: false, placement: .inline)
        #expect(try await survivor.load(LedgerScope()).intents(in: [.reserved]).map(\.draft.execution) == ["5"])
        #expect(try await survivor.count() == 1)
    }

    @Test("a log torn at any place holds whole appends, the first ones")
    func torn() async throws {
        let store = try ledger.open(create: true)
        for number in 1...10 {
            let id = ExecutionID("\(number)")
            try await store.write([reservation(draft(id)), latched(.healed, id), decided(id, .act)])
        }
        let copy = ledger.folder.path + "/copy.sqlite"
        try ledger.folder.copy(ledger.path, to: copy)
        let wal = try Data(contentsOf: URL(filePath: copy + "-wal"))
        var counts: [Int64] = []
        for part in 0...24 {
            let torn = ledger.folder.path + "/torn\(part).sqlite"
            try ledger.folder.copy(copy, to: torn)
            try wal.prefix(wal.count * part / 24).write(to: URL(filePath: torn + "-wal"))
            let survivor = try SQLiteLedgerStore.open(path: torn, create: true, placement: .inline)
            let result = try await survivor.verify(expecting: nil)
            #expect(result.isIntact && result.count.isMultiple(of: 3))
            counts.append(result.count / 3)
        }
        #expect(counts == counts.sorted() && counts.last == 10 && Set(counts).count > 5, "\(counts)")
    }
}
