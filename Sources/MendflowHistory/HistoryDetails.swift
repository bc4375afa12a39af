package import MendflowCore

/// Data of executions as evidence. Failures come in storms that leave the same, but for its times: each different piece is kept
/// once.
package struct HistoryDetails: Sendable {
    /// The data of one execution: which piece, and its times in milliseconds.
    struct Entry: Sendable, Hashable {
        var piece: UInt32
        var createdAt: Int64 = none, failedAt: Int64 = none

        static let none = Int64.min
    }

    /// The different pieces, without their times.
    package private(set) var pieces: [ExecutionDetail] = []
    /// The numbers of the pieces; worked out when another one comes.
    private var known: [ExecutionDetail: UInt32]?
    /// The executions whose ids are plain numbers, and beside each its data; in order once they are sorted.
    private(set) var numbers: [UInt64] = []
    private(set) var entries: [Entry] = []
    private var isSorted = true
    /// The data of others.
    private(set) var others: [ExecutionID: Entry] = [:]

    init() {}

    /// Makes details of what a file holds, in order.
    init(pieces: [ExecutionDetail], numbers: [UInt64], entries: [Entry], others: [ExecutionID: Entry]) {
        self.pieces = pieces
        self.numbers = numbers
        self.entries = entries
        self.others = others
    }

    /// How many executions have data.
    package var count: Int { numbers.count + others.count }

    /// The data of one; nil where there is none.
    package subscript(id: ExecutionID) -> ExecutionDetail? { entry(id).map(detail) }

    /// Some data; nil where there is none at all.
    package var first: ExecutionDetail? { (entries.first ?? others.values.first).map(detail) }

    /// The number of the piece that an execution left, by the number that its id is.
    package func piece(of number: UInt64) -> Int? { place(of: number).map { Int(entries[$0].piece) } }

    /// The number of the piece that an execution left.
    package func piece(of id: ExecutionID) -> Int? { entry(id).map { Int($0.piece) } }

    private func entry(_ id: ExecutionID) -> Entry? {
        guard let number = id.writtenNumber else { return others[id] }
        return place(of: number).map { entries[$0] }
    }

    private func place(of number: UInt64) -> Int? {
        guard isSorted else { return numbers.lastIndex(of: number) }
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == number ? low : nil
    }

    private func detail(_ entry: Entry) -> ExecutionDetail {
        var detail = pieces[Int(entry.piece)]
        if entry.createdAt != Entry.none { detail.createdAt = ServerTime(milliseconds: entry.createdAt) }
        if entry.failedAt != Entry.none, var error = detail.error {
            error.at = ServerTime(milliseconds: entry.failedAt)
            detail.error = error
        }
        return detail
    }

    /// Takes data in, in the place of what was there.
    mutating func set(_ detail: ExecutionDetail, of id: ExecutionID) {
        let entry = entry(of: detail)
        guard let number = id.writtenNumber else {
            others[id] = entry
            return
        }
        isSorted = isSorted && numbers.last.map { $0 < number } ?? true
        numbers.append(number)
        entries.append(entry)
    }

    private mutating func entry(of detail: ExecutionDetail) -> Entry {
        var entry = Entry(piece: 0)
        var piece = detail
        if let created = detail.createdAt {
            entry.createdAt = created.milliseconds
            piece.createdAt = nil
        }
        if var error = detail.error, let failed = error.at {
            entry.failedAt = failed.milliseconds
            error.at = nil
            piece.error = error
        }
        entry.piece = number(of: piece)
        return entry
    }

    private mutating func number(of piece: ExecutionDetail) -> UInt32 {
        if known == nil {
            known = Dictionary(pieces.enumerated().map { ($0.element, UInt32($0.offset)) }) { first, _ in first }
        }
        if let number = known?[piece] { return number }
        let number = UInt32(pieces.count)
        known?[piece] = number
        pieces.append(piece)
        return number
    }

    /// Puts them in order, so that they are found fast; of two of one execution the later counts.
    mutating func sort() {
        guard !isSorted else { return }
        let order = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
        let (oldNumbers, oldEntries) = (numbers, entries)
        (numbers, entries) = ([], [])
        for place in order {
            if numbers.last == oldNumbers[place] {
                numbers.removeLast()
                entries.removeLast()
            }
            numbers.append(oldNumbers[place])
            entries.append(oldEntries[place])
        }
        isSorted = true
    }

    /// The data of every execution.
    package var all: [(id: ExecutionID, detail: ExecutionDetail)] {
        zip(numbers, entries).map { (ExecutionID($0), detail($1)) }
            + others.sorted { $0.key < $1.key }.map { ($0.key, detail($0.value)) }
    }

    /// The same of some executions alone.
    func filtered(_ isWanted: (ExecutionID) -> Bool) -> HistoryDetails {
        var chosen = HistoryDetails(pieces: pieces, numbers: [], entries: [], others: [:])
        for (number, entry) in zip(numbers, entries) where isWanted(ExecutionID(number)) {
            chosen.numbers.append(number)
            chosen.entries.append(entry)
        }
        chosen.others = others.filter { isWanted($0.key) }
        chosen.isSorted = isSorted
        return chosen
    }
}
