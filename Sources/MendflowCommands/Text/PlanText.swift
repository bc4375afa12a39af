import MendflowCore
import MendflowReview

/// A plan as text.
enum PlanText {
    /// What waits for one and the same reason is shown that often, unless all is asked for.
    private static let shownPerReason = 3

    static func render(_ report: PlanReport, all: Bool) -> String {
        var lines = header(report.header)
        if report.entries.isEmpty, report.isSound { lines += ["", "Nothing is due and nothing waits."] }
        var waiting: [Reason: Int] = [:]
        for entry in report.entries {
            if let reason = entry.waitsFor, !all {
                waiting[reason, default: 0] += 1
                guard waiting[reason, default: 0] <= shownPerReason else { continue }
            }
            lines += [""] + block(entry)
        }
        for (reason, count) in waiting.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > shownPerReason {
            lines += ["", "... and \(count - shownPerReason) more that wait for \(reason.rawValue); --all shows them"]
        }
        if !report.groups.isEmpty { lines += ["", "Groups"] + report.groups.map(group) }
        if !report.heldBulkStops.isEmpty {
            lines += ["", "Bulk stops that are held, so that runs are stopped one by one"]
            lines += report.heldBulkStops.map { "  \($0.policy): \($0.why)" }
        }
        if !report.held.isEmpty { lines += ["", "Not acted on"] }
        if report.onlyUnlikely > 0 {
            lines.append(
                "  \(report.onlyUnlikely) of may_repeat were refused, so that a repeat is unlikely: "
                    + "`repeats: {allow: [unlikely]}` would release them")
        }
        if all {
            for item in report.held {
                lines.append(
                    "  \(item.reason.rawValue)  \(item.execution) \(item.status.rawValue) '\(item.workflow)'"
                        + (item.policy.map { " [\($0)]" } ?? "") + (item.why.isEmpty ? "" : ": \(item.why)"))
            }
        } else {
            for item in report.notActed {
                lines.append(
                    "  \(item.count) \(item.reason.rawValue), for example \(item.example)"
                        + (item.why.isEmpty ? "" : ": \(item.why)"))
            }
            if !report.held.isEmpty { lines.append("  (--all lists them; `mendflow explain ID` says why)") }
        }
        if report.header.alarm != nil {
            lines += ["", "The epoch alarm holds everything; `mendflow instance adopt --reason ...` ends it."]
        } else if !report.isSound {
            lines += ["", "The poll was incomplete: this plan is not whole, and nothing is acted on before one is."]
        }
        return Console.lines(lines)
    }

    private static func header(_ header: PlanReport.Header) -> [String] {
        func names(_ names: [String]) -> String { names.isEmpty ? "no policy" : names.joined(separator: ", ") }
        var lines = [
            "\(header.instance)  \(header.url)  at \(header.now)",
            "  mode \(header.mode.rawValue); can act: \(names(header.acting)); in dry-run: \(names(header.dryRun))",
        ]
        var seen = "  no execution seen"
        if let lowest = header.lowest, let highest = header.highest {
            seen = "  executions \(lowest) to \(highest), \(header.rows) seen, \(header.judged) judged"
        }
        if let capabilities = header.capabilities { lines.append("  \(capabilities.eraWords)") }
        lines.append(seen + (header.completeness == .complete ? "; complete" : ""))
        if case .partial(let why) = header.completeness {
            lines.append("  PARTIAL, so nothing is acted on: \(why.joined(separator: "; "))")
        }
        lines += coverage(header)
        lines += header.unreadable.map { "  unreadable: \($0.execution): \($0.why)" }
        if header.clockOffset != .zero {
            let ahead = header.clockOffset.ahead
            lines.append("  n8n's clock is \(ahead.magnitude) \(ahead > .zero ? "ahead of" : "behind") ours")
        }
        if let words = header.capabilities?.notOfferedWords { lines.append("  this n8n has no request to \(words)") }
        lines += header.forbidden.map { "  the key may not \($0.action.rawValue): \($0.message)" }
        lines += header.missingScopes.map { "  the key may not read: \($0)" }
        lines.append(
            header.ledgerHead.map { "  epoch \(header.epoch), ledger head \($0)" }
                ?? "  memory: none (no ledger; what was done before is not known)")
        if let time = header.recordedAhead {
            lines.append("  CLOCK: the ledger has a record of \(time), which is still to come: a clock is or was wrong")
        }
        if let alarm = header.alarm { lines.append("  EPOCH ALARM: \(alarm)") }
        if let paused = header.paused { lines.append("  PAUSED: \(paused)") }
        return lines
    }

    /// What was not read, and what this server shows only to those who ask for ids.
    private static func coverage(_ header: PlanReport.Header) -> [String] {
        var lines: [String] = []
        if let from = header.coverage.listedFrom {
            lines.append(
                "  the list was read down to \(from); \(header.coverage.unreadRanges) older parts are still to be read")
        }
        if let from = header.coverage.coveredFrom {
            lines.append("  retries of executions below \(from) are not all read yet: those chains are held")
        }
        if header.coverage.gapsLeft > 0 {
            lines.append("  \(header.coverage.gapsLeft) ids are in no list and are not accounted for yet")
        }
        if header.capabilities?.hidesWaiting == true { lines.append("  waiting runs are in no list of this server") }
        if header.capabilities?.hidesQueued == true { lines.append("  queued runs are in no list of this server") }
        return lines
    }

    private static func group(_ group: GroupCount) -> String {
        let verdict = group.holds.map { $0 ? "as wanted" : "not as wanted" } ?? "not decided yet"
        return "  \(group.policy)" + (group.workflow.map { ", workflow \($0)" } ?? "")
            + ": \(group.summary); \(verdict)"
    }

    private static func block(_ entry: PlanReport.Entry) -> [String] {
        let action = entry.action
        let verb = entry.isDue ? (entry.isDryRun ? "would act" : "act") : "wait"
        var lines = [
            "\(verb)  \(action.request)",
            "  '\(entry.workflowName ?? action.draft.workflow.text)', \(entry.status.rawValue) since \(entry.since)",
            "  policy \(action.draft.policy) at \(entry.place)"
                + (action.draft.action == .retry ? ", attempt \(action.draft.attempt) of \(action.attempts)" : ""),
        ]
        if let found = action.classification {
            lines.append("  error class \(found.errorClass.rawValue) by rule \(found.ruleID)")
        }
        if let start = action.start { lines.append("  starts \(start)") }
        if let risk = action.risk { lines.append("  repeat risk \(risk.risk.rawValue): \(risk.why)") }
        if let reason = entry.waitsFor {
            lines.append("  waits for \(reason.rawValue)" + (entry.until.map { " until \($0)" } ?? ""))
        }
        if let other = entry.takenFrom { lines.append("  would take it from policy \(other)") }
        lines.append("  \(entry.link)")
        return lines
    }
}
