internal import MendflowCore

/// Reads a page of the list of executions straight into rows.
struct RowPageBuilder: JSONSink {
    /// More rows than n8n can send at once are too many to keep.
    static let maxRows = 10_000

    private enum Place { case document, page, rows, row }
    private enum Member { case data, cursor, other }

    private static let data = BytePrint("data".utf8.span)
    private static let nextCursor = BytePrint("nextCursor".utf8.span)
    private static let rowMembers = RowMember.allCases.map { (member: $0, print: BytePrint($0.rawValue.utf8.span)) }

    private var place = Place.document
    private var member = Member.other
    private var rowMember: RowMember?
    private var likelyNext = 0
    private let rowMembers = RowPageBuilder.rowMembers
    private var words = RowWords()
    private var draft = RowDraft()
    private var budget = JSONTreeBuilder.defaultBudget
    private var isList = false
    private var cursor: RowAnswer.Cursor?
    private var executions: [Execution] = []
    /// The rows, readable or not.
    private(set) var tally = RowTally()
    /// Whether a row comes with its data, which is not looked at here.
    private(set) var hasData = false
    /// Whether a row has something that is no time where one should stand.
    private(set) var hasUnreadTime = false

    /// The rows and the cursor; nil where it is no page, a single bad row included: a row that is lost would be missed for
    /// ever.
    var page: (executions: [Execution], next: String?)? {
        guard isList, executions.count == tally.rows, let cursor else { return nil }
        return (executions, cursor.text)
    }

    /// Found once for each place and kept: the scanner asks before each value, and a getter that is called for it would be
    /// handed a copy of the builder.
    private(set) var textLimit: Int?

    private mutating func findTextLimit() {
        textLimit =
            switch place {
            case .document: nil
            case .page: member == .cursor ? 4096 : nil
            case .rows: tally.rows < RowPageBuilder.maxRows ? 256 : nil
            case .row: rowMember == nil ? nil : 256
            }
    }

    var isOverfull: Bool { budget < 0 }

    mutating func key(_ name: Span<UInt8>, isWhole: Bool) {
        let print = BytePrint(name)
        defer { findTextLimit() }
        guard place != .row else {
            rowMember = self.rowMember(print)
            if rowMember == nil, print == RowPageBuilder.data { hasData = true }
            return
        }
        member = print == RowPageBuilder.data ? .data : print == RowPageBuilder.nextCursor ? .cursor : .other
        switch member {
        case .data: (isList, executions, tally) = (false, [], RowTally())
        case .cursor: cursor = nil
        case .other: break
        }
    }

    /// Members come in one order, so each is looked for behind the last one first.
    private mutating func rowMember(_ print: BytePrint) -> RowMember? {
        for place in likelyNext..<rowMembers.count where rowMembers[place].print == print { return found(place) }
        for place in 0..<likelyNext where rowMembers[place].print == print { return found(place) }
        return nil
    }

    private mutating func found(_ place: Int) -> RowMember {
        likelyNext = place + 1
        return rowMembers[place].member
    }

    mutating func open(isObject: Bool) -> Bool {
        switch place {
        case .document where isObject: place = .page
        case .page where member == .data && !isObject:
            isList = true
            place = .rows
        case .rows where isObject && tally.rows < RowPageBuilder.maxRows:
            draft.clear()
            likelyNext = 0
            rowMember = nil
            place = .row
        case .row:
            if let rowMember { draft.set(rowMember, isObject ? .object : .list, Span(), &words) }
            return false
        default: return false
        }
        findTextLimit()
        return true
    }

    mutating func close() {
        defer { findTextLimit() }
        switch place {
        case .row:
            budget -= 128
            if draft.hasUnreadTime { hasUnreadTime = true }
            if let execution = draft.execution {
                executions.append(execution)
                tally.add(nil)
            } else {
                tally.add(draft.lack)
            }
            place = .rows
        case .rows: place = .page
        default: place = .document
        }
    }

    mutating func scalar(_ kind: JSONScalar, _ text: Span<UInt8>) {
        let kind = JSONKind(kind, isEmpty: text.isEmpty)
        budget -= 16 + text.count
        switch place {
        case .row:
            if let rowMember { draft.set(rowMember, kind, text, &words) }
        case .rows:
            tally.add(RowLack(noRow: kind))
            findTextLimit()
        case .page: cursor = RowAnswer.Cursor(kind, text.text)
        case .document: break
        }
    }

    mutating func skipped() {
        // Of the rows that are read, only lists are skipped.
        guard place == .rows else { return }
        tally.add(tally.rows < RowPageBuilder.maxRows ? RowLack(noRow: .list) : nil)
        findTextLimit()
    }
}
