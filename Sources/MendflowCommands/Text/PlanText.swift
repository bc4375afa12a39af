import MendflowCore
import MendflowReview
import MendflowText

/// A plan as text.
enum PlanText {
    /// What waits for one and the same reason is shown that often, unless all is asked for.
    private static let shownPerReason = 3

    /// First what a person reads in five seconds, then a line for each action, or all about it where `explains` is wanted,
    /// then why not the rest, and what all of it rests on.
    static func render(_ report: PlanReport, all: Bool, explains: Bool = false) -> TextReport {
        var lines = PlanSummary.lines(report) + actions(report, all: all, explains: explains)
        if !report.groups.isEmpty { lines += ["", .heading("Groups")] + report.groups.map(group) }
        lines += AbsenceText.lines(report.absences, all: all)
        if !report.heldBulkStops.isEmpty {
            lines += ["", .heading("Bulk stops that are held, so that runs are stopped one by one")]
            lines += report.heldBulkStops.map { "  \($0.policy): \($0.why)" }
        }
        lines += notActedOn(report, all: all)
        lines += ["", .heading("Seen")] + header(report.header)
        if report.header.alarm != nil {
            lines += ["", "The epoch alarm holds everything; `mendflow instance adopt --reason ...` ends it."]
        } else if !report.isSound {
            lines += ["", "The poll was incomplete: this plan is not whole, and nothing is acted on before one is."]
        }
        return TextReport(lines)
    }

    private static func actions(_ report: PlanReport, all: Bool, explains: Bool) -> [ReportLine] {
        var waiting: [Reason: Int] = [:]
        let shown = report.entries.filter { entry in
            guard let reason = entry.waitsFor, !all else { return true }
            waiting[reason, default: 0] += 1
            return waiting[reason, default: 0] <= shownPerReason
        }
        var lines: [ReportLine] = []
        if explains {
            for entry in shown { lines += [""] + block(entry) }
        } else if !shown.isEmpty {
            lines += [""] + shown.map { .row(of: "actions", indent: 0, always: true, cells($0)) }
        }
        for (reason, count) in waiting.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > shownPerReason {
            lines.append("... and \(count - shownPerReason) more that wait for \(reason.rawValue); --all shows them")
        }
        if !explains { lines += waitWords(report) }
        if !shown.isEmpty, !explains { lines.append("(--explain says of each why, and what would be sent)") }
        return lines
    }

    /// What is waited for where no time is known: once for all that wait for it.
    private static func waitWords(_ report: PlanReport) -> [ReportLine] {
        var told: Set<String> = []
        return report.entries.compactMap { entry in
            guard let reason = entry.waitsFor, let words = entry.untilWords,
                told.insert("\(reason) \(words)").inserted
            else { return nil }
            return "\(reason.rawValue, .held): \(words)"
        }
    }

    /// One action in one line.
    private static func cells(_ entry: PlanReport.Entry) -> [StyledText] {
        let draft = entry.action.draft
        var what = draft.action.rawValue
        if draft.action == .tag { what += " " + draft.tags.joined(separator: ", ") }
        if let bulk = draft.bulk { what += " of \(bulk.predicted.count)" }
        var notes: [String] = []
        if draft.action == .retry { notes.append("attempt \(draft.attempt) of \(entry.action.attempts)") }
        if let reason = entry.waitsFor {
            notes.append(
                reason.rawValue + (entry.until.map { "\(entry.follows ? ", not before" : " until") \($0)" } ?? ""))
        }
        if entry.isThereAlready { notes.append("the tags are there already") }
        if let wakes = entry.wakes { notes.append("n8n wakes it at \(wakes)") }
        if let other = entry.takenFrom { notes.append("takes it from \(other)") }
        return [
            verb(entry), StyledText(what), "\(draft.execution)",
            "'\(entry.workflowName ?? draft.workflow.text)'", "\(entry.status.rawValue) since \(entry.since)",
            "[\(draft.contributors.joined(separator: ", "))]", StyledText(notes.joined(separator: ", ")),
        ]
    }

    private static func verb(_ entry: PlanReport.Entry) -> StyledText {
        guard entry.isDue else { return StyledText("wait", .held) }
        if entry.isThereAlready { return "nothing to send" }
        return entry.isDryRun ? "would act" : StyledText("act", .acts)
    }

    private static func notActedOn(_ report: PlanReport, all: Bool) -> [ReportLine] {
        guard !report.held.isEmpty else { return [] }
        var lines: [ReportLine] = ["", .heading("Not acted on")]
        if all {
            for item in report.held {
                let policy = (item.policy.map { " [\($0)]" } ?? "") + (item.why.isEmpty ? "" : ": \(item.why)")
                let withheld = item.withheld.map { "; would send \($0)" } ?? ""
                let what: StyledText =
                    "\(item.execution) \(item.status.rawValue) '\(item.workflow)'\(policy)\(withheld)"
                lines.append(.row(of: "held", ["\(item.reason.rawValue, .held)", what]))
            }
        } else {
            for item in report.notActed {
                let words: StyledText = "\(item.words); for example \(item.example)"
                lines.append(.row(of: "held", ["\(item.count)", "\(item.reason.rawValue, .held)", words]))
            }
        }
        if report.onlyUnlikely > 0 {
            let refused = "\(report.onlyUnlikely) of may_repeat were refused, so that a repeat is unlikely"
            lines.append("  \(refused): `repeats: {allow: [unlikely]}` would release them")
        }
        if !all { lines.append("  (--all lists them; `mendflow explain ID` says why)") }
        return lines
    }

