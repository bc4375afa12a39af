import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite

/// The audit log: read, checked, exported.
public enum Audit {
    /// What a check of the chain found.
    public struct Verification: Sendable, Encodable {
        /// Records that were checked.
        public var records: Int64
        /// Whether every record is as it was sealed.
        public var intact: Bool
        /// The first fault in words.
        public var fault: String?
        /// The last record's hash.
        public var head: String
    }

    /// Checks every record, and that columns and bytes agree.
    public static func verify(_ workspace: Workspace) throws(MendflowFailure) -> Verification {
        try verify(path: workspace.ledgerPath)
    }

    static func verify(path: String) throws(MendflowFailure) -> Verification {
        do throws(LedgerFailure) {
            let ledger = try SQLiteLedger.openReading(path: path)
            let result = try ledger.verify()
            let head = try ledger.head()
            return Verification(
                records: Int64(result.count), intact: result.isIntact,
                fault: result.fault?.description, head: Hex.text(head.hash))
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// The canonical JSON lines of the last `count` records, oldest first; all from a number on where `from` is given.
    public static func lines(
        _ workspace: Workspace, last count: Int? = nil, from first: Int64 = 1, _ take: (String) -> Void
    ) throws(MendflowFailure) {
        do throws(LedgerFailure) {
            let ledger = try SQLiteLedger.openReading(path: workspace.ledgerPath)
            var next = first
            if let count { next = max(1, try ledger.head().sequence - Int64(count) + 1) }
            while true {
                let records = try ledger.records(from: next, limit: 500)
                for record in records { take(String(decoding: record.bytes, as: UTF8.self)) }
                guard let last = records.last else { return }
                next = last.sequence + 1
            }
        } catch { throw MendflowFailure(ledger: error) }
    }
}
