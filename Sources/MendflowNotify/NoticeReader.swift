import MendflowCore
package import MendflowLedger

/// Reads what people are told of out of a ledger.
package struct NoticeReader: Sendable {
    private let store: any LedgerStore
    private let ledger: LedgerName

    /// How many records are read at a time.
    static let page = 200
    /// Kinds of records of which nobody is told.
    private static let quiet: Set<AuditKind> = [
        .planning, .decision, .tick, .owner, .policy, .probe, .tag, .sending, .asking,
    ]

    /// Makes a reader; nil where the ledger holds nothing yet.
    package init?(_ store: any LedgerStore) async throws(LedgerFailure) {
        guard let first = try await store.records(after: 0, limit: 1).first else { return nil }
        self.store = store
        // Also where its first record was sealed.
        let sealed = first.sequence == 1 ? nil : try await store.load(LedgerScope(instances: [])).newestSegment
        ledger = LedgerName(sealed?.origin ?? first.hash)
    }

    /// What the records behind one mean, each with its number; empty where there are none.
    package func findings(after record: Int64) async throws(LedgerFailure) -> [(record: Int64, finding: NoticeFinding?)]
    {
        var found: [(record: Int64, finding: NoticeFinding?)] = []
        for sealed in try await store.records(after: record, limit: NoticeReader.page) {
            // Most records are of these kinds, and are not read whole.
            let kind = (try? CanonicalRecord(bytes: sealed.bytes).record)?.kind
            let isQuiet = kind.map(NoticeReader.quiet.contains) ?? false
            found.append((sealed.sequence, isQuiet ? nil : try await finding(NumberedEntry(sealed))))
        }
        return found
    }

    private func finding(_ entry: NumberedEntry) async throws(LedgerFailure) -> NoticeFinding? {
        guard let (executions, instance) = Notice.past(of: entry.entry.event) else {
            return Notice.of(entry, in: ledger, past: [])
        }
        var past: [NumberedEntry] = []
        for sealed in try await store.records(about: executions, instance: instance)
        where sealed.sequence < entry.number {
            past.append(try NumberedEntry(sealed))
        }
        return Notice.of(entry, in: ledger, past: past)
    }
}
