import MendflowLedgerConformance
import Testing

@Suite("The ledger in memory")
struct MemoryStoreTests {
    @Test("keeps every rule of a store", arguments: StoreRule.all)
    func rule(rule: StoreRule) async throws { try await rule.check(on: .memory) }

    @Test("keeps a random history as the state that took its entries one by one", arguments: 10..<40)
    func history(seed: Int) async throws {
        try await checkHistory(seed: UInt64(seed), entries: 180, on: .memory)
    }

    @Test("stays what it was wherever it is sealed", arguments: 10..<40)
    func sealed(seed: Int) async throws {
        try await checkSealedHistory(seed: UInt64(seed), entries: 220, on: .memory)
    }

    @Test("is the same to processes that go on, or sleep, while it is sealed", arguments: 50..<60)
    func sealedMeanwhile(seed: Int) async throws {
        try await checkSealedMeanwhile(seed: UInt64(seed), entries: 160, on: .memory)
    }

    @Test("is the same to two processes that write in turn", arguments: 50..<70)
    func twoLedgers(seed: Int) async throws {
        try await checkTwoLedgers(seed: UInt64(seed), entries: 120, on: .memory)
    }
}
