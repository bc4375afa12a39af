import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import Testing

@testable import MendflowLedgerPostgres

@Suite(
    "A ledger that is copied to PostgreSQL", .serialized, .enabled(if: TestServer.programs != nil, "\(TestServer.lack)")
)
struct FillingTests {
    /// Another ledger, with more records than are read at once.
    func history(seed: UInt64, count: Int = 700) throws -> MemoryLedgerStore {
        var history = RandomHistory(seed: seed)
        var entries = history.beginning
        while entries.count < count { entries.append(history.next().entry) }
        return try MemoryLedgerStore(entries)
    }

    func keeper(_ home: PostgresUnderTest) -> PostgresLedgerKeeper {
        PostgresLedgerKeeper(home.pool, demanding: .none)
    }

    @Test("is there whole, with everything that its records add up to", arguments: [1, 2, 3] as [UInt64])
    func whole(seed: UInt64) async throws {
        let (source, home) = (try history(seed: seed), try await PostgresUnderTest(try await TestServer.shared()))
        let found = try await keeper(home).fill(behind: nil) { after throws(LedgerFailure) in
            try await source.records(after: after, limit: 250)
        }
        let head = try await source.load(LedgerScope()).head
        #expect(found.isIntact && found.head == head.chain)
        #expect(try await home.cells() == source.cells)
        let store = try await home.open()
        #expect(try await store.verify(expecting: head.chain).isIntact)
        #expect(try await store.load(LedgerScope()).head == head)
    }

    @Test("is there with what stands for records that were sealed")
    func sealed() async throws {
        let (source, home) = (try history(seed: 6), try await PostgresUnderTest(try await TestServer.shared()))
        let before = try await source.load(LedgerScope())
        var sealer = try LedgerSealer(try await source.base(), after: nil)
        for record in try await source.records(after: 0, limit: 1) { try sealer.take(record) }
        let sealing = sealer.sealing(digest: [UInt8](repeating: 7, count: 32), by: "me", at: before.head.at)
        _ = try await source.seal(sealing, expecting: before.head, fence: nil)
        let head = try await source.load(LedgerScope()).head.chain
        let base = SealedBase(try await source.base(), sealing.segment)
        let found = try await keeper(home).fill(behind: base) { after throws(LedgerFailure) in
            try await source.records(after: after, limit: 250)
        }
        #expect(found.isIntact && found.head == head && found.segments == [sealing.segment])
        #expect(try await home.cells() == source.cells)
        let store = try await home.open()
        #expect(Set(try await store.base().map(\.key)) == Set(base.cells.map(\.key)))
        #expect(try await store.verify(expecting: head).isIntact)
    }

    @Test("is not there at all where the other one breaks off, and can be copied again")
    func brokenOff() async throws {
        let (source, home) = (try history(seed: 4), try await PostgresUnderTest(try await TestServer.shared()))
        await #expect(throws: LedgerFailure.unusable("the disk")) {
            try await keeper(home).fill(behind: nil) { after throws(LedgerFailure) in
                if after >= 500 { throw .unusable("the disk") }
                return try await source.records(after: after, limit: 250)
            }
        }
        #expect(try await home.open().records(after: 0, limit: 1).isEmpty)
        #expect(try await home.cells().isEmpty)
        let found = try await keeper(home).fill(behind: nil) { after throws(LedgerFailure) in
            try await source.records(after: after, limit: 500)
        }
        #expect(found.isIntact && found.count == 700)
    }

    @Test("is refused where records are, and where a record is not as it was written")
    func refused() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let source = try history(seed: 5, count: 20)
        let found = try? await keeper(home).fill(behind: nil) { after throws(LedgerFailure) in
            var records = try await source.records(after: after, limit: 20)
            if !records.isEmpty { records[3].bytes[9] ^= 1 }
            return records
        }
        #expect(found?.isIntact != true)
        #expect(try await home.open().records(after: 0, limit: 1).isEmpty)
        try await TestLedger(home).append(latched(.healed, "1"))
        await #expect {
            try await keeper(home).fill(behind: nil) { after throws(LedgerFailure) in
                try await source.records(after: after, limit: 20)
            }
        } throws: {
            "\($0)".contains("has records already")
        }
    }
}
