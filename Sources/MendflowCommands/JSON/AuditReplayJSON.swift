import MendflowCore
import MendflowLedger
import MendflowOperations

/// Decisions that were made again, as JSON.
struct AuditReplayJSON: Encodable {
    struct Part: Encodable {
        var policy: String?
        var verdict: String
        var request: String?
        var why: String?
    }
    struct Difference: Encodable {
        var record: Int64
        var execution: String
        var recorded: [Part]
        var again: [Part]
    }
    var decisions: Int
    var differences: [Difference]

    init(_ it: AuditReplay) {
        decisions = it.made
        differences = it.differences.map {
            Difference(
                record: $0.number, execution: $0.execution, recorded: $0.recorded.map(Part.init),
                again: $0.again.map(Part.init))
        }
    }
}

extension AuditReplayJSON.Part {
    fileprivate init(_ it: DecidedExecution.Part) {
        self.init(policy: it.verdict.policy, verdict: it.label, request: it.request, why: it.why)
    }
}
