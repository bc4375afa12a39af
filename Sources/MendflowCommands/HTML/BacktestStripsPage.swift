import MendflowBacktest
import MendflowCore
import MendflowHTML

/// A month on a page: a strip per workflow, our actions above the line, people's below, failures as a mark on it.
struct BacktestStripsPage {
    let report: BacktestReport

    private static let (half, axis) = (30, 14)

    /// How wide a day is: a month and more fit side by side, and of a few days both dates do.
    private var width: Int {
        let days = max(1, report.strips.first?.failed.count ?? 1)
        return min(60, max(12, 372 / days))
    }

    var html: HTMLText {
        guard report.strips.contains(where: { $0.failed.count > 1 }) else { return "" }
        let most = report.strips.flatMap { $0.ours + $0.people }.max() ?? 1
        let rows = report.strips.map { strip -> HTMLText in
            """
            <tr><th>\(report.name(strip.workflow))</th><td>\(chart(strip, most))</td>\
            <td class="n">\(strip.failed.reduce(0, +)) failed, \(strip.ours.reduce(0, +)) ours, \
            \(strip.people.reduce(0, +)) people's</td></tr>
            """
        }
        return """
            <h2>By day</h2><p class="note key"><i style="background:var(--o)"></i>what these policies would have sent \
            <i style="background:var(--p)"></i>what people retried <i style="background:var(--f)"></i>something failed; \
            a bar a day, the tallest \(most)</p>
            <table class="strips">\(HTMLText.all(rows))</table>
            """
    }

    /// A day of the span, as people write it.
    private func date(_ day: Int) -> String {
        String((report.span.lowerBound + .days(Int64(day))).rfc3339.prefix(10))
    }

    private func chart(_ strip: BacktestReport.Strip, _ most: Int) -> HTMLText {
        let half = Self.half
        func height(_ count: Int) -> Int { count == 0 ? 0 : max(2, count * (half - 2) / max(1, most)) }
        var bars: [HTMLText] = []
        for day in strip.failed.indices {
            let (ours, people, failed) = (strip.ours[day], strip.people[day], strip.failed[day])
            guard ours + people + failed > 0 else { continue }
            let place = day * width
            bars.append(
                """
                <g><title>\(date(day)): \(failed) failed, \(ours) ours, \(people) people's</title>\
                \(bar("f", place, half - 1, failed == 0 ? 0 : 2))\(bar("o", place, half - 2 - height(ours), height(ours)))\
                \(bar("p", place, half + 2, height(people)))</g>
                """)
        }
        let days = strip.failed.count
        let (wide, high) = (days * width, 2 * half + Self.axis)
        return """
            <svg width="\(wide)" height="\(high)" viewBox="0 0 \(wide) \(high)" role="img" aria-label="what failed, what we \
            would have sent and what people retried, by day, for \(report.name(strip.workflow))">\(HTMLText.all(bars))\
            <text class="axis" x="0" y="\(high - 2)">\(date(0))</text>\
            <text class="axis" x="\(wide - 3)" y="\(high - 2)" text-anchor="end">\(date(days - 1))</text></svg>
            """
    }

    /// A bar of some colour; nothing where it has no height.
    private func bar(_ colour: String, _ x: Int, _ y: Int, _ height: Int) -> HTMLText {
        guard height > 0 else { return "" }
        return "<rect class=\"\(colour)\" x=\"\(x)\" y=\"\(y)\" width=\"\(width - 3)\" height=\"\(height)\"/>"
    }
}
