import MendflowCore
import MendflowLedger

/// Finds records by when they were written: in the order of their numbers, times never go back.
enum RecordsByTime {
    /// The number of the last record that was written before a time; 0 where none was.
    static func last(
        before time: AgentTime, in store: any LedgerStore, _ head: AuditHead
    ) async throws(LedgerFailure) -> Int64 {
        var (before, from) = (Int64(0), head.sequence + 1)
        while before + 1 < from {
            let middle = before + (from - before) / 2
            guard let sealed = try await store.records(after: middle - 1, limit: 1).first else { return before }
            if try sealed.record().at < time { before = max(middle, sealed.sequence) } else { from = middle }
        }
        return before
    }
}

extension SealedRecord {
    /// What the bytes say, without asking what it does.
    ///
    /// - Throws: `corrupt` where they are no record.
    func record() throws(LedgerFailure) -> AuditRecord {
        do throws(CanonicalJSONError) { return try CanonicalRecord(bytes: bytes).record } catch {
            throw .corrupt("record \(sequence): \(error.description)")
        }
    }
}
