import MendflowCore

/// Which part of the unfiltered list was read, from its top down. What a tick had no room for stays as a hole and is read
/// at the next ones.
struct ListCoverage: Sendable {
    /// A part of the list that was not read yet.
    struct Hole: Sendable {
        /// Asks for its first page.
        var query: ListQuery
        /// The lowest id read above it.
        var above: ExecutionID
        /// The highest id read below it; nil where it reaches down to the look-back's edge.
        var downTo: ExecutionID?
        /// Whether an earlier process read it and latched the retries that it saw.
        var isLatched: Bool
    }
    /// The highest id that the list showed.
    private(set) var top: ExecutionID?
    /// What is left to read, newest first.
    private(set) var holes: [Hole] = []
    /// The lowest id that the list showed.
    private(set) var lowest: ExecutionID?
    /// How far an earlier process had come, and whether it had latched all retries down to the look-back's edge.
    private var resumes: (accounted: ExecutionID, isLatched: Bool)?

    /// Why reading ended.
    enum End: Sendable {
        /// All that is new was read.
        case mark
        /// There is nothing more within the look-back.
        case edge
        /// There was no room for more; this asks for what follows.
        case noRoom(ListQuery)
    }

    init() {}

    /// Goes on where an earlier process ended.
    init(_ state: TickState?, since edge: Timestamp) {
        resumes = state.flatMap { state in
            // A longer look-back than that of the earlier process reaches to what it never read.
            let reaches = state.coveredSince.map { $0 <= edge } ?? true
            return state.accounted.map { ($0, state.coveredFrom == nil && reaches) }
        }
    }

    /// The id down to which everything new is to be read; nil for all the way to the look-back's edge.
    var mark: ExecutionID? { top ?? resumes?.accounted }
    /// Whether nothing was read yet.
    var isEmpty: Bool { top == nil }
    /// Executions below it may have retries that were never read; nil where all were.
    var coveredFrom: ExecutionID? { holes.first { !$0.isLatched }?.above }
    /// Above it every row that the list shows is in the book; nil where that holds for the whole look-back.
    var listedFrom: ExecutionID? { holes.first?.above }
    /// The lowest id from which on the list was read without a hole; nil where nothing was read.
    var contiguousFrom: ExecutionID? { listedFrom ?? lowest }

    /// Takes in how far the new rows were read; `rest` asks for what follows, nil where nothing does.
    mutating func read(newest: ExecutionID?, lowest read: ExecutionID?, end: End, rest: ListQuery?) {
        guard let newest, let read else { return }
        switch end {
        case .noRoom(let query):
            // At the start of a process what was read before is read once more, for its rows are gone with that process.
            holes.insert(Hole(query: query, above: read, downTo: top, isLatched: false), at: 0)
        case .mark:
            if let resumes, top == nil, let rest {
                holes.append(Hole(query: rest, above: read, downTo: nil, isLatched: resumes.isLatched))
            }
        case .edge: break
        }
        lowest = lowest.map { min($0, read) } ?? read
        top = top.map { max($0, newest) } ?? newest
        resumes = nil
    }

    /// Takes in how far the newest hole was read; `rest` is nil where its lower end was reached.
    mutating func fill(lowest read: ExecutionID?, rest: ListQuery?) {
        guard !holes.isEmpty else { return }
        if let read { lowest = lowest.map { min($0, read) } ?? read }
        guard let rest, let read else {
            holes.removeFirst()
            return
        }
        holes[0].query = rest
        holes[0].above = read
    }
}
