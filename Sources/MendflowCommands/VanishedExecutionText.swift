import MendflowCore
import MendflowLedger
import MendflowOperations

/// What the ledger knows of an execution that n8n does not show.
enum VanishedExecutionText {
    static func render(_ it: VanishedExecution) -> String {
        var lines = [
            "Execution \(it.execution) of \(it.instance): n8n has no such execution (not kept, or deleted)", "",
            "What the ledger knows",
        ]
        lines += it.entries.map { "  " + AuditText.line($0) }
        for intent in it.intents {
            let draft = intent.draft
            let what = draft.execution == it.execution ? draft.action.rawValue : "its run, of \(draft.execution)"
            lines.append(
                "  intent \(intent.id)  \(intent.reservedAt)  \(what)  \(intent.state.rawValue)  [\(draft.policy)]"
                    + (intent.note.map { "  (\($0))" } ?? ""))
        }
        guard let gap = it.gap else {
            return Console.lines(lines + ["", "Since when it is not there is not on record."])
        }
        lines += ["", "It was found missing at \(gap.to)\(gap.words.isEmpty ? "" : ": \(gap.words)")"]
        lines.append(
            gap.from.map { "  last on record at \($0); what became of it from then to \(gap.to) cannot be known" }
                ?? "  nothing about it is on record before; what became of it until then cannot be known")
        return Console.lines(lines)
    }
}

/// The same as JSON.
struct VanishedExecutionJSON: Encodable {
    struct Record: Encodable { var sequence: Int64, at: String, kind: String, policy: String?, words: String }
    struct Request: Encodable {
        var intent: Int64, at: String, action: String, execution: String, state: String, policy: String, note: String?
    }
    struct Gap: Encodable { var missingAt: String, words: String, lastRecord: String? }

    var asked: String, instance: String, memory: String, isShown: Bool
    var records: [Record], requests: [Request], gap: Gap?

    init(_ it: VanishedExecution) {
        asked = it.execution.text
        instance = it.instance
        memory = "ledger"
        isShown = false
        records = it.entries.map {
            Record(
                sequence: $0.sequence, at: $0.record.at.rfc3339, kind: $0.record.kind.rawValue,
                policy: $0.record.policy, words: AuditText.line($0))
        }
        requests = it.intents.map {
            Request(
                intent: $0.id.number, at: $0.reservedAt.rfc3339, action: $0.draft.action.rawValue,
                execution: $0.draft.execution.text, state: $0.state.rawValue, policy: $0.draft.policy, note: $0.note)
        }
        gap = it.gap.map { Gap(missingAt: $0.to.rfc3339, words: $0.words, lastRecord: $0.from?.rfc3339) }
    }
}