    private static func header(_ header: PlanReport.Header) -> [ReportLine] {
        func names(_ names: [String]) -> String { names.isEmpty ? "no policy" : names.joined(separator: ", ") }
        var lines: [ReportLine] = [
            "  \(header.url) at \(header.now)",
            header.mode == .off
                ? "  mode off; no policy looks at it"
                : "  mode \(header.mode.rawValue); can act: \(names(header.acting)); in dry-run: \(names(header.dryRun))",
        ]
        var seen = "  no execution seen"
        if let lowest = header.lowest, let highest = header.highest {
            seen = "  \(PlanReport.seen(header.rows, lowest, highest, live: header.live)), \(header.judged) judged"
        }
        if let capabilities = header.capabilities { lines.append("  \(capabilities.eraWords)") }
        lines.append("\(seen)\(header.completeness == .complete ? "; complete" : "")")
        if let words = header.oldRows { lines.append("  \(words)") }
        lines += coverage(header)
        lines += PlanReport.Unreadable.grouped(header.unreadable).map { "  \($0)" }
        if header.clockOffset.ahead != .zero {
            let ahead = header.clockOffset.ahead
            lines.append("  n8n's clock is \(ahead.magnitude) \(ahead > .zero ? "ahead of" : "behind") ours")
        }
        if let words = header.capabilities?.notOfferedWords { lines.append("  this n8n has no request to \(words)") }
        lines += header.forbidden.map { "  \("the key may not \($0.action.rawValue)", .wrong): \($0.message)" }
        lines += header.missingScopes.map { "  \("the key may not read", .wrong): \($0)" }
        if header.ledgerHead == nil { lines.append("  memory: none (no ledger; what was done before is not known)") }
        if let time = header.recordedAhead {
            lines.append(
                "  \("CLOCK", .wrong): the ledger has a record of \(time), which is still to come: a clock is or was wrong"
            )
        }
        if !header.placeHolders.isEmpty {
            lines.append("  in flight: \(header.placeHolders.map(\.words).joined(separator: "; "))")
        }
        return lines
    }

    /// What was not read, and what this server shows only to those who ask for ids.
    private static func coverage(_ header: PlanReport.Header) -> [ReportLine] {
        var lines: [ReportLine] = []
        if let from = header.coverage.listedFrom {
            lines.append(
                "  the list was read down to \(from); \(header.coverage.unreadRanges) older parts are still to be read")
        }
        if let from = header.coverage.coveredFrom {
            lines.append("  retries of executions below \(from) are not all read yet: those chains are held")
        }
        if header.coverage.gapsLeft > 0 {
            lines.append("  \(header.coverage.gapsLeft.words("id is", "ids are")) in no list and not accounted for yet")
        }
        if header.capabilities?.hidesWaiting == true { lines.append("  waiting runs are in no list of this server") }
        if header.capabilities?.hidesQueued == true { lines.append("  queued runs are in no list of this server") }
        return lines
    }

    private static func group(_ group: GroupCount) -> ReportLine {
        let verdict = group.holds.map { $0 ? "as wanted" : "not as wanted" } ?? "not decided yet"
        let workflow = group.workflow.map { ", workflow \($0)" } ?? ""
        return "  \(group.policy)\(workflow): \(group.summary); \(verdict)"
    }

    private static func block(_ entry: PlanReport.Entry) -> [ReportLine] {
        let action = entry.action
        let attempt = action.draft.action == .retry ? ", attempt \(action.draft.attempt) of \(action.attempts)" : ""
        var lines: [ReportLine] = [
            "\(verb(entry))  \(action.request)",
            "  '\(entry.workflowName ?? action.draft.workflow.text)', \(entry.status.rawValue) since \(entry.since)",
            "  policy \(action.draft.policy) at \(entry.place)\(attempt)",
        ]
        if let found = action.classification {
            lines.append("  error class \(found.errorClass.rawValue) by rule \(found.ruleID)")
        }
        if let start = action.start { lines.append("  starts \(start)") }
        if let risk = action.risk { lines.append("  repeat risk \(risk.risk.rawValue): \(risk.why)") }
        if let reason = entry.waitsFor {
            let time = entry.until.map { "\(entry.follows ? ", not before" : " until") \($0)" } ?? ""
            let end = time + (entry.untilWords.map { ": \($0)" } ?? "")
            lines.append("  waits for \(reason.rawValue, .held)\(end)")
        }
        if let wakes = entry.wakes { lines.append("  n8n wakes it by itself at \(wakes)") }
        if let other = entry.takenFrom { lines.append("  would take it from policy \(other)") }
        lines.append("  \(entry.link)")
        return lines
    }
}
