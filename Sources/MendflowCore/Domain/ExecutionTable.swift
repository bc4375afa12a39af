/// The executions that are known of an instance, by id.
///
/// Nearly all of them succeeded, are no retries, and will never matter again. These *settled* runs are kept in 24 bytes
/// each, in the order of their ids; everything else, the *notable* runs, is kept as it came. Whoever looks for something
/// to do walks the notable ones only, so that what a tick costs does not grow with the history.
public struct ExecutionTable: Sendable {
    /// Failed, live, retried and odd runs: all that are not settled.
    public private(set) var notable: [ExecutionID: Execution] = [:]
    /// Which of them may still go on.
    private var liveIDs: Set<ExecutionID> = []
    private var settled = SettledRuns()
    /// How many runs of each workflow there are.
    private var counts: [WorkflowID: Int] = [:]

    /// Makes an empty table.
    public init() {}

    /// Makes a table of rows; of two with one id the last counts.
    public init(_ rows: some Sequence<Execution>) {
        for row in rows { self[row.id] = row }
    }

    /// The number of runs.
    public var count: Int { notable.count + settled.count }
    /// Whether there is none.
    public var isEmpty: Bool { count == 0 }
    /// All runs, in no order that means anything.
    public var values: some Sequence<Execution> { Values(table: self) }
    /// Their ids.
    public var keys: some Sequence<ExecutionID> { values.lazy.map(\.id) }
    /// The runs that may still go on, in no order that means anything.
    public var live: some Sequence<Execution> { liveIDs.lazy.compactMap { notable[$0] } }
    /// The workflows that they are of.
    public var workflows: some Collection<WorkflowID> { counts.keys }

    /// The run with an id; nil where none is known.
    public subscript(id: ExecutionID) -> Execution? {
        get { notable[id] ?? id.plainNumber.flatMap { settled[$0] } }
        set {
            if let old = remove(id) { uncount(old.workflow) }
            guard let row = newValue else { return }
            counts[row.workflow, default: 0] += 1
            if let number = id.plainNumber, settled.insert(row, number) { return }
            notable[id] = row
            if row.status.isLive { liveIDs.insert(id) }
        }
    }

    private mutating func remove(_ id: ExecutionID) -> Execution? {
        if let row = notable.removeValue(forKey: id) {
            if row.status.isLive { liveIDs.remove(id) }
            return row
        }
        return id.plainNumber.flatMap { settled.remove($0) }
    }

    private mutating func uncount(_ workflow: WorkflowID) {
        let left = (counts[workflow] ?? 0) - 1
        counts[workflow] = left > 0 ? left : nil
    }

    /// Whether a run is among the settled ones.
    public func isSettled(_ id: ExecutionID) -> Bool { notable[id] == nil && self[id] != nil }

    /// The settled runs that ended at a time or before, and after another and of some workflows if these are given, oldest id
    /// first.
    public func settled(
        endedUpTo limit: ServerTime, after earlier: ServerTime? = nil, of workflows: Set<WorkflowID>? = nil
    ) -> [Execution] {
        let ends = (earlier?.milliseconds ?? .min, limit.milliseconds)
        let places = workflows.map(settled.places)
        return settled.all(
            where: { $0.earliestEnd <= ends.1 && $0.latestEnd > ends.0 },
            { $0.stopped <= ends.1 && $0.stopped > ends.0 && places?.contains($0.workflow) ?? true })
    }

    /// Gives each pair of rows that differ between another table and this one: the other's and this one's, nil where there
    /// is none. Some pairs may be given twice.
    func differences(from other: ExecutionTable, _ give: (Execution?, Execution?) -> Void) {
        if notable != other.notable {
            for (id, row) in notable where other.notable[id] != row { give(other[id], row) }
            for (id, row) in other.notable where notable[id] == nil { give(row, self[id]) }
        }
        settled.differences(from: other.settled, give)
    }

    /// How many pieces of memory the settled runs lie in: a few hundred runs each, if it goes well.
    package var settledPieces: Int { settled.pieceCount }

    /// The lowest id of the runs that ended after a time.
    func oldest(endedAfter limit: ServerTime) -> ExecutionID? {
        let notable = notable.values.lazy.filter { $0.endedAt.map { $0 > limit } ?? false }.map(\.id).min()
        return [notable, settled.first(endedAfter: limit.milliseconds)?.id].compactMap { $0 }.min()
    }

    /// The settled runs that started before a time, oldest id first.
    public func settled(startedBefore limit: ServerTime) -> [Execution] {
        settled.all(where: { $0.earliestStart < limit.milliseconds }, { $0.started < limit.milliseconds })
    }

    /// Of the settled runs the one of each workflow and mode that ended last.
    func newestSettled() -> [Execution] { settled.latest() }

    /// The newest runs for which something holds, newest first.
    public func newest(_ count: Int, where holds: (Execution) -> Bool) -> [Execution] {
        let newest = settled.newest(count, where: holds)
        let floor = newest.count == count ? newest.last?.id : nil
        let others = notable.values.filter { row in floor.map { row.id > $0 } ?? true && holds(row) }
        return Array((newest + others).sorted { $0.id > $1.id }.prefix(count))
    }

    /// All runs, one after the other.
    private struct Values: Sequence {
        let table: ExecutionTable

        func makeIterator() -> some IteratorProtocol<Execution> {
            var notable = table.notable.values.makeIterator()
            var settled = table.settled.makeIterator()
            return AnyIterator { notable.next() ?? settled.next() }
        }

        var underestimatedCount: Int { table.count }
    }
}

extension ExecutionTable: Hashable {
    /// Whether both hold the same runs.
    public static func == (one: ExecutionTable, other: ExecutionTable) -> Bool {
        // Two copies of one table share what did not change since.
        if one.settled.isShared(with: other.settled) { return one.notable == other.notable }
        return one.count == other.count && one.values.allSatisfy { other[$0.id] == $0 }
    }

    /// Hashes their number.
    public func hash(into hasher: inout Hasher) { hasher.combine(count) }
}

extension ExecutionTable: ExpressibleByDictionaryLiteral {
    /// Makes a table of rows by their ids.
    public init(dictionaryLiteral elements: (ExecutionID, Execution)...) {
        self.init(elements.lazy.map(\.1))
    }
}
