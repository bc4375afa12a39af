import MendflowBacktest
import MendflowCore
import MendflowOperations

/// Suggested policies for programs.
struct SuggestionJSON: Encodable {
    struct Policy: Encodable {
        var name: String
        var workflow: String
        var why: [String]
        var yaml: String
        var backtest: BacktestJSON.Line
        var backtestIfRepeated: BacktestJSON.Line?
    }
    /// How many failed runs were left out, and why.
    struct LeftOut: Encodable {
        var tooRare: Int
        var seldomOver: Int
        var withoutData: Int
    }
    /// Which time the history reaches over; nil where none of it tells a time.
    var span: BacktestJSON.Span?
    var executions: Int
    var basis: BacktestJSON.Basis
    var leftOut: LeftOut
    var policies: [Policy]
    var remarks: [String]
    var retries: RetrySendersJSON
    var damage: HistoryDamageJSON?

    init(_ it: Suggesting.Outcome) {
        span = it.span.map { BacktestJSON.Span(from: $0.lowerBound.rfc3339, to: $0.upperBound.rfc3339) }
        executions = it.executions
        basis = BacktestJSON.Basis(it.basis)
        leftOut = LeftOut(tooRare: it.tooRare, seldomOver: it.seldomOver, withoutData: it.unknown)
        remarks = it.remarks
        retries = RetrySendersJSON(it.senders)
        damage = HistoryDamageJSON(it.findings)
        policies = it.policies.map { one in
            Policy(
                name: one.suggestion.name, workflow: one.suggestion.workflow, why: one.suggestion.why,
                yaml: one.suggestion.yaml, backtest: BacktestJSON.Line(one.line),
                backtestIfRepeated: one.lineIfRepeated.map { BacktestJSON.Line($0) })
        }
    }
}
