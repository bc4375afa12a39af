internal import MendflowCore

/// Reads execution rows.
enum RowAnswer {
    static let members = Dictionary(uniqueKeysWithValues: RowMember.allCases.map { ($0.rawValue, JSONPlan.word) })
    static let row = JSONPlan.object(members)
    static let program = JSONProgram(row)

    /// A row; nil where a member that every row has is missing.
    static func execution(_ tree: JSONTree) -> Execution? { draft(tree).execution }

    private static func draft(_ tree: JSONTree) -> RowDraft {
        var draft = RowDraft()
        var words = RowWords(workflows: 1)
        for member in RowMember.allCases {
            guard let value = tree[member.rawValue] else { continue }
            let text = value.written ?? ""
            draft.set(member, JSONKind(value), text.utf8.span, &words)
        }
        return draft
    }

    /// Times of a row that are none.
    static func unreadTimes(_ tree: JSONTree) -> [SavedAnswers.UnreadTime] {
        RowMember.times.compactMap { member in
            guard let value = tree[member.rawValue] else { return nil }
            let (kind, text) = (JSONKind(value), value.written ?? "")
            guard kind != .null, RowDraft.time(kind, text.utf8.span) == nil else { return nil }
            let written = kind == .text ? "\"\(text)\"" : kind == .number ? text : kind.phrase
            return SavedAnswers.UnreadTime(member: member.rawValue, written: written)
        }
    }

    /// The one row of an answer, as a tally; an answer that is no object has none.
    static func tally(_ tree: JSONTree) -> RowTally {
        var tally = RowTally()
        if tree.members != nil { tally.add(draft(tree).lack) }
        return tally
    }

    /// A page; nil if the answer is none. A single unreadable row makes the whole page unusable: if only that row were
    /// left out, its execution would be missed for ever and nobody would know.
    static func page(_ answer: Answer) -> ExecutionPage? {
        guard let page = answer.rows?.page else { return nil }
        return ExecutionPage(
            executions: page.executions, nextCursor: page.next, serverTime: answer.serverTime, bytes: answer.received)
    }

    /// The cursor of the next page. n8n always sends the member, with null at the end of the list. If it is missing,
    /// nothing says whether the list ends here, and the page is not believed.
    struct Cursor {
        let text: String?

        init?(_ tree: JSONTree?) {
            guard let tree else { return nil }
            self.init(JSONKind(tree), tree.written ?? "")
        }

        init?(_ kind: JSONKind, _ cursor: String) {
            switch kind {
            case .null, .emptyText: text = nil
            case .text: text = cursor
            default: return nil
            }
        }
    }
}
