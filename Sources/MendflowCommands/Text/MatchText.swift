import MendflowBacktest
import MendflowCore
import MendflowText

/// What policies match in a history, for people.
enum MatchText {
    /// A line a policy.
    static func render(_ it: MatchReport) -> TextReport {
        let span = "\(it.span.lowerBound.rfc3339Seconds) to \(it.span.upperBound.rfc3339Seconds)"
        var lines: [ReportLine] = [
            ReportLine(StyledText("\(it.executions.words("execution", "executions")) from \(span)", .heading)),
            "Executions that each policy matches at some moment. Guards, groups, exceptions, protections and the order of policies",
            "are not asked: mendflow backtest without --matches-only tells what would be done.", "",
            .row(of: "matches", always: true, ["policy", "matches", "unknown", "workflows"]),
        ]
        lines += it.policies.map { line in
            .row(
                of: "matches", always: true,
                [
                    StyledText(line.policy), "\(line.matched)",
                    line.unknown > 0 ? "\("\(line.unknown)", .held)" : "", StyledText(workflows(line)),
                ])
        }
        if !it.expecting.isEmpty {
            let names = it.expecting.joined(separator: ", ")
            let word = it.expecting.count == 1 ? "expects" : "expect"
            lines += ["", "Not checked here: what \(names) \(word), for `expect` is about what is done."]
        }
        let damage = HistoryText.leftOutLines(it.findings)
        if !damage.isEmpty { lines += [""] + damage }
        if it.withoutData > 0 {
            lines += [
                "",
                "\("\(it.withoutData.words("failed execution has", "failed executions have")) no data in the history", .held): what asks why they failed is unknown",
            ]
        }
        return TextReport(lines)
    }

    private static let mostWorkflows = 3

    private static func workflows(_ line: MatchReport.Line) -> String {
        let shown = line.workflows.prefix(mostWorkflows).map { "\($0.name ?? $0.id.text) \($0.matched)" }
        let more = line.workflows.count - shown.count
        return (shown + (more > 0 ? ["\(more) more"] : [])).joined(separator: ", ")
    }
}
