internal import MendflowCore

/// Reads execution rows.
enum RowAnswer {
    static let members: [String: JSONPlan] = [
        "id": .word, "workflowId": .word, "status": .word, "mode": .word, "retryOf": .word, "retrySuccessId": .word,
        "createdAt": .word, "startedAt": .word, "stoppedAt": .word, "waitTill": .word,
    ]
    static let row = JSONPlan.object(members)
    /// A page of the list. The limit is far above the 250 rows that n8n sends at most; it only bounds memory.
    static let page = JSONPlan.object(["data": .array(row, keep: .first(10_000)), "nextCursor": .scalar(limit: 4096)])

    /// A row; nil where a member that every row has is missing.
    static func execution(_ tree: JSONTree) -> Execution? {
        guard let id = tree["id"]?.word, let workflow = tree["workflowId"]?.word, let status = tree["status"]?.word
        else { return nil }
        func time(_ key: String) -> Timestamp? { tree[key]?.text.flatMap { Timestamp(rfc3339: $0) } }
        let known = ExecutionStatus(api: status)
        return Execution(
            id: ExecutionID(id), workflow: WorkflowID(workflow), status: known, mode: mode(tree["mode"]),
            retryOf: tree["retryOf"]?.word.map { ExecutionID($0) },
            retrySuccess: tree["retrySuccessId"]?.word.map { ExecutionID($0) }, createdAt: time("createdAt"),
            startedAt: time("startedAt"), stoppedAt: time("stoppedAt"), waitTill: time("waitTill"),
            hidesRetryOf: hidesID(tree["retryOf"]), unrecognisedWord: known == .unrecognised ? status : nil)
    }

    /// The mode; `unread` if it is missing or is no text. Every row of n8n's has one, so a missing one is unknown
    /// (semantics 2) and must not be taken for any mode.
    private static func mode(_ tree: JSONTree?) -> ExecutionMode {
        guard case .text(let word, true) = tree else { return .unread }
        return ExecutionMode(word)
    }

    /// Whether a member that should be an id, null or an empty text is something else or is missing, so that nobody
    /// knows what it says.
    private static func hidesID(_ tree: JSONTree?) -> Bool {
        switch tree {
        case .null, .text("", true): false
        case let id?: id.word == nil
        case nil: true
        }
    }

    /// A page; nil if the answer is none. A single unreadable row makes the whole page unusable: if only that row were
    /// left out, its execution would be missed for ever and nobody would know.
    static func page(_ answer: Answer) -> ExecutionPage? {
        guard let tree = answer.json, let data = tree["data"], let rows = data.items, rows.count == data.elementCount,
            let cursor = Cursor(tree["nextCursor"])
        else { return nil }
        let executions = rows.compactMap(execution)
        guard executions.count == rows.count else { return nil }
        return ExecutionPage(
            executions: executions, nextCursor: cursor.text, serverTime: answer.serverTime, bytes: answer.received)
    }

    /// The cursor of the next page. n8n always sends the member, with null at the end of the list. If it is missing,
    /// nothing says whether the list ends here, and the page is not believed.
    struct Cursor {
        let text: String?

        init?(_ tree: JSONTree?) {
            switch tree {
            case .null: text = nil
            case .text(let cursor, true): text = cursor.isEmpty ? nil : cursor
            default: return nil
            }
        }
    }
}
