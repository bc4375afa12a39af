import MendflowBacktest
import MendflowCore

/// What a policy finds of a workflow that should have run, for programs.
struct AbsenceFindingJSON: Encodable {
    var policy: String, workflow: String, workflowName: String, withinMs: Int64, dryRun: Bool, standing: String
    var words: String, since: String?, lastRun: String?, lastEnded: String?, missedFrom: String?

    init(_ finding: AbsenceFinding) {
        (policy, workflow, workflowName) = (finding.key.policy, finding.key.workflow.text, finding.workflowName)
        (withinMs, dryRun, standing) = (finding.within.milliseconds, finding.isShadow, finding.label)
        words = finding.words
        switch finding.standing {
        case .absent(let absence):
            (since, lastRun) = (absence.since.rfc3339, absence.last.text)
            lastEnded = absence.lastEnded.rfc3339
        case .ran(let run, let until): (lastRun, missedFrom) = (run.text, until?.rfc3339)
        case .untold: break
        }
    }
}

/// An absence that goes on, for programs.
struct AbsenceJSON: Encodable {
    var policy: String, workflow: String, workflowName: String, withinMs: Int64, dryRun: Bool
    var since: String, lastRun: String, lastStatus: String, lastEnded: String

    init(_ absence: Absence) {
        (policy, workflow, workflowName) = (absence.key.policy, absence.key.workflow.text, absence.workflowName)
        (withinMs, dryRun) = (absence.within.milliseconds, absence.isShadow)
        (since, lastRun, lastStatus) = (absence.since.rfc3339, absence.last.text, absence.lastStatus.rawValue)
        lastEnded = absence.lastEnded.rfc3339
    }
}

/// What a backtest would have told of a workflow, for programs.
struct MissedJSON: Encodable {
    var policy: String, workflow: String, withinMs: Int64, toldAt: [String], days: Int, open: Int

    init(_ missed: BacktestReport.Missed) {
        (policy, workflow, withinMs) = (missed.policy, missed.workflow.text, missed.within.milliseconds)
        (toldAt, days, open) = (missed.toldAt.map(\.rfc3339), missed.days, missed.open)
    }
}
