package import MendflowCore

// Order.
extension HistoryColumns {
    /// Puts the rows in the order of their ids; rows of one execution become one, that tells what the later of them tells of its
    /// life and what only one of them tells. Answers which of them contradict each other, by where they were.
    mutating func sort() -> RowConflicts {
        guard !isInOrder else { return RowConflicts() }
        let (places, merged, conflicts) = distinct(order())
        // One column after the other, so that there is never more than one of them twice.
        numbers = places.map { numbers[Int($0)] }
        starts = places.map { starts[Int($0)] }
        lengths = places.map { lengths[Int($0)] }
        let (oldCreated, oldRests) = (created, rests)
        (created, rests) = (SparseColumn(), SparseColumn())
        kinds = places.enumerated().map { new, old in
            let word = kinds[Int(old)]
            if word & HistoryColumns.hasCreated != 0, let time = oldCreated[Int(old)] { created.append(time, at: new) }
            if word & HistoryColumns.hasRest != 0, let rest = oldRests[Int(old)] { rests.append(rest, at: new) }
            return word
        }
        if !merged.isEmpty { replace(merged) }
        return conflicts
    }

    /// Of each execution the place of one row, and what its rows tell together where that is more than this one does.
    private func distinct(
        _ order: [UInt32]
    ) -> (places: [UInt32], merged: [Int: Execution], conflicts: RowConflicts) {
        var places: [UInt32] = []
        places.reserveCapacity(order.count)
        var merged: [Int: Execution] = [:]
        var conflicts = RowConflicts()
        var next = 0
        while next < order.count {
            var chosen = order[next]
            next += 1
            if next < order.count, isSame(Int(chosen), Int(order[next])) {
                var all = row(Int(chosen))
                while next < order.count, isSame(Int(chosen), Int(order[next])) {
                    let other = row(Int(order[next]))
                    if let conflict = RowConflict(all, other) {
                        conflicts.add(conflict, of: other.id, at: Int(order[next]))
                    }
                    all = all.merged(with: other)
                    if other == all { chosen = order[next] }
                    next += 1
                }
                if row(Int(chosen)) != all { merged[places.count] = all }
            }
            places.append(chosen)
        }
        conflicts.end()
        return (places, merged, conflicts)
    }

    /// Puts other rows in the places of some.
    private mutating func replace(_ others: [Int: Execution]) {
        var changed = HistoryColumns(table: table)
        changed.reserve(count)
        for place in 0..<count {
            if let other = others[place] { changed.append(other) } else { changed.copy(place, of: self) }
        }
        self = changed
    }

    private func isSame(_ one: Int, _ other: Int) -> Bool {
        hasOtherIDs ? id(one) == id(other) : numbers[one] == numbers[other]
    }

    /// The places of the rows by their ids, and of one id in the order in which they came. Lists come in order, newest or
    /// oldest first, so that there is little to sort: runs of them are merged.
    private func order() -> [UInt32] {
        guard !hasOtherIDs else {
            return (0..<UInt32(count)).sorted { one, other in
                let (first, second) = (id(Int(one)), id(Int(other)))
                return first == second ? one < other : first < second
            }
        }
        var runs = runs()
        while runs.count > 1 {
            runs = stride(from: 0, to: runs.count, by: 2).map { place in
                place + 1 < runs.count ? merged(runs[place], runs[place + 1]) : runs[place]
            }
        }
        return runs.first ?? []
    }

    /// Rows that follow each other in order, those that come newest first turned round.
    private func runs() -> [[UInt32]] {
        var runs: [[UInt32]] = []
        var start = 0
        while start < count {
            var end = start + 1
            if end < count, numbers[end] < numbers[start] {
                while end < count, numbers[end] < numbers[end - 1] { end += 1 }
                runs.append((UInt32(start)..<UInt32(end)).reversed())
            } else {
                while end < count, numbers[end] > numbers[end - 1] { end += 1 }
                runs.append(Array(UInt32(start)..<UInt32(end)))
            }
            start = end
        }
        return runs
    }

    private func merged(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
        var merged: [UInt32] = []
        merged.reserveCapacity(one.count + other.count)
        var (first, second) = (0, 0)
        while first < one.count, second < other.count {
            // Of equal ones the first stays before the second.
            if numbers[Int(one[first])] <= numbers[Int(other[second])] {
                merged.append(one[first])
                first += 1
            } else {
                merged.append(other[second])
                second += 1
            }
        }
        merged += one[first...]
        merged += other[second...]
        return merged
    }

    /// Whether the ids ascend, each once.
    var isInOrder: Bool {
        if hasOtherIDs { return (1..<max(1, count)).allSatisfy { id($0 - 1) < id($0) } }
        for place in 1..<max(1, count) where numbers[place - 1] >= numbers[place] { return false }
        return true
    }

    /// Where an execution is, once the rows are in order.
    package func place(of wanted: ExecutionID) -> Int? {
        guard !hasOtherIDs else {
            return place {
                self.id($0) < wanted
            } isAt: {
                self.id($0) == wanted
            }
        }
        guard let number = wanted.writtenNumber else { return nil }
        return place {
            numbers[$0] < number
        } isAt: {
            numbers[$0] == number
        }
    }

    /// Where the lowest id above another one is, once they are in order.
    func place(above other: ExecutionID) -> Int? {
        let place = first { id($0) <= other }
        return place < count ? place : nil
    }

    private func place(isBefore: (Int) -> Bool, isAt: (Int) -> Bool) -> Int? {
        let place = first(isBefore)
        return place < count && isAt(place) ? place : nil
    }

    /// The first place that is not before another one.
    private func first(_ isBefore: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The same rows of the kinds of which something holds.
    func filtered(_ isWanted: (Kind) -> Bool) -> HistoryColumns {
        let wanted = table.map(isWanted)
        var chosen = HistoryColumns(table: table)
        for place in 0..<count where wanted[kind(place)] { chosen.copy(place, of: self) }
        return chosen
    }
}

/// Contradictions among rows: all are counted, the first are kept.
struct RowConflicts {
    private(set) var count = 0
    /// Where the later row was, and what it says otherwise, in the order in which they were read.
    private(set) var first: [(place: Int, conflict: (execution: ExecutionID, conflict: RowConflict))] = []

    mutating func add(_ conflict: RowConflict, of execution: ExecutionID, at place: Int) {
        count += 1
        first.append((place, (execution, conflict)))
        if first.count > 10 * HistoryFindings.mostKept { end() }
    }

    /// Keeps the first alone.
    mutating func end() {
        first.sort { $0.place < $1.place }
        first = Array(first.prefix(HistoryFindings.mostKept))
    }
}
