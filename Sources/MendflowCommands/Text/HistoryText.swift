import MendflowCore
import MendflowHistory
import MendflowText

/// Histories for people.
enum HistoryText {
    /// How far an export is.
    static func progress(_ it: HistoryProgress) -> String {
        let back = it.oldest.map { " back to \($0.rfc3339)" } ?? ""
        guard it.detailsLeft > 0, it.left != nil else {
            return "\(it.rows.words("execution", "executions"))\(back) ..."
        }
        let left = it.left.map { ", about \(BacktestText.words($0)) left" } ?? ""
        return
            "\(it.rows.words("execution", "executions"))\(back), data of \(it.details), \(it.detailsLeft) to go\(left) ..."
    }

    static func render(_ it: HistoryProgress, folder: String) -> TextReport {
        let back = it.oldest.map { " back to \($0.rfc3339)" } ?? ""
        var lines = [
            "\(folder) holds \(it.rows.words("execution", "executions"))\(back), and the data of \(it.details)."
        ]
        if let words = it.senders?.words { lines.append("Retries: \(words).") }
        lines.append("Next: mendflow backtest --history \(folder.asShellWord)")
        return TextReport(lines.map { ReportLine(StyledText($0)) })
    }

    static func render(_ it: HistoryInfo) -> TextReport {
        var lines: [ReportLine] = [
            ReportLine(StyledText(span(it), .heading)),
            "  \(counts(it.statuses.map { ($0.key.rawValue, $0.value) }))",
        ]
        if !it.classes.isEmpty { lines.append("  failures: \(counts(it.classes.map { ($0.key, $0.value) }))") }
        lines.append("  data of \(it.details.words("execution", "executions"))")
        if it.withoutData > 0 {
            lines.append(
                "  \("\(it.withoutData) failed without their data", .held): nothing can be told of why they failed")
        }
        if it.missing > 0 {
            let ids = it.missing.words("id", "ids")
            let gaps = it.gaps.words("gap", "gaps")
            lines.append("  \(ids) in \(gaps) not there: not kept, deleted, or never shown")
        }
        if it.healedUnkept > 0 {
            let healed = it.healedUnkept.words("failed run was", "failed runs were")
            lines.append(
                "  \("\(healed) healed by a retry that is not there", .held): who sent it and when is not known")
        }
        if let words = it.senders.words { lines.append("  \(words)") }
        if it.undated > 0 {
            lines.append("  \(it.undated.words("row tells", "rows tell") + " no time", .held)")
        }
        lines += findings(it.findings)
        if it.kept == .damaged {
            lines.append("  the columns beside the files were damaged: the files were read, and the columns made anew")
        }
        lines += [
            "", .heading("Workflows"),
            .row(of: "workflows", always: true, ["", "runs", "failed", "retries", "keeps", "why they failed"]),
        ]
        lines += it.workflows.map { workflow in
            .row(
                of: "workflows", always: true,
                [
                    StyledText(workflow.name ?? workflow.id.text), "\(workflow.runs)", "\(workflow.failed)",
                    "\(workflow.retries)", StyledText(saving(workflow)),
                    StyledText(counts(workflow.classes.map { ($0.key, $0.value) })),
                ])
        }
        return TextReport(lines)
    }

    /// How many of each kind are shown.
    private static let mostFindings = 5

    /// What could not be taken as it is written: how often, and the first places.
    private static func findings(_ it: HistoryFindings) -> [ReportLine] {
        HistoryFinding.Kind.allCases.filter { it.count($0) > 0 }.flatMap { kind -> [ReportLine] in
            let shown = it.first(kind).prefix(mostFindings)
            let title =
                switch kind {
                case .unreadableTime: it.count(kind).words("time cannot", "times cannot") + " be read"
                case .conflict:
                    it.count(kind).words("row contradicts", "rows contradict") + " an earlier one"
                case .damaged: damage(it)
                case .dataWithoutRow:
                    it.count(kind).words("execution has", "executions have") + " data and no row"
                }
            let left = it.count(kind) - shown.count
            return [ReportLine("  \(title, kind == .damaged ? .wrong : .held)")] + shown.map { "    \("\($0)")" }
                + (left > 0 ? ["    and \(left) more"] : [])
        }
    }

    private static func damage(_ it: HistoryFindings) -> String {
        it.count(.damaged).words("line cannot be read and is", "lines cannot be read and are")
            + " left out"
    }

    /// What is left out of something made of a history; nil where nothing is.
    static func leftOut(_ it: HistoryFindings) -> (what: String, which: String)? {
        guard let first = it.first(.damaged).first else { return nil }
        let more = it.count(.damaged) > 1 ? "; the others: mendflow history info" : ""
        return ("Of the history \(damage(it))", "\(first.place): \(first.words)\(more)")
    }

    /// The same as lines of a report.
    static func leftOutLines(_ it: HistoryFindings) -> [ReportLine] {
        leftOut(it).map { ["\($0.what, .wrong): \($0.which)"] } ?? []
    }

    private static func span(_ it: HistoryInfo) -> String {
        guard let span = it.span else {
            return "\(it.executions.words("execution", "executions")), none of which tells a time"
        }
        return
            "\(it.executions.words("execution", "executions")) from \(span.lowerBound.rfc3339) to \(span.upperBound.rfc3339)"
    }

    private static func counts(_ counts: [(String, Int)]) -> String {
        counts.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }

    /// What the settings say that it keeps, and where what is there says otherwise.
    private static func saving(_ it: HistoryInfo.Workflow) -> String {
        let words = settings(it)
        guard it.savesSuccesses != false, it.successesNotKept > 0 || it.succeeded == 0 && it.failed > 0 else {
            return words
        }
        let missing =
            it.successesNotKept == 0
            ? "no success is there"
            : "\(it.successesNotKept.words("success is", "successes are")) not there"
        return words.isEmpty ? missing : "\(words) by its settings, but \(missing)"
    }

    private static func settings(_ it: HistoryInfo.Workflow) -> String {
        switch (it.savesSuccesses, it.savesFailures) {
        case (false?, false?): "nothing"
        case (false?, _): "no successes"
        case (_, false?): "no failures"
        case (true?, true?): "all"
        default: ""
        }
    }
}
