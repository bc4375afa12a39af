import MendflowCore
import MendflowHistory

/// Which rows of a history belong together as retries.
struct PastChains {
    /// The rows of each chain of more than one, by the place of any of them.
    private var members: [Int: [Int]] = [:]
    /// A bit for each row that is among them; none where there are no chains.
    private var marks: [UInt64] = []

    init(_ columns: HistoryColumns) {
        var roots: [ExecutionID: ExecutionID] = [:]
        var chains: [ExecutionID: [Int]] = [:]
        // Rows come by id, and what is retried has a lower one.
        for (place, rest) in columns.rests {
            guard let parent = rest.retryOf else { continue }
            let id = columns.id(place)
            guard parent < id else { continue }
            let root = roots[parent] ?? parent
            roots[id] = root
            chains[root, default: []].append(place)
        }
        if !chains.isEmpty { marks = Array(repeating: 0, count: columns.count / 64 + 1) }
        for (root, retries) in chains {
            let places = (columns.place(of: root).map { [$0] } ?? []) + retries
            for place in places {
                members[place] = places
                marks[place / 64] |= 1 << UInt64(place % 64)
            }
        }
    }

    /// Whether a row belongs to others.
    func isChained(_ place: Int) -> Bool { !marks.isEmpty && marks[place / 64] >> UInt64(place % 64) & 1 == 1 }

    /// The rows of a row's chain, itself included.
    func members(of place: Int) -> [Int] { members[place] ?? [place] }
}
