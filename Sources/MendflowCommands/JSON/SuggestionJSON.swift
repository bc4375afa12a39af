import MendflowBacktest
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
    var policies: [Policy]
    var remarks: [String]
    var retries: RetrySendersJSON
    var damage: HistoryDamageJSON?

    init(_ it: Suggesting.Outcome) {
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
