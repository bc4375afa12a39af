internal import MendflowCore

/// Why the rows of a page cannot be read: names the first row that lacks a member that every row of its kind has.
///
/// One such row makes the page unusable (see `RowAnswer.page`), so whoever reads the message must be able to find it.
struct PageFault {
    /// Which row lacks what.
    let words: String
    /// Whether most of the rows are as n8n sends them. Then the server is n8n with an odd row, otherwise it is probably
    /// no n8n at all.
    let isOfN8N: Bool

    /// The fault in the answer to a call; nil where its rows are not the trouble.
    init?(_ tree: JSONTree?, of call: Call) {
        guard let tree, let kind = Kind(call) else { return nil }
        let rows = kind.isPage ? tree["data"]?.items ?? [] : tree.members == nil ? [] : [tree]
        let odd = rows.indices.compactMap { index in kind.lack(rows[index]).map { (index, $0) } }
        guard let (index, lack) = odd.first else { return nil }
        let place = kind.isPage ? "\(kind.noun) \(index + 1) of \(rows.count) in the answer" : "the answer"
        let id = rows[index]["id"]?.word.map { " (id \($0))" } ?? ""
        let more = odd.count > 1 ? ", and so for \(odd.count - 1) more" : ""
        words = "\(place)\(id) has \(lack)\(more): without it nothing can be told of it, so that the answer is not used"
        isOfN8N = kind.isPage && odd.count * 2 < rows.count
    }

    private enum Kind {
        case executions, execution, workflows

        init?(_ call: Call) {
            switch call.path {
            case ["executions"]: self = .executions
            case ["workflows"]: self = .workflows
            default:
                guard call.path.count == 2, call.path[0] == "executions" else { return nil }
                self = .execution
            }
        }

        var isPage: Bool { self != .execution }
        var noun: String { self == .workflows ? "workflow" : "row" }

        /// The first member that is missing or odd, in words.
        func lack(_ row: JSONTree) -> String? {
            guard row.members != nil else { return "no members: it is \(row.kindWords)" }
            let words = self == .workflows ? ["id"] : ["id", "workflowId", "status"]
            if let key = words.first(where: { row[$0]?.word == nil }) { return PageFault.lack(key, row[key]) }
            guard self == .workflows else { return nil }
            if row["name"]?.text == nil { return PageFault.lack("name", row["name"]) }
            return row["active"]?.bool == nil ? PageFault.lack("active", row["active"]) : nil
        }
    }

    private static func lack(_ key: String, _ found: JSONTree?) -> String {
        found.map { "\($0.kindWords) as its `\(key)`" } ?? "no `\(key)`"
    }
}

extension JSONTree {
    /// What kind of value it is, in words.
    fileprivate var kindWords: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .text("", _): "an empty text"
        case .text(_, let whole): whole ? "a text" : "a text that is too long"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
