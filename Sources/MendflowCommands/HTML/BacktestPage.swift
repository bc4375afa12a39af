import MendflowBacktest
import MendflowCore
import MendflowReview

/// A backtest as a page that can be sent to somebody: one file, no script, nothing fetched.
struct BacktestPage {
    let report: BacktestReport

    /// The most actions that are shown one by one.
    private static let mostActions = 2000

    /// The page's markup.
    var html: String {
        let page: HTMLText = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Mendflow backtest</title><style>\(BacktestPage.style)</style></head><body>
            <h1>\(BacktestText.sentence(report))</h1>
            <p class="note">\(report.span.lowerBound.rfc3339) to \(report.span.upperBound.rfc3339), \(report.executions) executions; \
            every policy as if it were enforced, with all its guards.</p>
            \(numbers)
            \(disagreements)
            \(strips)
            \(policies)
            \(actions)
            <h2>What this cannot see</h2><ul>\(HTMLText.all(report.blindSpots.map { "<li>\($0)</li>" }))</ul>
            </body></html>

            """
        return page.markup
    }

    private var numbers: HTMLText {
        let total = report.total
        let cells: [(String, HTMLText)] = [
            ("\(report.failures)", "runs failed"),
            ("\(total.acted.asObserved)", "chains acted on"),
            ("\(total.healed.asObserved)", "healed, between \(total.healed.allFail) and \(total.healed.allHeal)"),
            (BacktestText.saved(total), "earlier than people (median)"),
            ("\(total.mayRepeat)", "retries that may repeat a deed"),
        ]
        let stops = BacktestText.stops(total.stops).map { words -> HTMLText in
            "<p>\(total.stops.all) would have been stopped: \(words).</p>"
        }
        let items = cells.map { number, words -> HTMLText in "<li><b>\(number)</b><span>\(words)</span></li>" }
        return "<ul class=\"numbers\">\(HTMLText.all(items))</ul>\(stops ?? "")"
    }

    private var disagreements: HTMLText {
        guard !report.disagreements.isEmpty else {
            return "<h2>Disagreements</h2><p>People and policies agree about every chain that either retried.</p>"
        }
        let parts = BacktestReport.Disagreement.Kind.allCases.compactMap { kind -> HTMLText? in
            let groups = report.disagreements.filter { $0.kind == kind }
            guard !groups.isEmpty else { return nil }
            let rows = groups.map { group -> HTMLText in
                let reason = Reason(rawValue: group.reason)
                let words = reason.map { BacktestText.reason(group, $0) } ?? ""
                return """
                    <tr><td class="n">\(group.chains.count)</td><td>\(report.name(group.workflow))</td>\
                    <td>\(group.errorClass?.rawValue ?? "")</td><td>\(group.policy ?? "")</td><td>\(words)</td>\
                    <td class="n">\(group.healed)</td>\
                    <td>\(group.chains.prefix(5).map(\.text).joined(separator: ", "))</td></tr>
                    """
            }
            let count = groups.reduce(0) { $0 + $1.chains.count }
            let why = kind == .peopleOnly ? "why not" : ""
            return """
                <h3>\(BacktestText.count(count, "chain", "chains")) \(kind.words)</h3>
                <table><tr><th>chains</th><th>workflow</th><th>error</th><th>policy</th><th>\(why)</th><th>healed by people</th>\
                <th>for example</th></tr>\(HTMLText.all(rows))</table>
                """
        }
        return "<h2>Where people and policies disagree</h2>\(HTMLText.all(parts))"
    }

    // MARK: - The month

    private var strips: HTMLText {
        guard report.strips.contains(where: { $0.failed.count > 1 }) else { return "" }
        let most = report.strips.flatMap { $0.ours + $0.people + $0.failed }.max() ?? 1
        let rows = report.strips.map { strip -> HTMLText in
            """
            <tr><th>\(report.name(strip.workflow))</th><td>\(chart(strip, most))</td>\
            <td class="n">\(strip.failed.reduce(0, +)) failed, \(strip.ours.reduce(0, +)) ours, \
            \(strip.people.reduce(0, +)) people's</td></tr>
            """
        }
        return """
            <h2>By day</h2><p class="note">What failed as a grey line, what these policies would have sent above it, what people retried below; from \(date(0)) to \(date((report.strips.first?.failed.count ?? 1) - 1)), a bar a day.</p>
            <table class="strips">\(HTMLText.all(rows))</table>
            """
    }

    /// A day of the span, as people write it.
    private func date(_ day: Int) -> String {
        String((report.span.lowerBound + .days(Int64(day))).rfc3339.prefix(10))
    }

    /// A workflow's days: our actions above the line, people's below, failures as a mark on it.
    private func chart(_ strip: BacktestReport.Strip, _ most: Int) -> HTMLText {
        let (width, half) = (12, 30)
        func height(_ count: Int) -> Int { count == 0 ? 0 : max(2, count * half / max(1, most)) }
        var bars: [HTMLText] = []
        for day in strip.failed.indices {
            let place = day * width
            let (ours, people, failed) = (strip.ours[day], strip.people[day], strip.failed[day])
            let title: HTMLText = "<title>\(date(day)): \(failed) failed, \(ours) ours, \(people) people's</title>"
            bars.append(
                """
                <g>\(title)<rect class="f" x="\(place)" y="\(half - 1)" width="\(failed == 0 ? 0 : width - 3)" height="3"/>\
                <rect class="o" x="\(place)" y="\(half - 2 - height(ours))" width="\(width - 3)" height="\(height(ours))"/>\
                <rect class="p" x="\(place)" y="\(half + 3)" width="\(width - 3)" height="\(height(people))"/></g>
                """)
        }
        let (w, h) = (strip.failed.count * width, 2 * half + 6)
        return """
            <svg width="\(w)" height="\(h)" viewBox="0 0 \(w) \(h)" role="img" aria-label="failures and retries by day">\
            \(HTMLText.all(bars))</svg>
            """
    }

    // MARK: - Policies and actions

    private var policies: HTMLText {
        let rows = (report.policies + [report.total]).map { line -> HTMLText in
            let held = line.notActed.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
                .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
            return """
                <tr><th>\(line.policy ?? "all")</th><td class="n">\(line.owned)</td><td class="n">\(line.acted.asObserved)</td>\
                <td class="n">\(BacktestText.range(line.healed))</td><td class="n">\(BacktestText.range(line.exhausted))</td>\
                <td class="n">\(BacktestText.saved(line))</td><td class="n">\(line.mayRepeat)</td><td>\(held)</td>\
                <td>\(line.fates.healedByPeople) / \(line.fates.nextRunSucceeded) / \(line.fates.canceled) / \
                \(line.fates.neverHealed)</td></tr>
                """
        }
        return """
            <h2>Policies</h2><table><tr><th></th><th>owned</th><th>acted on</th><th>healed</th><th>given up</th>\
            <th>saved</th><th>may repeat</th><th>not acted on</th>\
            <th>really: healed by people / next run succeeded / canceled / never</th></tr>\(HTMLText.all(rows))</table>
            <p class="note">Three numbers: if every retry fails, as the history suggests, if every retry succeeds.</p>
            """
    }

    private var actions: HTMLText {
        guard !report.actions.isEmpty else { return "" }
        let rows = report.actions.prefix(BacktestPage.mostActions).map { action -> HTMLText in
            """
            <tr><td>\(action.at.rfc3339)</td><td>\(action.subject)</td><td>\(report.name(action.workflow))</td>\
            <td>\(action.policies.joined(separator: ", "))</td><td><code>\(action.request)</code></td>\
            <td>\(action.errorClass?.rawValue ?? "") \(action.rule.map { "(\($0))" } ?? "")</td>\
            <td>\(action.risk?.rawValue ?? "")</td>\
            <td>\(action.succeeded.map { $0 ? "heals" : "fails again" } ?? "")</td></tr>
            """
        }
        let left = report.actions.count - min(report.actions.count, BacktestPage.mostActions)
        return """
            <h2>Everything that would have been sent</h2>
            <table><tr><th>when</th><th>execution</th><th>workflow</th><th>policies</th><th>request</th><th>error</th>\
            <th>repeat risk</th><th>as observed</th></tr>\(HTMLText.all(rows))</table>
            \(left > 0 ? "<p>and \(left) more, which --output json has</p>" : "")
            """
    }

    private static let style: HTMLText = """
        :root{color-scheme:light dark;--o:#1a7f37;--p:#0969da;--f:#8c959f}
        @media(prefers-color-scheme:dark){:root{--o:#3fb950;--p:#58a6ff;--f:#6e7681}}
        body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.4rem;max-width:50rem}h2{margin-top:2.5rem;font-size:1.15rem}h3{font-size:1rem}
        .note{opacity:.75}table{border-collapse:collapse;display:block;overflow-x:auto}
        td,th{padding:.25rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid #8884}
        .n{text-align:right;white-space:nowrap}code{font-size:.9em}
        .numbers{display:flex;flex-wrap:wrap;gap:1rem;padding:0;list-style:none}
        .numbers li{border:1px solid #8886;border-radius:.5rem;padding:.7rem 1rem;min-width:9rem}
        .numbers b{display:block;font-size:1.6rem}.strips th{white-space:nowrap}
        .o{fill:var(--o)}.p{fill:var(--p)}.f{fill:var(--f)}
        """
}
