import MendflowBacktest
import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowText

/// What did not happen, as text.
enum AbsenceText {
    /// So many workflows of one policy that ran are shown, unless all are asked for.
    private static let shownPerPolicy = 3

    /// What policies find of workflows: what is missed, what is not told and why, then what ran.
    static func lines(_ findings: [AbsenceFinding], all: Bool) -> [ReportLine] {
        guard !findings.isEmpty else { return [] }
        var lines: [ReportLine] = ["", .heading("Runs that should have been")]
        for (policy, found) in Dictionary(grouping: findings, by: \.key.policy).sorted(by: { $0.key < $1.key }) {
            let told = found.filter { $0.rank < 2 }.sorted { $0.rank < $1.rank }
            let ran = found.filter { $0.rank == 2 }
            let shown = told + (all ? ran : Array(ran.prefix(max(0, shownPerPolicy - told.count))))
            lines += shown.map { .row(of: "absences", always: true, cells($0)) }
            let left = found.count - shown.count
            if left > 0 {
                lines.append("  ... and \(left.words("workflow", "workflows")) of \(policy) that ran")
            }
        }
        return lines
    }

    private static func cells(_ finding: AbsenceFinding) -> [StyledText] {
        let label: StyledText =
            switch finding.standing {
            case .absent: StyledText(finding.isShadow ? "absent (dry-run)" : "absent", .wrong)
            case .untold: StyledText(finding.label, .held)
            case .ran: "ran"
            }
        return [
            label, "'\(finding.workflowName)'", "within \(finding.within)", "[\(finding.key.policy)]",
            StyledText(finding.words),
        ]
    }

    /// An absence that goes on, in one line.
    static func words(_ absence: Absence) -> String {
        let dryRun = absence.isShadow ? ", dry-run" : ""
        return "\(absence.words); missed since \(absence.since) [\(absence.key.policy)\(dryRun)]"
    }

    /// What a backtest would have told.
    static func lines(_ report: BacktestReport) -> TextReport {
        guard !report.absences.isEmpty else { return TextReport([]) }
        return TextReport(
            ["", .heading("Runs that were missed")]
                + report.absences.map { missed in
                    let times = missed.toldAt.count.words("time", "times")
                    let last = missed.toldAt.last.map { ", last told at \($0)" } ?? ""
                    let open = missed.open > 0 ? ", and none came any more" : ""
                    return .row(
                        of: "missed", always: true,
                        [
                            "\(missed.policy)", "'\(report.name(missed.workflow))'",
                            StyledText("no run within \(missed.within), \(times)\(last)\(open)"),
                        ])
                })
    }
}

extension AbsenceFinding {
    /// What is missed comes first, then what nobody is told of.
    fileprivate var rank: Int {
        switch standing {
        case .absent: 0
        case .untold: 1
        case .ran: 2
        }
    }
}
