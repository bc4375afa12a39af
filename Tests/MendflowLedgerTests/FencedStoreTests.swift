import MendflowCore
import MendflowLedger
import Synchronization
import Testing

@Suite("A store under a lease")
struct FencedStoreTests {
    private let at = AgentTime(milliseconds: 1_793_606_400_000)
    private var pause: LedgerEntry { LedgerEntry(.paused(instance: nil, reason: "lunch", by: "operator"), at: at) }
    private var resume: LedgerEntry { LedgerEntry(.resumed(instance: nil, by: "operator"), at: at) }

    private final class Known: Sendable {
        private let head = Mutex(AuditHead.start)
        var newest: AuditHead { head.withLock { $0 } }
        func saw(_ new: AuditHead) { head.withLock { if new.sequence > $0.sequence { $0 = new } } }
    }

    @Test("takes nothing where no lease is held")
    func unled() async throws {
        let store = FencedLedgerStore(MemoryLedgerStore(), instance: "one") { nil }
        await #expect(throws: LedgerFailure.fenced("no lease of 'one' is held here")) {
            try await store.append([pause], expecting: .start, fence: nil)
        }
    }

    @Test("is not gone by once it lacks what was read of it: what it shows is another past")
    func loss() async throws {
        let (whole, older) = (MemoryLedgerStore(), MemoryLedgerStore())
        let first = try await whole.append([pause], expecting: .start, fence: nil)
        _ = try await older.append([pause], expecting: .start, fence: nil)
        _ = try await whole.append([resume], expecting: first, fence: nil)
        let known = Known()
        func fenced(_ store: MemoryLedgerStore) -> FencedLedgerStore {
            FencedLedgerStore(
                store, instance: "one", known: { known.newest }, saw: { known.saw($0) }, token: { nil })
        }
        _ = try await fenced(older).load(LedgerScope())
        // One that has grown since is the same ledger.
        let records = try await fenced(whole).records(after: 0, limit: 10)
        #expect(records.count == 2)
        _ = try await fenced(whole).load(LedgerScope())
        await #expect(throws: LedgerFailure.self) { try await fenced(older).load(LedgerScope()) }
    }
}
