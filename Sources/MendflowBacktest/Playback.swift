import MendflowCore
import MendflowHistory

/// A history as somebody who looked at n8n then would have seen it: at each moment the rows as they were.
struct Playback: Sendable {
    private let history: History
    /// When which row begins or changes, by time.
    private let changes: [Change]
    private var next = 0
    /// Rows that tell no time: nobody can say when they were there.
    let undated: Int

    private struct Change: Sendable {
        var at: ServerTime
        var place: Int
    }

    /// Begins a history. Runs that succeed are shown while they go on only where somebody looks at live runs.
    init(_ history: History, showsLive: Bool) {
        self.history = history
        var changes: [Change] = []
        changes.reserveCapacity(history.rows.count * 2)
        var undated = 0
        for (place, row) in history.rows.enumerated() {
            guard let start = row.beginning else {
                undated += 1
                continue
            }
            let end = row.status.isLive ? row.stoppedAt : row.endedAt ?? start
            if showsLive || row.retryOf != nil || row.status != .success || end == nil {
                changes.append(Change(at: start, place: place))
            }
            if let end, end >= start { changes.append(Change(at: end, place: place)) }
            // n8n notes at a run which retry of it succeeded, once it has.
            if let child = row.retrySuccess.flatMap({ history[id: $0] })?.endedAt {
                changes.append(Change(at: child, place: place))
            }
        }
        changes.sort { ($0.at, $0.place) < ($1.at, $1.place) }
        self.changes = changes
        self.undated = undated
    }

    /// When a row changes next that matters; nil where none does any more.
    func nextChange(where matters: (Execution) -> Bool) -> ServerTime? {
        changes[next...].first { matters(history.rows[$0.place]) }?.at
    }

    /// Goes on to a time, and answers the rows that changed until then, each once, as they are then.
    mutating func advance(to now: ServerTime) -> [Execution] {
        var places: Set<Int> = []
        while next < changes.count, changes[next].at <= now {
            places.insert(changes[next].place)
            next += 1
        }
        return places.sorted().compactMap { history.rows[$0].shown(at: now, in: history) }
    }
}

extension Execution {
    /// The row as it was at a time; nil before its beginning.
    func shown(at now: ServerTime, in history: History) -> Execution? {
        guard let beginning, beginning <= now else { return nil }
        var row = self
        let end = status.isLive ? stoppedAt : endedAt ?? beginning
        if let end, end > now {
            row.status = .running
            row.unrecognisedWord = nil
            (row.stoppedAt, row.waitTill) = (nil, nil)
        }
        // A retry that the history does not hold succeeded at a time that nobody can tell.
        if let success = retrySuccess, history[id: success]?.endedAt.map({ $0 > now }) ?? true {
            row.retrySuccess = nil
        }
        return row
    }
}
