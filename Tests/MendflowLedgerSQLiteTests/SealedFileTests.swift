import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Testing

@testable import MendflowLedgerSQLite

@Suite("A ledger file that is sealed")
struct SealedFileTests {
    let ledger: LedgerFolder

    init() throws { ledger = try LedgerFolder() }

    /// Seals the first records of a store.
    private func seal(_ store: SQLiteLedgerStore, upTo last: Int64) async throws {
        let state = try await store.load(LedgerScope())
        var sealer = try LedgerSealer(try await store.base(), after: state.newestSegment)
        let count = Int(last - state.floor)
        for record in try await store.records(after: state.floor, limit: count) { try sealer.take(record) }
        let sealing = sealer.sealing(digest: [UInt8](repeating: 0, count: 32), by: "me", at: at(9))
        _ = try await store.seal(sealing, expecting: state.head, fence: nil)
    }

    @Test("of the version before is read as it is, and carried over where it is written to")
    func carriedOver() async throws {
        do {
            let store = try ledger.open(create: true)
            try await store.write([initialised(), latched(.healed, "1"), decided("2", .act)])
        }
        ledger.sql(
            """
            DROP TABLE base; DROP TRIGGER entry_stays;
            CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
            PRAGMA user_version = 7;
            """)
        let reading = try SQLiteLedgerStore.openReading(path: ledger.path)
        #expect(try await reading.verify(expecting: nil).fault == nil)
        #expect(try await reading.base().isEmpty)
        #expect(try await reading.load(LedgerScope()).head.sequence == 3)
        let store = try ledger.open(create: false)
        try await seal(store, upTo: 2)
        // Who opened it before reads on, and sees all of it.
        for one in [reading, store] {
            let found = try await one.verify(expecting: nil)
            #expect(found.fault == nil && found.count == 2 && found.segments.map(\.last) == [2])
        }
    }

    @Test("lets no record go that no seal covers, and keeps those that are there from being changed")
    func guarded() async throws {
        let store = try ledger.open(create: true)
        try await store.write([initialised(), latched(.healed, "1"), latched(.gone, "1"), decided("2", .act)])
        await #expect(throws: LedgerFailure.self) { try await store.script("DELETE FROM entry WHERE sequence = 1") }
        try await seal(store, upTo: 2)
        for change in ["DELETE FROM entry WHERE sequence = 3", "DELETE FROM entry", "UPDATE entry SET at = 1"] {
            await #expect(throws: LedgerFailure.self) { try await store.script(change) }
        }
        #expect(try await store.count() == 3)
    }

    @Test("gives back its room, and is then as large as what is left of it")
    func room() async throws {
        let store = try ledger.open(create: true)
        try await store.write([initialised()])
        for _ in 0..<40 { try await store.write((0..<100).map { _ in .gap(production, execution: "1", .vanished) }) }
        let keeper = SQLiteLedgerKeeper(path: ledger.path)
        let before = try await keeper.measure()
        try await seal(store, upTo: 3900)
        try await keeper.compact()
        let after = try await keeper.measure()
        #expect(after.records == 102 && after.bytes < before.bytes / 4)
        #expect(try await store.verify(expecting: nil).isIntact)
    }
}
