import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowLedgerSQLite
import Testing

@testable import MendflowTornDisk

@Suite("A ledger whose power goes in the middle of a write")
struct PowerCutTests {
    static let name = "/m/mendflow.sqlite"

    static func open(_ disk: TornDisk, process: Int, create: Bool = false) throws(LedgerFailure) -> SQLiteLedgerStore {
        try SQLiteLedgerStore.open(
            path: disk.path(name, process: process), vfs: TornDisk.fileSystem, create: create, placement: .inline)
    }

    /// Writes entries one by one until the power goes, or all are written; answers up to where it was told that they are.
    static func write(_ entries: [LedgerEntry], to disk: TornDisk) async -> AuditHead? {
        var head: LedgerHead?
        guard let store = try? open(disk, process: 1, create: true) else { return nil }
        for entry in entries {
            guard let next = try? await store.append([entry], expecting: head ?? .start, fence: nil) else { break }
            head = next
        }
        return head?.chain
    }

    /// A history that an agent and operators could write.
    static func history(_ seed: UInt64, _ count: Int) -> [LedgerEntry] {
        var history = RandomHistory(seed: seed)
        let beginning = history.beginning
        return beginning + (0..<count).map { _ in history.next().entry }
    }

    @Test("opens afterwards, is whole, and has all that was acknowledged, whichever write it was", arguments: 1...2)
    func everyWrite(seed: Int) async throws {
        let entries = Self.history(UInt64(seed), 8)
        var writes = 1
        while true {
            let disk = TornDisk(seed: UInt64(seed * 10_000 + writes))
            disk.cutPower(after: writes)
            let acknowledged = await Self.write(entries, to: disk)
            let isOver = !disk.isOff
            disk.cycle()
            if let acknowledged {
                let store = try Self.open(disk, process: 2)
                let fault = try await store.verify(expecting: acknowledged).fault
                #expect(fault == nil, "write \(writes), record \(acknowledged.sequence)")
                // Of what was not acknowledged at most the append in which the power went is there.
                let found = try await store.records(after: acknowledged.sequence, limit: .max).count
                #expect(found <= 1)
            } else if disk.holds(Self.name) {
                // Making it was not over: it is made again, as if nothing had been.
                _ = try Self.open(disk, process: 2, create: true)
            }
            if isOver { break }
            writes += 1
        }
        #expect(writes > 40)
    }

    @Test("is whole where the power goes while records are moved from the log into the database", arguments: 1...20)
    func checkpoint(seed: Int) async throws {
        let disk = TornDisk(seed: UInt64(seed))
        let entries = Self.history(7, 60)
        var store: SQLiteLedgerStore? = try Self.open(disk, process: 1, create: true)
        var head = LedgerHead.start
        for entry in entries { head = try #require(try await store?.append([entry], expecting: head, fence: nil)) }
        // The last connection that is closed moves all of it.
        disk.cutPower(after: seed, ofDatabase: true)
        store = nil
        #expect(disk.isOff)
        disk.cycle()
        let found = try Self.open(disk, process: 2)
        #expect(try await found.verify(expecting: head.chain).fault == nil)
    }

    @Test("is as it was before it was sealed, or as it is afterwards, whichever write of it it was", arguments: [2, 4])
    func sealing(seed: Int) async throws {
        let entries = Self.history(UInt64(seed), 60)
        var (writes, sealed, unsealed) = (1, 0, 0)
        while true {
            let disk = TornDisk(seed: UInt64(seed * 10_000 + writes))
            let sealing: LedgerSealing
            do {
                let store = try Self.open(disk, process: 1, create: true)
                let head = try await store.append(entries, expecting: .start, fence: nil)
                let open = try await store.load(LedgerScope()).intents(in: [.reserved, .sending, .unresolved])
                let last = (open.map(\.id.number).min() ?? head.sequence) - 1
                var sealer = try LedgerSealer([], after: nil)
                for record in try await store.records(after: 0, limit: Int(last)) { try sealer.take(record) }
                sealing = sealer.sealing(digest: [UInt8](repeating: 0, count: 32), by: "me", at: head.at)
                disk.cutPower(after: writes)
                _ = try? await store.seal(sealing, expecting: head, fence: nil)
            }
            let isOver = !disk.isOff
            disk.cycle()
            let store = try Self.open(disk, process: 2)
            #expect(try await store.verify(expecting: nil).fault == nil, "write \(writes)")
            let records = try await store.records(after: 0, limit: .max)
            let isSealed = try await store.load(LedgerScope()).newestSegment == sealing.segment
            #expect(records.first?.sequence == (isSealed ? sealing.segment.last + 1 : 1), "write \(writes)")
            if isSealed { sealed += 1 } else { unsealed += 1 }
            if isOver { break }
            writes += 1
        }
        #expect(sealed > 0 && unsealed > 3)
    }

    @Test("has all of it where its process alone dies, and lets others write at once")
    func killed() async throws {
        let disk = TornDisk(seed: 1)
        let entries = Self.history(3, 10)
        let dead = try Self.open(disk, process: 1, create: true)
        var head = LedgerHead.start
        for entry in entries.dropLast() { head = try await dead.append([entry], expecting: head, fence: nil) }
        disk.end(process: 1)
        let next = try Self.open(disk, process: 2)
        let last = try #require(entries.last)
        head = try await next.append([last], expecting: head, fence: nil)
        #expect(try await next.verify(expecting: head.chain).fault == nil)
        await #expect(throws: LedgerFailure.self) { try await dead.load(LedgerScope()) }
    }

    @Test("says that the disk is full, and goes on once it is not")
    func full() async throws {
        let disk = TornDisk(seed: 1)
        let store = try Self.open(disk, process: 1, create: true)
        let entries = Self.history(3, 3)
        var head = try await store.append([entries[0]], expecting: .start, fence: nil)
        disk.trouble(.full)
        await #expect(throws: LedgerFailure.full(store.path)) {
            try await store.append([entries[1]], expecting: head, fence: nil)
        }
        disk.trouble(nil)
        head = try await store.append([entries[1]], expecting: head, fence: nil)
        #expect(try await store.verify(expecting: head.chain).fault == nil)
    }
}
