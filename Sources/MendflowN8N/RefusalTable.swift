internal import MendflowCore

/// One recorded refusal of n8n's: status and message that prove that a mutation did nothing (semantics 29b).
struct Refusal: Sendable {
    /// The refusal's name, which the ledger keeps.
    let name: String
    let status: Int
    /// Which mutations it is an answer to; empty means any of them.
    let of: Set<ActionKind>
    /// The whole message. `{id}` stands for the id that was sent, `{status}` for one of n8n's statuses, `{index}` for a
    /// number.
    let message: String
    /// What it means for later tries.
    let scope: RefusalScope

    init(
        _ name: String, _ status: Int, _ of: Set<ActionKind> = [], _ message: String, scope: RefusalScope? = nil
    ) {
        self.name = name
        self.status = status
        self.of = of
        self.message = message
        self.scope = scope ?? Refusal.scope(of: status)
    }

    private static func scope(of status: Int) -> RefusalScope {
        switch status {
        case 401, 403: .action
        case 404, 409: .execution
        default: .thisTry
        }
    }
}

/// The recorded refusals of n8n 2.41.1, and where they differ those of 2.35.7 and 2.27.5 (`before_2_41`) and of 1.123.81
/// (`before_2`).
///
/// A message that stands here proves that nothing was done, and lets a retry be sent again: nothing may be added that was
/// not recorded from a server.
enum RefusalTable {
    static let all: [Refusal] = [
        Refusal("unauthorized", 401, "Unauthorized"),
        Refusal("unauthorized.before_2_41", 401, "unauthorized"),
        Refusal("key_missing.before_2_41", 401, "'X-N8N-API-KEY' header required"),
        Refusal("forbidden", 403, "Forbidden"),

        Refusal("retry.gone", 404, [.retry], "The execution with the ID \"{id}\" does not exist."),
        Refusal("retry.succeeded", 409, [.retry], "The execution succeeded, so it cannot be retried."),
        Refusal(
            "retry.succeeded.before_2", 400, [.retry], "The execution succeeded, so it cannot be retried.",
            scope: .execution),
        Refusal(
            "retry.queued", 409, [.retry],
            "Execution is queued to run (not yet started) so it cannot be retried"),
        Refusal("retry.bad_id", 400, [.retry], "request/params/executionId must be a positive integer"),
        Refusal("retry.bad_id.before_2_41", 400, [.retry], "request/params/id must be number"),
        Refusal("retry.bad_body", 400, [.retry], "request/body/loadWorkflow Expected boolean, received string"),
        Refusal("retry.bad_body.before_2_41", 400, [.retry], "request/body/loadWorkflow must be boolean"),

        Refusal("stop.gone", 404, [.stop], "Failed to find execution to stop"),
        Refusal(
            "stop.ended", 409, [.stop],
            "Only running or waiting executions can be stopped and {id} is currently {status}"),

        Refusal("tags.gone", 404, [.tag], "Not Found"),
        Refusal("tags.unknown_tag", 404, [.tag], "Some tags not found"),
        Refusal("tags.no_id", 400, [.tag], "request/body/{index} must have required property 'id'"),
        Refusal("tags.bad_body", 400, [.tag], "request/body Expected array, received object"),
        Refusal("tags.bad_body.before_2_41", 400, [.tag], "request/body must be array"),

        Refusal("stop_many.no_workflow", 404, [.bulkStop], "Workflow not found or not accessible"),
        Refusal("stop_many.no_status", 400, [.bulkStop], "request/body must have required property 'status'"),
        Refusal("stop_many.empty_status", 400, [.bulkStop], "request/body/status must include at least one status"),
        Refusal(
            "stop_many.bad_status", 400, [.bulkStop],
            "request/body/status/{index} Invalid enum value. Expected 'queued' | 'running' | 'waiting',"
                + " received '{status}'"),
        Refusal("stop_many.bad_date", 400, [.bulkStop], "request/body/startedBefore Invalid datetime"),
        Refusal(
            "stop_many.empty_status.before_2_41", 400, [.bulkStop],
            "Status filter is required. Please provide at least one status to stop executions."),
        Refusal(
            "stop_many.bad_status.before_2_41", 400, [.bulkStop],
            "request/body/status/{index} must be equal to one of the allowed values: queued, running, waiting"),
        Refusal(
            "stop_many.bad_date.before_2_41", 400, [.bulkStop],
            "request/body/startedBefore must match format \"date-time\""),
        Refusal("stop_many.no_body", 415, [.bulkStop], "unsupported media type undefined"),

        Refusal("delete.gone", 404, [.delete], "Not Found"),
        Refusal("delete.running", 400, [.delete], "Cannot delete a running execution"),

        Refusal(Proof.notOffered + ".stop", 404, [.stop], "not found", scope: .thisTry),
        Refusal(Proof.notOffered + ".tags", 404, [.tag], "not found", scope: .thisTry),
        Refusal(Proof.notOffered + ".stop_many", 405, [.bulkStop], "POST method not allowed"),
    ]

    /// The refusal that a whole answer of n8n's is; nil for every other answer, which proves nothing.
    static func refusal(of mutation: ActionKind, id: String, status: Int, message: String) -> Refusal? {
        all.first { refusal in
            refusal.status == status && (refusal.of.isEmpty || refusal.of.contains(mutation))
                && matches(message[...], refusal.message[...], id: id)
        }
    }

    private static let statuses = [
        "canceled", "crashed", "error", "new", "running", "success", "unknown", "waiting",
    ]

    private static func matches(_ message: Substring, _ template: Substring, id: String) -> Bool {
        guard let open = template.firstIndex(of: "{"), let close = template[open...].firstIndex(of: "}") else {
            return message == template
        }
        let literal = template[..<open]
        guard message.hasPrefix(literal) else { return false }
        let rest = message.dropFirst(literal.count)
        let following = template[template.index(after: close)...]
        let candidates: [String] =
            switch template[template.index(after: open)..<close] {
            case "id": [id]
            case "status": statuses
            case "index": [String(rest.prefix { ("0"..."9").contains($0) })].filter { !$0.isEmpty }
            default: []
            }
        return candidates.contains { candidate in
            rest.hasPrefix(candidate) && matches(rest.dropFirst(candidate.count), following, id: id)
        }
    }
}

extension Refusal {
    fileprivate init(_ name: String, _ status: Int, _ message: String) { self.init(name, status, [], message) }
}
