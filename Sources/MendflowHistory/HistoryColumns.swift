package import MendflowCore
import MendflowN8N

/// Executions in columns: some thirty bytes each, where a row by itself takes two hundred.
///
/// Most of what rows say stands in few words, so each different triple of workflow, status and mode is kept once. What only some
/// rows have is kept beside the columns.
package struct HistoryColumns: Sendable {
    /// What many rows share.
    package struct Kind: Sendable, Hashable {
        package var workflow: WorkflowID, status: ExecutionStatus, mode: ExecutionMode
    }

    /// What few rows have.
    package struct Rest: Sendable, Hashable {
        /// The id, where it is no plain number.
        package var id: ExecutionID?
        package var unrecognisedWord: String?
        package var retryOf: ExecutionID?, retrySuccess: ExecutionID?
        package var hidesRetryOf = false
        package var waitTill: ServerTime?
        /// The end, where it is not a little behind the start.
        package var stoppedAt: ServerTime?
    }

    /// The ids, where they are plain numbers.
    package internal(set) var numbers: [UInt64] = []
    /// Which kind each is of, and in the highest bits whether it has a rest, and whether it tells when it was made.
    package internal(set) var kinds: [UInt32] = []
    /// When each began, in milliseconds, and how long it took.
    package internal(set) var starts: [Int64] = []
    package internal(set) var lengths: [UInt32] = []
    /// When each was made, in milliseconds, where a row tells.
    var created = SparseColumn<Int64>()
    package internal(set) var rests = SparseColumn<Rest>()
    /// The kinds by their numbers.
    package private(set) var table: [Kind] = []
    private var known: [Kind: UInt32] = [:]
    private var recent = RecentKinds()
    /// Whether an id is no plain number.
    var hasOtherIDs = false

    package static let hasRest: UInt32 = 1 << 31, hasCreated: UInt32 = 1 << 30, kindMask: UInt32 = 1 << 30 - 1
    package static let noStart = Int64.min
    /// It has no end; its end stands in the rest.
    package static let noEnd = UInt32.max, otherEnd = UInt32.max - 1

    init() {}

    /// Makes columns without rows, of some kinds.
    init(table: [Kind]) {
        self.table = table
        for (place, kind) in table.enumerated() { known[kind] = UInt32(place) }
    }

    /// How many rows there are.
    package var count: Int { numbers.count }
    package var isEmpty: Bool { numbers.isEmpty }

    /// The number of a row's kind.
    package func kind(_ place: Int) -> Int { Int(kinds[place] & HistoryColumns.kindMask) }

    /// What few rows have, of one of them.
    package func rest(_ place: Int) -> Rest? { kinds[place] & HistoryColumns.hasRest != 0 ? rests[place] : nil }

    /// When a row was made, in milliseconds.
    func created(_ place: Int) -> Int64? { kinds[place] & HistoryColumns.hasCreated != 0 ? created[place] : nil }

    /// A row's id.
    package func id(_ place: Int) -> ExecutionID {
        if hasOtherIDs, let id = rest(place)?.id { return id }
        return ExecutionID(numbers[place])
    }

    /// One row.
    package func row(_ place: Int) -> Execution {
        let kind = table[kind(place)]
        let (start, length) = (starts[place], lengths[place])
        var row = Execution(
            id: ExecutionID(numbers[place]), workflow: kind.workflow, status: kind.status, mode: kind.mode)
        if start != HistoryColumns.noStart { row.startedAt = ServerTime(milliseconds: start) }
        if length < HistoryColumns.otherEnd { row.stoppedAt = ServerTime(milliseconds: start + Int64(length)) }
        row.createdAt = created(place).map { ServerTime(milliseconds: $0) }
        guard let rest = rest(place) else { return row }
        if let id = rest.id { row.id = id }
        row.unrecognisedWord = rest.unrecognisedWord
        (row.retryOf, row.hidesRetryOf, row.retrySuccess) = (rest.retryOf, rest.hidesRetryOf, rest.retrySuccess)
        row.waitTill = rest.waitTill
        if let end = rest.stoppedAt { row.stoppedAt = end }
        return row
    }
}

// Taking in.
extension HistoryColumns {
    /// Takes a row in, behind all others.
    mutating func append(_ row: Execution) {
        var rest = Rest(
            unrecognisedWord: row.unrecognisedWord, retryOf: row.retryOf, retrySuccess: row.retrySuccess,
            hidesRetryOf: row.hidesRetryOf, waitTill: row.waitTill)
        let number = row.id.writtenNumber
        if number == nil {
            rest.id = row.id
            hasOtherIDs = true
        }
        append(
            number ?? .max, place(of: Kind(workflow: row.workflow, status: row.status, mode: row.mode)),
            start: row.startedAt?.milliseconds, end: row.stoppedAt?.milliseconds,
            created: row.createdAt?.milliseconds, rest)
    }

