import MendflowCore
import MendflowReview
import MendflowText

/// Why runs of workflows count as missed or not, as text.
enum WorkflowText {
    static func render(_ all: [WorkflowExplanation]) -> TextReport { TextReport.joined(all.map(render)) }

    private static func render(_ it: WorkflowExplanation) -> TextReport {
        let off = it.isSwitchedOn ? "" : ", which is switched off or archived"
        var lines: [ReportLine] = ["\("Workflow '\(it.name)'", .heading) (\(it.workflow)) on \(it.instance)\(off)"]
        for wish in it.wishes { lines += [""] + block(wish, it.now) }
        if it.wishes.isEmpty {
            lines += ["", "No policy looks for missing runs of it (`when: {count: {lt: 1}, within: ...}`)."]
        }
        if !it.others.isEmpty {
            lines += ["", "Of other workflows they are looked for by \(it.others.joined(separator: ", "))."]
        }
        return TextReport(lines)
    }

    private static func block(_ wish: WorkflowExplanation.Wish, _ now: ServerTime) -> [ReportLine] {
        func row(_ topic: StyledText, _ words: String) -> ReportLine {
            .row(of: "topics", gap: 2, always: true, [topic, StyledText(words)])
        }
        let finding = wish.finding
        var lines: [ReportLine] = [
            "\(wish.policy) (\(wish.mode.rawValue), \(wish.place)): \(standing(finding, now))",
            row("wants", "never longer than \(finding.within) without a run that counts"),
        ]
        if let last = finding.last {
            let when = last.at.map {
                last.status.isLive ? ", since \($0)" : ", ended at \($0), \(rounded(now - $0)) ago"
            }
            lines.append(row("last run", "\(last.execution): \(last.status.rawValue)\(when ?? "")"))
        } else {
            lines.append(row("last run", "none that counts is seen within the look-back"))
        }
        lines.append(row("next", next(wish, now)))
        return lines
    }

    private static func standing(_ finding: AbsenceFinding, _ now: ServerTime) -> StyledText {
        switch finding.standing {
        case .ran: "not missed"
        case .absent(let absence): "\("missed", .wrong) since \(absence.since), for \(rounded(now - absence.since))"
        case .untold(let doubt): "\("not told", .held) (\(doubt.rawValue)): \(doubt.words)"
        }
    }

    private static func next(_ wish: WorkflowExplanation.Wish, _ now: ServerTime) -> String {
        switch wish.finding.standing {
        case .ran(_, nil): "nothing is missed while it goes on"
        case .ran(_, let until?): "a run has to be there by \(until), in \(rounded(until - now))"
        case .untold: "nobody is told while that is so"
        case .absent:
            wish.toldSince != nil
                ? "it is told; over as soon as a run that counts is seen"
                : wish.finding.isShadow ? "dry-run would tell it" : "it is told when the agent looks"
        }
    }

    /// Nobody reads milliseconds.
    private static func rounded(_ period: Period) -> Period {
        Period(milliseconds: (period.milliseconds + 500) / 1000 * 1000)
    }
}
