import MendflowCore
import MendflowLedger
import MendflowOperations

/// What the ledger knows of an execution that n8n does not show, as JSON.
struct VanishedExecutionJSON: Encodable {
    struct Record: Encodable { var sequence: Int64, at: String, kind: String, policy: String?, words: String }
    struct Request: Encodable {
        var intent: Int64, at: String, action: String, execution: String, state: String, policy: String, note: String?
    }
    struct Gap: Encodable { var missingAt: String, words: String, lastRecord: String? }

    var asked: String, instance: String, memory: String, isShown: Bool, unreachable: String?
    var records: [Record], requests: [Request], gap: Gap?

    init(_ it: VanishedExecution) {
        asked = it.execution.text
        instance = it.instance
        memory = "ledger"
        isShown = false
        unreachable = it.unreached
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
        gap = it.gap.map { Gap(missingAt: $0.to.rfc3339, words: $0.summary, lastRecord: $0.from?.rfc3339) }
    }
}
