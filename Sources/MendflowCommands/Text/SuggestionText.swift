import MendflowBacktest
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

    /// What a policy alone would have done.
    static func figures(_ line: BacktestReport.Line) -> String {
        let requests = line.requests.values.reduce(0) { $0 + $1.asObserved }
        let saved = line.medianSaved.map { ", \(BacktestText.words($0)) earlier than people (median)" } ?? ""
        return
            "\(requests.words("request", "requests")) for \(line.acted.asObserved) of them, healed \(BacktestText.range(line.healed))"
            + "\(saved), \(line.mayRepeat.words("retry", "retries")) may have repeated a deed."
    }
}
