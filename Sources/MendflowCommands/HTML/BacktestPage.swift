import MendflowBacktest
import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview
import MendflowText

/// A backtest as a page that can be sent to somebody: one file, no script, nothing fetched.
struct BacktestPage {
    let report: BacktestReport
    /// Executions that are told in full.
    var examples: [BacktestExample] = []

    /// How many executions are told in full.
    static let mostExamples = 12
    /// The most actions that are shown one by one.
    private static let mostActions = 2000

    /// The page's markup.
    var html: String {
        let page: HTMLText = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Mendflow backtest</title><style>\(HTMLText.style)</style></head><body>
            <h1>\(BacktestText.sentence(report))</h1>
            <p class="note">\(report.span.lowerBound.rfc3339) to \(report.span.upperBound.rfc3339), \(report.executions.words("execution", "executions")); \
            every policy as if it were enforced, with all its guards\(report.basis.map { "; \($0.words)" } ?? "").</p>
            \(numbers)
            \(expectations)
            \(disagreements)
            \(BacktestExamplesPage(report: report, examples: examples).html)
            \(BacktestStripsPage(report: report).html)
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
            ("\(report.failures)", report.failures == 1 ? "run failed" : "runs failed"),
            ("\(total.acted.asObserved)", total.acted.asObserved == 1 ? "chain acted on" : "chains acted on"),
            ("\(total.healed.asObserved)", "healed, between \(total.healed.allFail) and \(total.healed.allHeal)"),
            (BacktestText.saved(total), "\(BacktestText.earlier(total.saved.count))"),
            (
                "\(total.mayRepeat)",
                total.mayRepeat == 1 ? "retry that may repeat a deed" : "retries that may repeat a deed"
            ),
        ]
        let stops = BacktestText.stops(total.stops).map { words -> HTMLText in
            "<p>\(total.stops.all) would have been stopped: \(words).</p>"
        }
        let items = cells.map { number, words -> HTMLText in "<li><b>\(number)</b><span>\(words)</span></li>" }
        let damage = HistoryText.leftOut(report.findings).map { words -> HTMLText in
            "<p><b class=\"bad\">\(words.what)</b>: \(words.which)</p>"
        }
        return "<ul class=\"numbers\">\(HTMLText.all(items))</ul>\(stops ?? "")\(damage ?? "")"
    }

    /// What policies' authors expect; what is not so comes first.
    private var expectations: HTMLText {
        guard !report.expectations.isEmpty else { return "" }
        let rows = ExpectationText.sorted(report.expectations).map { one -> HTMLText in
            let verdict: HTMLText =
                one.holds == false ? "<b class=\"bad\">not met</b>" : one.holds == nil ? "nothing to judge" : "met"
            return """
                <tr><td>\(verdict)</td><td>\(one.policy)</td><td>\(one.expectation.measure.rawValue) \
                \(one.expectation.wanted)</td><td class="n">\(one.found.map(String.init) ?? "-")</td>\
                <td>\(one.expectation.measure.words)</td></tr>
                """
        }
        return """
            <h2>What the policies expect</h2>
            <div class="scroll"><table><tr><th></th><th>policy</th><th>expected</th><th>found</th><th></th></tr>\(HTMLText.all(rows))</table></div>
            """
    }

    private var disagreements: HTMLText {
        guard !report.disagreements.isEmpty else {
            return "<h2>Disagreements</h2><p>People and policies agree about every chain that either retried.</p>"
        }
        let parts = BacktestReport.Disagreement.Kind.allCases.compactMap { kind -> HTMLText? in
            let groups = report.disagreements.filter { $0.kind == kind }
            guard !groups.isEmpty else { return nil }
            let rows = groups.map { group -> HTMLText in
                let words = BacktestText.reason(group)
                let wide: HTMLText = words.isEmpty ? "" : " class=\"w\""
                return """
                    <tr><td class="n">\(group.chains.count)</td><td>\(report.name(group.workflow))</td>\
                    <td>\(group.errorClass?.rawValue ?? "")</td><td>\(group.policy ?? "")</td><td\(wide)>\(words)</td>\
                    <td class="n">\(group.healed)</td>\
                    <td>\(group.chains.prefix(5).map(\.text).joined(separator: ", "))</td></tr>
                    """
            }
            let count = groups.reduce(0) { $0 + $1.chains.count }
            let why = kind == .peopleOnly ? "why not" : ""
            return """
                <h3>\(count.words("chain", "chains")) \(kind.words(of: report.policies.count))</h3>
                <div class="scroll"><table><tr><th>chains</th><th>workflow</th><th>error</th><th>policy</th><th>\(why)</th><th>healed by people</th>\
                <th>for example</th></tr>\(HTMLText.all(rows))</table></div>
                """
        }
        return "<h2>Where people and policies disagree</h2>\(HTMLText.all(parts))"
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
                <td>\(BacktestText.fates(line.fates))</td></tr>
                """
        }
        return """
            <h2>Policies</h2><div class="scroll"><table><tr><th></th><th>owned</th><th>acted on</th><th>healed</th><th>given up</th>\
            <th>saved</th><th>may repeat</th><th>not acted on</th>\
            <th>what really became of them</th></tr>\(HTMLText.all(rows))</table></div>
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
        let more: HTMLText = left > 0 ? "<p>and \(left) more, which --output json has</p>" : ""
        return """
            <h2>Everything that would have been sent</h2>
            <div class="scroll"><table><tr><th>when</th><th>execution</th><th>workflow</th><th>policies</th><th>request</th><th>error</th>\
            <th>repeat risk</th><th>as observed</th></tr>\(HTMLText.all(rows))</table></div>
            \(more)
            """
    }
}
