import MendflowCore
import MendflowLedgerSQLite

/// The kill switch as another process pulls it.
enum OperatorPause {
    static func set(_ path: String) throws {
        let ledger = try SQLiteLedger.open(path: path, create: false)
        try ledger.commit([.pause(instance: nil, reason: "maintenance")], audit: [], at: World.start)
    }
}
