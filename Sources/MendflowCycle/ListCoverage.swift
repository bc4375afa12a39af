package import MendflowCore

/// Which part of the unfiltered list was read, from its top down. What a tick had no room for stays as an unread range and
/// is read at the next ones.
package struct ListCoverage: Sendable {
    /// A part of the list that was not read yet.
    package struct UnreadRange: Sendable {
        /// Asks for its first page.
        package var query: ListQuery
        /// The lowest id read above it.
        package var above: ExecutionID
        /// The highest id read below it; nil where it reaches down to the look-back's edge.
        package var downTo: ExecutionID?
        /// Whether an earlier process read it and latched the retries that it saw.
        package var isLatched: Bool
    }
    /// The highest id that the list showed.
    package private(set) var top: ExecutionID?
    /// What is left to read, newest first.
    package private(set) var unread: [UnreadRange] = []
    /// The lowest id that the list showed.
    package private(set) var lowest: ExecutionID?
    /// How far an earlier process had come, and whether it had latched all retries down to the look-back's edge.
    private var resumes: (accounted: ExecutionID, isLatched: Bool)?

    /// Why reading ended.
    package enum End: Sendable {
        /// All that is new was read.
        case mark
        /// There is nothing more within the look-back.
        case edge
        /// There was no room for more; this asks for what follows.
        case noRoom(ListQuery)
    }

    package init() {}

    /// Goes on where an earlier process ended.
    package init(_ state: TickState?, since edge: ServerTime) {
        resumes = state.flatMap { state in
            // A longer look-back than that of the earlier process reaches to what it never read.
            let reaches = state.coveredSince.map { $0 <= edge } ?? true
            return state.accounted.map { ($0, state.coveredFrom == nil && reaches) }
        }
    }

    /// The id down to which everything new is to be read; nil for all the way to the look-back's edge.
    package var mark: ExecutionID? { top ?? resumes?.accounted }
    /// Whether nothing was read yet.
    package var isEmpty: Bool { top == nil }
    /// Executions below it may have retries that were never read; nil where all were.
    package var coveredFrom: ExecutionID? { unread.first { !$0.isLatched }?.above }
    /// Above it every row that the list shows was read; nil where that holds for the whole look-back.
    package var listedFrom: ExecutionID? { unread.first?.above }
    /// The lowest id from which on the list was read without an unread range; nil where nothing was read.
    package var contiguousFrom: ExecutionID? { listedFrom ?? lowest }

    /// Takes in how far the new rows were read; `rest` asks for what follows, nil where nothing does.
    package mutating func read(newest: ExecutionID?, lowest read: ExecutionID?, end: End, rest: ListQuery?) {
        guard let newest, let read else { return }
        switch end {
        case .noRoom(let query):
            // At the start of a process there is no top yet: also what an earlier process had read is read once more, since its
            // rows are gone with that process.
            unread.insert(UnreadRange(query: query, above: read, downTo: top, isLatched: false), at: 0)
        case .mark:
            if let resumes, top == nil, let rest {
                unread.append(UnreadRange(query: rest, above: read, downTo: nil, isLatched: resumes.isLatched))
            }
        case .edge: break
        }
        lowest = lowest.map { min($0, read) } ?? read
        top = top.map { max($0, newest) } ?? newest
        resumes = nil
    }

    /// Takes in how far the newest unread range was read; `rest` is nil where its lower end was reached.
    package mutating func fill(lowest read: ExecutionID?, rest: ListQuery?) {
        guard !unread.isEmpty else { return }
        if let read { lowest = lowest.map { min($0, read) } ?? read }
        guard let rest, let read else {
            unread.removeFirst()
            return
        }
        unread[0].query = rest
        unread[0].above = read
    }
}
