import MendflowLedger

extension DecisionReplay {
    /// Reads what a ledger has of its records, and what it keeps of those that were sealed.
    static func read(_ store: any LedgerStore) async throws(LedgerFailure) -> DecisionReplay {
        while true {
            let records = try await store.records(after: 0, limit: .max)
            guard let first = records.first, first.sequence > 1 else { return try DecisionReplay(records) }
            let segment = try await store.load(LedgerScope(instances: [])).newestSegment
            let base = try await store.base()
            // Where more was sealed between one look and the next, neither is of use.
            guard let segment, segment.last + 1 >= first.sequence else {
                throw .corrupt("record \(first.sequence - 1), which is not there")
            }
            if segment.last + 1 == first.sequence { return try DecisionReplay(records, behind: segment, base: base) }
        }
    }
}
