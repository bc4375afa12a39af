public import MendflowCore
public import MendflowLedger

/// A page of the record: what was looked for, newest first, and where to look further. A page reads a bounded part of the
/// ledger, however long that is.
public struct RecordSearch: Sendable {
    /// What is looked for; everything that is named has to hold.
    public struct Query: Sendable, Hashable {
        /// The instance, the execution (its chain's records too), the policy, the kind of record.
        public var instance: String?, execution: ExecutionID?, policy: String?, kind: AuditKind?
        /// The earliest and the latest time.
        public var since: AgentTime?, until: AgentTime?
        /// Records before this number only: where an earlier page ended.
        public var before: Int64?

        /// Makes one; everything, unless told otherwise.
        public init(
            instance: String? = nil, execution: ExecutionID? = nil, policy: String? = nil, kind: AuditKind? = nil,
            since: AgentTime? = nil, until: AgentTime? = nil, before: Int64? = nil
        ) {
            self.instance = instance
            self.execution = execution
            self.policy = policy
            self.kind = kind
            self.since = since
            self.until = until
            self.before = before
        }
    }
    /// What was found, newest first.
    public var entries: [Audit.Entry] = []
    /// The number before which the next page looks; nil where there is nothing further.
    public var older: Int64?
    /// How many records were looked at.
    public var looked = 0
    /// What was sealed before the records that are there; nil where all are.
    public var segment: LedgerSegment?

    /// How many records a page shows, and how many it looks at.
    public static let most = 50, mostLooked = 5_000
    private static let block: Int64 = 500

    /// Looks through a ledger, from the end or from where an earlier page ended.
    static func read(
        _ store: any LedgerStore, _ query: Query, head: AuditHead, _ instances: [InstanceKey]
    ) async throws(LedgerFailure) -> RecordSearch {
        let segment = try await store.load(LedgerScope(instances: [])).newestSegment
        var search = RecordSearch()
        if let execution = query.execution {
            search = try await about(execution, store, query, instances)
            search.segment = segment
            return search
        }
        search.segment = segment
        let floor = segment?.last ?? 0
        var end = min(query.before ?? .max, head.sequence + 1)
        if let until = query.until {
            let last = try await RecordsByTime.last(before: until + Period(milliseconds: 1), in: store, head)
            end = min(end, last + 1)
        }
        while end > floor + 1, search.looked < mostLooked {
            let start = max(floor, end - 1 - block)
            let records = try await store.records(after: start, limit: Int(end - 1 - start))
            for sealed in records.reversed() {
                search.looked += 1
                end = sealed.sequence
                guard let entry = Audit.Entry(sealed) else { continue }
                if let since = query.since, entry.record.at < since { return search }
                guard query.wants(entry.record) else { continue }
                search.entries.append(entry)
                if search.entries.count == most {
                    search.older = end > floor + 1 ? end : nil
                    return search
                }
            }
            if records.isEmpty { break }
        }
        search.older = end > floor + 1 ? end : nil
        return search
    }

    /// Records about an execution and its chain are found by an index.
    private static func about(
        _ execution: ExecutionID, _ store: any LedgerStore, _ query: Query, _ instances: [InstanceKey]
    ) async throws(LedgerFailure) -> RecordSearch {
        var search = RecordSearch()
        var found: [Audit.Entry] = []
        for key in instances where query.instance == nil || key.name == query.instance {
            let records = try await store.records(about: [execution], instance: key)
            search.looked += records.count
            found += records.compactMap { Audit.Entry($0) }
        }
        found.sort { $0.sequence > $1.sequence }
        let wanted = found.filter { entry in
            entry.sequence < query.before ?? .max && query.wants(entry.record)
                && query.since.map { entry.record.at >= $0 } ?? true
                && query.until.map { entry.record.at <= $0 } ?? true
        }
        search.entries = Array(wanted.prefix(most))
        if wanted.count > most { search.older = search.entries.last?.sequence }
        return search
    }
}

extension RecordSearch.Query {
    /// Whether a record is one of those that are looked for, whatever its time.
    fileprivate func wants(_ record: AuditRecord) -> Bool {
        if let kind, record.kind != kind { return false }
        if let instance, record.instance?.name != instance { return false }
        guard let policy else { return true }
        if record.policy == policy { return true }
        guard record.kind == .decision, record.policy == nil,
            case .decided(let decided)? = try? LedgerEntry(record).event
        else { return false }
        return decided.parts.contains { $0.verdict.policy == policy }
    }
}
