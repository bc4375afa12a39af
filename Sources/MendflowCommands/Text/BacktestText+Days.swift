import MendflowBacktest
import MendflowCore
import MendflowText

// What failed and what was done on each day.
extension BacktestText {
    static func strips(_ it: BacktestReport, all: Bool) -> TextReport {
        guard let days = it.strips.first?.failed.count, days > 1 else { return [] }
        var lines: [ReportLine] = [
            .heading(
                "By day from \(it.span.lowerBound.rfc3339.prefix(10)): what failed, what \(it.policies.count == 1 ? "this policy" : "these policies") would have sent, what people retried"
            )
        ]
        let shown = all ? it.strips[...] : it.strips.prefix(most)
        for strip in shown {
            for (name, row) in [("failed", strip.failed), ("we", strip.ours), ("people", strip.people)] {
                let title = name == "failed" ? it.name(strip.workflow) : ""
                lines.append(
                    .row(
                        of: "days", always: true,
                        [
                            StyledText(title), StyledText(name), StyledText(chart(row)), "\(row.reduce(0, +))",
                        ]))
            }
        }
        if shown.count < it.strips.count {
            lines.append("  and \((it.strips.count - shown.count).words("more workflow", "more workflows")) (--all)")
        }
        return TextReport(lines)
    }

    /// A bar for each day; a dot where there is nothing.
    static func chart(_ days: [Int]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        guard let most = days.max(), most > 0 else { return String(repeating: "·", count: days.count) }
        return String(days.map { $0 == 0 ? "·" : bars[max(0, ($0 * bars.count + most - 1) / most - 1)] })
    }
}
