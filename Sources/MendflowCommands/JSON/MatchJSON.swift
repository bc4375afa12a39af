import MendflowBacktest
import MendflowCore

/// What policies match in a history, for programs.
struct MatchJSON: Encodable {
    struct Workflow: Encodable {
        var id: String
        var name: String?
        var matched: Int
    }
    struct Policy: Encodable {
        var policy: String
        var matched: Int
        var unknown: Int
        var workflows: [Workflow]
    }
    var from: String
    var to: String
    var executions: Int
    var failedWithoutData: Int
    var policies: [Policy]
    /// Policies whose expectations are not checked here; nil where none has any.
    var expectNotChecked: [String]?
    var damage: HistoryDamageJSON?

    init(_ it: MatchReport) {
        (from, to) = (it.span.lowerBound.rfc3339, it.span.upperBound.rfc3339)
        (executions, failedWithoutData) = (it.executions, it.withoutData)
        expectNotChecked = it.expecting.isEmpty ? nil : it.expecting
        damage = HistoryDamageJSON(it.findings)
        policies = it.policies.map { line in
            Policy(
                policy: line.policy, matched: line.matched, unknown: line.unknown,
                workflows: line.workflows.map { Workflow(id: $0.id.text, name: $0.name, matched: $0.matched) })
        }
    }
}
