internal import MendflowCore

/// Why a row cannot be read: it lacks something that every row of its kind has.
struct RowLack: Sendable {
    /// What it has instead.
    let instead: String
    /// Its id, where it has one.
    let id: String?

    /// A member is missing, or of this kind.
    init(_ member: String, _ kind: JSONKind?, id: String? = nil) {
        instead = kind.map { "\($0.phrase) as its `\(member)`" } ?? "no `\(member)`"
        self.id = id
    }

    /// It is no row at all.
    init(noRow kind: JSONKind) {
        instead = "no members: it is \(kind.phrase)"
        id = nil
    }
}

/// How many rows an answer has, and which of them cannot be read.
struct RowTally: Sendable {
    private(set) var rows = 0
    private(set) var odd = 0
    private(set) var first: (row: Int, lack: RowLack)?

    /// Counts the next row, and what it lacks if it lacks anything.
    mutating func add(_ lack: RowLack?) {
        rows += 1
        guard let lack else { return }
        odd += 1
        if first == nil { first = (rows, lack) }
    }
}

/// Why the rows of a page cannot be read: names the first row that lacks a member that every row of its kind has.
///
/// One such row makes the page unusable (see `RowAnswer.page`), so whoever reads the message must be able to find it.
struct PageFault {
    /// Which row lacks what.
    let message: String
    /// Whether most of the rows are as n8n sends them. Then the server is n8n with an odd row, otherwise it is probably
    /// no n8n at all.
    let isOfN8N: Bool

    /// The fault in the answer to a call; nil where its rows are not the trouble.
    init?(_ answer: Answer, of call: Call) {
        let isPage: Bool
        let noun: String
        let tally: RowTally
        switch call.path {
        case ["executions"]:
            guard let rows = answer.rows else { return nil }
            (isPage, noun, tally) = (true, "row", rows.tally)
        case ["workflows"]:
            guard let tree = answer.json else { return nil }
            (isPage, noun, tally) = (true, "workflow", WorkflowAnswer.tally(tree))
        default:
            guard call.path.count == 2, call.path[0] == "executions", let tree = answer.json else { return nil }
            (isPage, noun, tally) = (false, "", RowAnswer.tally(tree))
        }
        guard let (row, lack) = tally.first else { return nil }
        let place = isPage ? "\(noun) \(row) of \(tally.rows) in the answer" : "the answer"
        let id = lack.id.map { " (id \($0))" } ?? ""
        let more = tally.odd > 1 ? ", and so for \(tally.odd - 1) more" : ""
        message =
            "\(place)\(id) has \(lack.instead)\(more): without it nothing can be told of it, so that the answer is not used"
        isOfN8N = isPage && tally.odd * 2 < tally.rows
    }
}
