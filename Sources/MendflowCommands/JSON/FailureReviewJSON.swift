import MendflowCore
import MendflowReview

/// A failure's judgement as JSON.
struct FailureReviewJSON: Encodable {
    struct Wait: Encodable { var until: String }

    var execution: String, status: String, node: String?, nodeType: String?
    var errorClass: String?, rule: String?, seen: [String], unreadable: String?
    var repeatRisk: ExplanationJSON.Risk, wait: Wait?

    init(_ it: FailureReview) {
        execution = it.failure.execution.id.text
        status = it.failure.execution.status.rawValue
        node = it.failure.detail.lastNode?.name
        nodeType = it.failure.detail.lastNode?.type
        if case .known(let known) = it.classification { (errorClass, rule) = (known.errorClass.rawValue, known.ruleID) }
        seen = it.seen
        unreadable = it.failure.detail.readability.trouble
        repeatRisk = ExplanationJSON.Risk(it.risk)
        wait = it.earliestRetry.map { Wait(until: $0.rfc3339) }
    }
}
