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
        if let segment = try await segment(of: marks.start, store) {
            // The newest start up to the last sealed record is told of; what was written since is looked through.
            let started = segment.carried.last { (try? isStart($0)) ?? false }
            guard started?.hash == marks.start.hash else { return nil }
            return try await hasStart(after: segment.last, store) ? nil : marks
        }
        let last = marks.start.sequence - 1
        guard try await store.records(after: last, limit: 1).first?.hash == marks.start.hash else { return nil }
        return try await hasStart(after: last + 1, store) ? nil : marks
    }

    private static func hasStart(after number: Int64, _ store: any LedgerStore) async throws(LedgerFailure) -> Bool {
        var last = number
        while true {
            let records = try await store.records(after: last, limit: page)
            guard let newest = records.last else { return false }
            for record in records where try isStart(record) { return true }
            last = newest.sequence
        }
    }

    /// The newest segment, where a record lies in one.
    private static func segment(
        of head: AuditHead, _ store: any LedgerStore
    ) async throws(LedgerFailure) -> LedgerSegment? {
        let newest = try await store.load(LedgerScope(instances: [])).newestSegment
        return newest.flatMap { head.sequence <= $0.last ? $0 : nil }
    }

    /// Whether a ledger does not know the record with which the last agent on this machine began: it is an older copy that
    /// somebody has put back, or another one.
    static func areUnknown(_ marks: SendMarks?, in store: any LedgerStore) async throws(LedgerFailure) -> Bool {
        guard let marks else { return false }
        if let segment = try await segment(of: marks.start, store) {
            return segment.carried.contains { $0.sequence == marks.start.sequence && $0.hash != marks.start.hash }
        }
        return try await store.records(after: marks.start.sequence - 1, limit: 1).first?.hash != marks.start.hash
    }

    private static func isStart(_ record: SealedRecord) throws(LedgerFailure) -> Bool {
        try record.lifecycle?.isStart ?? false
    }
}
