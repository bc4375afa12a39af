import MendflowBacktest
import MendflowCore
import MendflowHistory
import MendflowOperations
import MendflowText

/// Suggested policies as a policy file, the reasons as comments.
enum SuggestionText {
    static func render(_ it: Suggesting.Outcome) -> TextReport {
        let (policies, remarks) = (it.policies, it.remarks)
        var lines = [
            "# Policies that this history speaks for. All are in dry-run: read them, keep what you want, and try the file",
            "# with `mendflow backtest` before anything is enforced.",
        ]
        lines += basis(it).map { "# \($0)" }
        if let words = it.senders.words { lines.append("# Retries: \(words).") }
        if let damage = HistoryText.leftOut(it.findings) { lines.append("# \(damage.what): \(damage.which)") }
        if policies.isEmpty {
            let known = it.unknown == 0 ? "nothing" : "nothing of which the cause is known"
            lines.append("# There is none: \(known) failed at least three times in a way that passes by itself.")
        } else {
            lines.append("policies:")
        }
        for policy in policies {
            lines.append("  # --- \(policy.suggestion.workflow)")
            lines += policy.suggestion.why.map { "  # \($0)" }
            lines.append("  # Backtest: \(figures(policy.line))")
            if let bold = policy.lineIfRepeated { lines.append("  # With `repeats: allow`: \(figures(bold))") }
            lines += policy.suggestion.yaml.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines.append("")
        }
        if !remarks.isEmpty {
            lines.append("# No policy for these:")
            lines += remarks.map { "# - \($0)" }
        }
        return TextReport(lines.map { ReportLine(StyledText($0)) })
    }

    /// By what the figures were reckoned, and of which failures none are told.
    private static func basis(_ it: Suggesting.Outcome) -> [String] {
        let span = it.span.map { " from \($0.lowerBound.rfc3339) to \($0.upperBound.rfc3339)" } ?? ""
        let left = [
            (it.tooRare, "of kinds that happened less than three times each"),
            (it.seldomOver, "of kinds that were over by the next run or retry in less than half of the cases"),
            (it.unknown, "of which the history lacks the data"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return [
            "Out of \(it.executions.words("execution", "executions"))\(span). Each backtest is of its policy alone, with the runs of its workflow,",
            "as if it were enforced; \(it.basis.words).",
        ] + (it.policies.isEmpty ? [] : ["A..b..c: if all retries fail .. as observed .. if all succeed."])
            + (left.isEmpty ? [] : ["Left out of failed runs: \(left.joined(separator: ", "))."])
    }

    /// What a policy alone would have done.
    static func figures(_ line: BacktestReport.Line) -> String {
        let requests = line.requests.values.reduce(0) { $0 + $1.asObserved }
        return
            "\(requests.words("request", "requests")) for \(line.acted.asObserved) of them, healed \(BacktestText.range(line.healed))"
            + "\(BacktestText.earlierThanPeople(line)), \(line.mayRepeat.words("retry", "retries")) may have repeated a deed."
    }
}
