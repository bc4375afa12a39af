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

    /// The records of the asks that people may still answer.
    func openAsks(of instances: Set<String>) async throws(LedgerFailure) -> Set<Int64> {
        let state = try await store.load(LedgerScope(instances: instances))
        let keys = instances.compactMap { state.baseline(of: $0)?.instance }
        return Set(keys.flatMap { state.approvals(of: $0) }.filter { $0.state == .open }.map(\.id.number))
    }

    /// When a channel's last messages went out, as the ledger tells, and which of them pressed: who tells for it now has no
    /// more room than who did before.
    func sent(by channel: String, since: AgentTime) async throws(LedgerFailure) -> [(at: AgentTime, isPressing: Bool)] {
        var (end, sent) = (
            try await store.load(LedgerScope(instances: [])).head.chain.sequence, [(at: AgentTime, isPressing: Bool)]()
        )
        while end > 0 {
            let from = max(0, end - Int64(NoticeReader.page))
            let records = try await store.records(after: from, limit: Int(end - from)).filter { $0.sequence <= end }
            guard !records.isEmpty else { return sent }
            for sealed in records.reversed() {
                guard let record = try? CanonicalRecord(bytes: sealed.bytes).record else { continue }
                let time = record.clock ?? record.at
                guard time >= since else { return sent }
                guard record.kind == .notice, case .notified(let entry) = try sealed.entry().event,
                    entry.channel == channel, entry.kind == .delivered
                else { continue }
                sent.append((time, try await presses(entry)))
            }
            end = from
        }
        return sent
    }

    /// Whether a message that was told pressed.
    private func presses(_ entry: ChannelEntry) async throws(LedgerFailure) -> Bool {
        for number in entry.records {
            guard let sealed = try await store.records(after: number - 1, limit: 1).first, sealed.sequence == number,
                case .tells(let notice)? = try await finding(NumberedEntry(sealed)), notice.isPressing
            else { continue }
            return true
        }
        return false
    }

    private func finding(_ entry: NumberedEntry) async throws(LedgerFailure) -> NoticeFinding? {
        guard let (executions, instance) = Notice.past(of: entry.entry.event) else {
            let isOfNeighbours = Notice.leansOnNeighbours(entry.entry.event)
            return Notice.of(entry, in: ledger, past: isOfNeighbours ? try await neighbours(of: entry.number) : [])
        }
        var past: [NumberedEntry] = []
        for sealed in try await store.records(about: executions, instance: instance)
        where sealed.sequence < entry.number {
            past.append(try NumberedEntry(sealed))
        }
        return Notice.of(entry, in: ledger, past: past)
    }
    /// The two records right before one.
    private func neighbours(of number: Int64) async throws(LedgerFailure) -> [NumberedEntry] {
        let first = max(0, number - 3)
        var found: [NumberedEntry] = []
        for sealed in try await store.records(after: first, limit: Int(number - 1 - first))
        where sealed.sequence < number {
            found.append(try NumberedEntry(sealed))
        }
        return found
    }
}
