import MendflowCore
import MendflowLedger

/// Whether the marks of an earlier process tell what it has sent.
enum EarlierMarks {
    /// How many records are read at a time.
    private static let page = 5000

    /// The marks, where the last agent that worked with this ledger is the one that made them: they begin at a record of it,
    /// and no agent has started since. Nil where that cannot be said, or where nothing was about to be sent.
    static func believed(_ marks: SendMarks?, in store: any LedgerStore) async throws(LedgerFailure) -> SendMarks? {
        guard let marks, !(try await store.load(LedgerScope()).intents(in: [.sending])).isEmpty else { return nil }
        var last = marks.start.sequence - 1
        guard try await store.records(after: last, limit: 1).first?.hash == marks.start.hash else { return nil }
        last += 1
        while true {
            let records = try await store.records(after: last, limit: page)
            guard let newest = records.last else { return marks }
            for record in records where try isStart(record) { return nil }
            last = newest.sequence
        }
    }

    /// Whether a ledger does not know the record with which the last agent on this machine began: it is an older copy that
    /// somebody has put back, or another one.
    static func areUnknown(_ marks: SendMarks?, in store: any LedgerStore) async throws(LedgerFailure) -> Bool {
        guard let marks else { return false }
        return try await store.records(after: marks.start.sequence - 1, limit: 1).first?.hash != marks.start.hash
    }

    private static func isStart(_ record: SealedRecord) throws(LedgerFailure) -> Bool {
        guard case .lifecycle(let lifecycle) = try record.entry().event else { return false }
        return lifecycle.kind == .started
    }
}
