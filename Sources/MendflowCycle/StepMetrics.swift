package import MendflowCore

/// What a step counted: numbers for the log and for metrics, of enforced and dry-run policies together unless told apart.
package struct StepMetrics: Sendable, Hashable {
    /// Rows that were judged, and pairs of a row and a policy that status, workflow and mode alone did not decide.
    package private(set) var rowsJudged = 0, pairsEvaluated = 0
    /// Actions that are due, by kind: those that are sent, and those that are only written down.
    package private(set) var due: [ActionKind: Int] = [:], shadows: [ActionKind: Int] = [:]
    /// Decisions to hold or to wait, by the label of their reason.
    package private(set) var held: [String: Int] = [:]
    /// Ids between known ones that are neither rows nor known to be missing.
    package internal(set) var unknownIDs = 0
    /// Entries that are to be appended.
    package internal(set) var entries = 0
    /// Whether the last step's decisions stand, because nothing has changed that they rest on.
    package internal(set) var isTakenOver = false

    init(_ plan: Plan, _ dryRunPlan: Plan, acts: Bool) {
        var reasons: [Reason: Int] = [:]
        for (plan, isSent) in [(plan, acts), (dryRunPlan, false)] {
            rowsJudged += plan.rowsJudged
            pairsEvaluated += plan.pairsEvaluated
            // There may be thousands of decisions, and a decision is large: they are looked at in their places.
            for place in plan.decisions.indices {
                switch plan.decisions[place].verdict {
                case .held(let reason, _), .wait(_, _, let reason): reasons[reason, default: 0] += 1
                case .act(let action) where isSent: due[action.draft.action, default: 0] += 1
                case .act(let action): shadows[action.draft.action, default: 0] += 1
                }
            }
        }
        for (reason, count) in reasons { held[reason.rawValue] = count }
    }
}

extension StepMetrics {
    /// What a log line says of them.
    package var fields: [(String, String)] {
        func sum(_ counts: [ActionKind: Int]) -> String { "\(counts.values.reduce(0, +))" }
        return [
            ("gaps_left", "\(unknownIDs)"), ("judged", "\(rowsJudged)"), ("pairs", "\(pairsEvaluated)"),
            ("due", sum(due)), ("due_dry_run", sum(shadows)), ("held", "\(held.values.reduce(0, +))"),
            ("entries", "\(entries)"), ("taken_over", "\(isTakenOver)"),
        ]
    }
}
