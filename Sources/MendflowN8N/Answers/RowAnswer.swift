internal import MendflowCore

/// Reads execution rows.
enum RowAnswer {
    static let members: [String: JSONPlan] = [
        "id": .word, "workflowId": .word, "status": .word, "mode": .word, "retryOf": .word, "retrySuccessId": .word,
        "createdAt": .word, "startedAt": .word, "stoppedAt": .word, "waitTill": .word,
    ]
    static let row = JSONPlan.object(members)
    /// A page of the list; more rows than n8n can send at once are too many to keep.
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

    /// Every row has a mode; one that is missing or no text is not known, which is not the same as any other mode.
    private static func mode(_ tree: JSONTree?) -> ExecutionMode {
        guard case .text(let word, true) = tree else { return .unread }
        return ExecutionMode(word)
    }

    /// Whether a member that is an id, null or empty is something else, or is not there.
    private static func hidesID(_ tree: JSONTree?) -> Bool {
        switch tree {
        case .null, .text("", true): false
        case let id?: id.word == nil
        case nil: true
        }
    }

    /// A page; nil where it is none, a single bad row included: a row that is lost would be missed for ever.
    static func page(_ answer: Answer) -> ExecutionPage? {
        guard let tree = answer.json, let data = tree["data"], let rows = data.items, rows.count == data.elementCount,
            let cursor = Cursor(tree["nextCursor"])
        else { return nil }
        let executions = rows.compactMap(execution)
        guard executions.count == rows.count else { return nil }
        return ExecutionPage(
            executions: executions, nextCursor: cursor.text, serverTime: answer.serverTime, bytes: answer.received)
    }

    /// The cursor of the next page. n8n always names it; where it is missing nothing says that the list ends here.
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
