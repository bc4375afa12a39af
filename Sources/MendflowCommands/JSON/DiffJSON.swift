import MendflowBacktest
import MendflowCore

/// What other policies would have done otherwise, for programs.
struct DiffJSON: Encodable {
    struct Reached: Encodable {
        var workflow: String
        var workflowName: String
        var executions: Int
        var policies: [String]
    }
    struct Exposed: Encodable {
        var execution: String
        var workflow: String
        var reason: String
        var why: String
        var policy: String?
    }
    struct Reset: Encodable {
        var policy: String
        var gone: [String]
    }
    struct Change: Encodable {
        var old: BacktestJSON.Action?
        var new: BacktestJSON.Action?
    }

    /// Which time is counted, and how much longer both were lived through to see what only comes later.
    var span: BacktestJSON.Span
    var settledSeconds: Int64
    var basis: BacktestJSON.Basis?
    var hasChanges: Bool
    var reached: [Reached]
    var protectionsLost: [Exposed]
    var countersReset: [Reset]
    var added: [Change]
    var removed: [Change]
    var changed: [Change]
    var old: BacktestJSON.Line
    var new: BacktestJSON.Line
    var damage: HistoryDamageJSON?

    init(_ it: PolicyDiff) {
        span = BacktestJSON.Span(from: it.span.lowerBound.rfc3339, to: it.span.upperBound.rfc3339)
        settledSeconds = it.settling.milliseconds / 1000
        basis = it.new.basis.map { BacktestJSON.Basis($0) }
        hasChanges = it.hasChanges
        damage = HistoryDamageJSON(it.old.findings)
        reached = it.reached.map {
            Reached(
                workflow: $0.workflow.text, workflowName: it.new.name($0.workflow), executions: $0.executions,
                policies: $0.policies)
        }
        protectionsLost = it.exposed.map {
            Exposed(
                execution: $0.root.text, workflow: $0.workflow.text, reason: $0.reason.rawValue, why: $0.why,
                policy: $0.policy)
        }
        countersReset = it.resets.map { Reset(policy: $0.policy, gone: $0.gone) }
        func changes(_ changes: [PolicyDiff.Change]) -> [Change] {
            changes.map { Change(old: $0.old.map(BacktestJSON.Action.init), new: $0.new.map(BacktestJSON.Action.init)) }
        }
        (added, removed, changed) = (changes(it.added), changes(it.removed), changes(it.changed))
        (old, new) = (
            BacktestJSON.Line(it.old.total, isBounded: false), BacktestJSON.Line(it.new.total, isBounded: false)
        )
    }
}
