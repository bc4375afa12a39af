import MendflowCore

/// Executions that hints are about: those that are to be looked at, those that were, and what spans say of retries that n8n
/// shows nowhere.
///
/// Of one execution two processes tell, and error workflows up to three times: it is asked for once, by its id.
struct HintedExecutions: Sendable {
    /// What asking for one brought.
    enum Found: Sendable, Hashable {
        /// A row that has ended, by a list or by its id.
        case ended
        /// A row that goes on, although it was said to have ended.
        case live
        /// n8n has no such row. That proves nothing.
        case notThere
    }

    /// What is to be asked for, with the hint that told of it first, and how often it was asked for in vain.
    private var waiting: [ExecutionID: (hint: Hint, tries: Int)] = [:]
    private var order: [ExecutionID] = []
    private var known = RecentIDs(limit: 10_000)
    /// What spans say of retries that have ended and of which n8n has no row, the oldest first.
    private(set) var witnesses: [Hint] = []

    private var unknown: [Hint.Source] = []
    private static let mostTries = 3, mostWitnesses = 256

    /// Whether the last poll got on with it.
    private var gotOn = false

    /// Whether anything is left that is to be asked for soon: where a poll could ask for nothing, the next one comes in its time.
    var hasMore: Bool { gotOn && !order.isEmpty }

    /// Takes hints in; what is known to have ended, or was asked for already, need not be looked at. Answers what became of each.
    mutating func note(_ hints: [Hint], _ rows: ExecutionTable) -> [HintTally.Key] {
        hints.map { hint in
            let isEnded = rows[hint.execution].map { !$0.status.isLive } ?? false
            let isNew = waiting[hint.execution] == nil && !known.contains(hint.execution) && !isEnded
            if isNew {
                waiting[hint.execution] = (hint, 0)
                order.append(hint.execution)
            }
            return HintTally.Key(hint.source, isNew ? .taken : .duplicate)
        }
    }

    /// Who told of what n8n does not have, since it was asked for last.
    mutating func takeUnknown() -> [Hint.Source] {
        defer { unknown = [] }
        return unknown
    }

    /// What is asked for next, at most so many, the oldest first.
    mutating func next(_ most: Int) -> [ExecutionID] {
        gotOn = false
        return Array(order.prefix(most))
    }

    /// Takes in what asking brought.
    mutating func note(_ found: [ExecutionID: Found]) {
        gotOn = !found.isEmpty
        for id in order {
            guard let found = found[id], let (hint, tries) = waiting[id] else { continue }
            if found == .live, tries + 1 < HintedExecutions.mostTries {
                // n8n may tell before it has written.
                waiting[id] = (hint, tries + 1)
                continue
            }
            if found == .notThere { unknown.append(hint.source) }
            if found == .notThere, hint.source == .span, hint.retryOf != nil {
                witnesses.append(hint)
                if witnesses.count > HintedExecutions.mostWitnesses { witnesses.removeFirst() }
            }
            waiting[id] = nil
            known.insert(id)
        }
        order.removeAll { waiting[$0] == nil }
    }
}

/// The newest of ids that were put in.
struct RecentIDs: Sendable {
    private var ids: Set<ExecutionID> = []
    private var order: [ExecutionID] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func contains(_ id: ExecutionID) -> Bool { ids.contains(id) }

    mutating func insert(_ id: ExecutionID) {
        guard ids.insert(id).inserted else { return }
        order.append(id)
        // Half of them at a time, so that it costs nothing to speak of.
        guard order.count > limit else { return }
        ids.subtract(order.prefix(limit / 2))
        order.removeFirst(limit / 2)
    }
}
