import MendflowBacktest
import MendflowCore
import MendflowText

/// What policies' authors expect of a backtest, for people: what is not so comes first.
enum ExpectationText {
    static func render(_ it: BacktestReport) -> TextReport {
        guard !it.expectations.isEmpty else { return [] }
        let failed = it.expectations.count { $0.holds == false }
        let title =
            failed == 0
            ? "What the policies expect is so"
            : "\(failed) of \(it.expectations.count.words("expectation", "expectations")) not met"
        return TextReport([.heading(title)] + sorted(it.expectations).map(line))
    }

    static func sorted(_ expectations: [BacktestReport.Expectation]) -> [BacktestReport.Expectation] {
        expectations.filter { $0.holds == false } + expectations.filter { $0.holds != false }
    }

    private static func line(_ one: BacktestReport.Expectation) -> ReportLine {
        let place = one.holds == false ? one.expectation.place.map { "  (\($0))" } ?? "" : ""
        return .row(
            of: "expectations", always: true,
            [
                one.holds == false ? StyledText("not met", .wrong) : one.holds == nil ? "nothing to judge" : "met",
                StyledText(one.policy),
                StyledText("\(one.expectation.measure.rawValue) \(one.expectation.wanted)"),
                StyledText(one.found.map { "\($0) \(one.expectation.measure.words)\(place)" } ?? "it retries none"),
            ])
    }
}
