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

        init(_ it: AuditReplay.Difference) {
            (record, execution) = (it.number, it.execution)
            (recorded, again) = (it.recorded.map(Part.init), it.again.map(Part.init))
        }
    }
    var decisions: Int
    var differences: [Difference]
    /// Those that were made by another configuration, with which nothing is wrong.
    var byOtherTerms: [Difference]?
    /// Decisions that lean on records that were sealed, and the newest of those segments.
    var notMade: Int?, segment: SegmentJSON?

    init(_ it: AuditReplay) {
        decisions = it.made
        differences = it.differences.map(Difference.init)
        byOtherTerms = it.byOtherTerms.isEmpty ? nil : it.byOtherTerms.map(Difference.init)
        if let sealed = it.segment { (notMade, segment) = (it.leaning, SegmentJSON(sealed)) }
    }
}

extension AuditReplayJSON.Part {
    fileprivate init(_ it: DecidedExecution.Part) {
        self.init(policy: it.verdict.policy, verdict: it.label, request: it.request, why: it.why)
    }
}