    /// Takes in a row that was read off a text.
    mutating func append(_ row: RowLine, of text: [UInt8]) {
        let kind = place(of: row, in: text)
        guard row.retryOf == nil, row.retrySuccess == nil, row.waitTill == nil else {
            let rest = Rest(
                retryOf: row.retryOf.map { ExecutionID($0) },
                retrySuccess: row.retrySuccess.map { ExecutionID($0) },
                waitTill: row.waitTill.map { ServerTime(milliseconds: $0) })
            return append(row.id, kind, start: row.startedAt, end: row.stoppedAt, created: row.createdAt, rest)
        }
        append(row.id, kind, start: row.startedAt, end: row.stoppedAt, created: row.createdAt, nil)
    }

    private mutating func append(
        _ number: UInt64, _ kind: UInt32, start: Int64?, end: Int64?, created time: Int64?, _ other: Rest?
    ) {
        var (kind, rest) = (kind, other)
        var length = HistoryColumns.noEnd
        if let end {
            let (took, overflow) = end.subtractingReportingOverflow(start ?? 0)
            if start != nil, !overflow, took >= 0, took < Int64(HistoryColumns.otherEnd) {
                length = UInt32(took)
            } else {
                length = HistoryColumns.otherEnd
                rest = rest ?? Rest()
                rest?.stoppedAt = ServerTime(milliseconds: end)
            }
        }
        if let rest, rest != Rest() {
            kind |= HistoryColumns.hasRest
            rests.append(rest, at: count)
        }
        if let time {
            kind |= HistoryColumns.hasCreated
            created.append(time, at: count)
        }
        append(number, kind, start: start ?? HistoryColumns.noStart, length: length)
    }

    private mutating func append(_ number: UInt64, _ kind: UInt32, start: Int64, length: UInt32) {
        numbers.append(number)
        kinds.append(kind)
        starts.append(start)
        lengths.append(length)
    }

    /// Takes in a row of columns of the same kinds, as it is.
    mutating func copy(_ place: Int, of other: HistoryColumns) {
        if let rest = other.rest(place) {
            rests.append(rest, at: count)
            if rest.id != nil { hasOtherIDs = true }
        }
        if let time = other.created(place) { created.append(time, at: count) }
        append(other.numbers[place], other.kinds[place], start: other.starts[place], length: other.lengths[place])
    }

    private mutating func place(of kind: Kind) -> UInt32 {
        if let place = known[kind] { return place }
        let place = UInt32(table.count)
        table.append(kind)
        known[kind] = place
        return place
    }

    private mutating func place(of row: RowLine, in text: [UInt8]) -> UInt32 {
        if let place = recent[row] { return place }
        let kind = Kind(
            workflow: WorkflowID(String(decoding: text[row.workflow.place], as: UTF8.self)), status: row.status,
            mode: ExecutionMode(String(decoding: text[row.mode.place], as: UTF8.self)))
        let place = place(of: kind)
        recent[row] = place
        return place
    }

    mutating func reserve(_ count: Int) {
        numbers.reserveCapacity(count)
        kinds.reserveCapacity(count)
        starts.reserveCapacity(count)
        lengths.reserveCapacity(count)
    }
}

/// The kinds that were seen last, by the bytes of their words.
private struct RecentKinds: Sendable {
    private struct Entry: Sendable {
        var workflow: RowLine.Word, mode: RowLine.Word
        var status: ExecutionStatus
        var place: UInt32
    }
    private var found: [Entry?] = Array(repeating: nil, count: 256)

    subscript(row: RowLine) -> UInt32? {
        get {
            guard row.workflow.isShort, row.mode.isShort, let entry = found[RecentKinds.spread(row)],
                entry.workflow.isSame(as: row.workflow), entry.mode.isSame(as: row.mode), entry.status == row.status
            else { return nil }
            return entry.place
        }
        set {
            found[RecentKinds.spread(row)] = newValue.map {
                Entry(workflow: row.workflow, mode: row.mode, status: row.status, place: $0)
            }
        }
    }

    private static func spread(_ row: RowLine) -> Int {
        var mixed = row.workflow.first ^ row.workflow.second &* 3 ^ row.mode.first &* 5
        mixed = (mixed ^ (row.status == .success ? 0x51 : 0)) &* 0x9E37_79B9_7F4A_7C15
        return Int(mixed >> 56)
    }
}

extension ExecutionID {
    /// The number that is written just so; nil where the id is another text.
    var writtenNumber: UInt64? {
        if let plainNumber { return plainNumber }
        guard let number, text.utf8.first != UInt8(ascii: "0") || text.utf8.count == 1 else { return nil }
        return number
    }
}

extension Execution {
    /// The same execution as two answers told it: the later one of its life, and what only one of them tells.
    func merged(with other: Execution) -> Execution {
        var merged = gives(wayTo: other) ? other : self
        let rest = gives(wayTo: other) ? self : other
        merged.createdAt = merged.createdAt ?? rest.createdAt
        merged.startedAt = merged.startedAt ?? rest.startedAt
        merged.stoppedAt = merged.stoppedAt ?? rest.stoppedAt
        merged.retryOf = merged.retryOf ?? rest.retryOf
        merged.retrySuccess = merged.retrySuccess ?? rest.retrySuccess
        merged.hidesRetryOf = merged.hidesRetryOf && rest.hidesRetryOf
        return merged
    }
}
