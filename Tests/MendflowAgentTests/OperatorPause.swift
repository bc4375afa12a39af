import MendflowCore
import MendflowLedger

/// The kill switch as another process pulls it.
enum OperatorPause {
    static func set(_ store: any LedgerStore) async throws {
        let ledger = try await Ledger(store, LedgerScope(instances: []))
        try await ledger.append([
            LedgerEntry(.paused(instance: nil, reason: "maintenance", by: "test"), at: World.start)
        ])
    }
}
