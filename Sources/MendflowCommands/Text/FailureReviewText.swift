import MendflowCore
import MendflowReview
import MendflowText

/// A failure's judgement for people.
enum FailureReviewText {
    static func render(_ it: FailureReview) -> TextReport {
        let (execution, detail) = (it.failure.execution, it.failure.detail)
        let ending = execution.status.isLive ? "is" : "ended as"
        var lines: [ReportLine] = [
            "execution \(execution.id) \(ending) \(execution.status.rawValue)\(node(detail.lastNode))"
        ]
        if let trouble = detail.readability.trouble { lines.append("data    \(trouble)") }
        switch it.classification {
        case .known(let known):
            lines.append("class   \(known.errorClass.rawValue): \(known.errorClass.meaning)")
            lines.append("rule    \(known.ruleID)\(it.stage.map { ", of \"\($0.title)\"" } ?? "")")
            lines += it.seen.map { "        saw \($0)" }
        case .absent: lines.append("class   none: the execution has not failed")
        case .unknown, .needs: lines.append("class   not known: the data does not show enough of the error")
        }
        lines.append("risk    \(it.risk.risk.rawValue) (\(it.risk.ruleID)): \(it.risk.why)")
        lines.append("start   \(it.risk.start.summary)")
        if execution.status.isFailed {
            let wait = it.earliestRetry.map { "nothing is sent before \($0.rfc3339)" }
            lines.append("wait    \(wait ?? "the error names no time")")
        }
        return TextReport(lines)
    }

    private static func node(_ node: NodeEvidence?) -> String {
        node.map { " at '\($0.name)'\($0.type.map { " (\($0))" } ?? "")" } ?? ""
    }
}
