extension Decision {
    /// What decisions are ordered by, unless two are equal in it. Decisions are large, so these are moved about in their
    /// place while sorting.
    private struct Age {
        var since: ServerTime
        var execution: ExecutionID
        var index: Int
    }

    /// Decisions in order: the oldest first.
    static func oldestFirst(_ decisions: [Decision]) -> [Decision] {
        oldestFirst(decisions, since: \.since, execution: \.execution) { $0 }
    }

    /// Things with decisions in the order of these.
    static func oldestFirst<Item>(
        _ items: [Item], since: (Item) -> ServerTime, execution: (Item) -> ExecutionID, by decision: (Item) -> Decision
    ) -> [Item] {
        var ages: [Age] = []
        ages.reserveCapacity(items.count)
        for index in items.indices {
            ages.append(Age(since: since(items[index]), execution: execution(items[index]), index: index))
        }
        ages.sort { one, other in
            if one.since != other.since { return one.since < other.since }
            if one.execution != other.execution { return one.execution < other.execution }
            return isBefore(decision(items[one.index]), decision(items[other.index]))
        }
        return ages.map { items[$0.index] }
    }

    /// Decisions in order with more of them, which are in none.
    static func oldestFirst(_ ordered: [Decision], with more: [Decision]) -> [Decision] {
        guard !ordered.isEmpty, !more.isEmpty else { return ordered.isEmpty ? oldestFirst(more) : ordered }
        var merged: [Decision] = []
        merged.reserveCapacity(ordered.count + more.count)
        var rest = ordered[...]
        for decision in oldestFirst(more) {
            let place = rest.firstPlace { isOlder(decision, $0) }
            merged += rest[..<place]
            merged.append(decision)
            rest = rest[place...]
        }
        return merged + rest
    }

    /// Those about one execution among decisions in order; all of them are of one time.
    static func all(about id: ExecutionID, since: ServerTime, in ordered: [Decision]) -> ArraySlice<Decision> {
        let start = ordered.firstPlace { $0.since == since ? $0.execution >= id : $0.since > since }
        return ordered[start...].prefix { $0.execution == id }
    }

    /// The executions about which one list of decisions in order says something else than another.
    static func differing(_ one: [Decision], _ other: [Decision]) -> Set<ExecutionID> {
        guard one != other else { return [] }
        let (first, second) = (places(one), places(other))
        return Set(first.keys).union(second.keys).filter { id in
            !(first[id] ?? []).lazy.map { one[$0] }.elementsEqual((second[id] ?? []).lazy.map { other[$0] })
        }
    }

    /// Where the decisions about each execution stand.
    private static func places(_ decisions: [Decision]) -> [ExecutionID: [Int]] {
        Dictionary(grouping: decisions.indices) { decisions[$0].execution }
    }

    private static func isOlder(_ one: Decision, _ other: Decision) -> Bool {
        if one.since != other.since { return one.since < other.since }
        if one.execution != other.execution { return one.execution < other.execution }
        return isBefore(one, other)
    }

    /// The order of two decisions about one execution: a tag write behind the remediation.
    private static func isBefore(_ one: Decision, _ other: Decision) -> Bool {
        if one.rank != other.rank { return one.rank < other.rank }
        return one.policyName < other.policyName
    }

    private var rank: String {
        switch verdict {
        case .act(let action), .wait(let action, _, _): action.draft.action.rawValue
        case .held(let reason, _): reason.rawValue
        }
    }
}
