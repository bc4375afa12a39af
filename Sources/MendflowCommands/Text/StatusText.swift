import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// The state of instances as text.
enum StatusText {
    /// First what is read in five seconds of all of them, then the rest. `options` belong to the commands that are advised.
    static func render(
        _ all: [InstanceStatus], _ fleet: Fleet? = nil, leftOut: [String] = [], options: String = ""
    ) -> TextReport {
        let left: [ReportLine] = leftOut.map { file in
            "\(file): \("LEFT OUT", .wrong), the file has errors: mendflow validate\(options)"
        }
        let headlines = TextReport(all.flatMap { HeadlineText.lines($0, options: options) } + left)
        return TextReport.joined([headlines] + (fleet.map { [FleetText.render($0)] } ?? []) + all.map(render))
    }

    static func render(_ status: InstanceStatus) -> TextReport {
        func names(_ names: [String]) -> String { names.isEmpty ? "no policy" : names.joined(separator: ", ") }
        let reachable: StyledText =
            status.isReachable
            ? "reachable" : StyledText(status.isKeyRefused ? "NO VALID KEY" : "NOT REACHABLE", .wrong)
        var lines: [ReportLine] = [
            .row(of: "instances", indent: 0, ["\(status.instance, .heading)", "\(status.url)", reachable])
        ]
        if let trouble = status.trouble { lines.append("  \(trouble)") }
        if let limits = status.limits { lines.append("  \(limits)") }
        let acting: StyledText = status.acting.isEmpty ? "no policy" : StyledText(names(status.acting), .acts)
        lines.append(
            row("mode", "\(status.mode.rawValue); can act: \(acting); in dry-run: \(names(status.dryRun))"))
        if !status.held.isEmpty {
            let words: StyledText = "\(names(status.held)): in no file any more; what they match waits: mendflow reload"
            lines.append(row(StyledText("HELD:", .held), words))
        }
        if status.isUnread {
            lines.append(row(StyledText("FILES:", .held), "changed, and the agent has not taken that in yet"))
        }
        lines +=
            status.record.map { record($0, status.replaysWait, isCarriedOut: status.life.isRunning) } ?? [
                status.elsewhere != nil
                    ? "  the ledger that the files name now knows nothing of this instance"
                    : status.isOneOfSeveral
                        ? "  no baseline in the ledger; `\(HeadlineText.setUp(status))` makes it"
                        : "  no ledger; `mendflow init` makes one, which knows nothing of what another one did"
            ]
        return TextReport(lines)
    }

    private static func row(_ topic: StyledText, _ words: StyledText) -> ReportLine {
        .row(of: "topics", gap: 1, [topic, words])
    }

    private static func record(
        _ record: InstanceStatus.Record, _ wait: ReplayWait?, isCarriedOut: Bool
    ) -> [ReportLine] {
        var lines = warnings(record)
        lines.append(row("left alone", "what ended before \(record.since)"))
        lines += look(record)
        let way = record.underWay.words("request", "requests")
        let unresolved: StyledText = "\(record.unresolved, record.unresolved > 0 ? .held : nil) without an answer"
        let givenUp = record.exhausted.words("chain", "chains") + " given up"
        lines.append(row("under way", "\(way); \(unresolved); \(givenUp)"))
        lines += record.replays.map { replay($0, of: record, wait, isCarriedOut: isCarriedOut) }
        lines += record.incidents.map { row(StyledText("INCIDENT:", .wrong), StyledText(IncidentText.words($0))) }
        lines += record.absences.map { row(StyledText("MISSED:", .wrong), StyledText(AbsenceText.words($0))) }
        if !record.placeHolders.isEmpty {
            lines.append(row("in flight", StyledText(record.placeHolders.map(\.words).joined(separator: "; "))))
        }
        return lines
    }

    /// Why less is done than the files say.
    private static func warnings(_ record: InstanceStatus.Record) -> [ReportLine] {
        var lines: [ReportLine] = []
        if let alarm = record.alarm { lines.append(row(StyledText("EPOCH ALARM:", .wrong), StyledText(alarm))) }
        if let paused = record.paused { lines.append(row(StyledText("PAUSED:", .held), StyledText(paused))) }
        if let trouble = record.lastTick?.clockOffset.trouble {
            lines.append(row(StyledText("CLOCK:", .wrong), StyledText(trouble)))
        }
        if let until = record.silentUntil {
            let words: StyledText = "n8n asked to be left alone until \(until.rfc3339); kill -HUP ends that"
            lines.append(row(StyledText("WAITS:", .held), words))
        }
        for (action, why) in record.refused.sorted(by: { $0.key < $1.key }) {
            lines.append("  \("the key may not \(action.rawValue)", .wrong): \(why)")
        }
        return lines
    }

    /// What was seen of n8n last, and heard from it.
    private static func look(_ record: InstanceStatus.Record) -> [ReportLine] {
        var lines: [ReportLine] = []
        if let tick = record.lastTick {
            lines.append(row("last look", StyledText("at \(tick.at): \(seen(tick))")))
            if let from = tick.coveredFrom {
                lines.append("  retries of executions below \(from) are not all read yet: those chains are held")
            }
        } else {
            lines.append(row("last look", "none yet"))
        }
        if let hints = record.hints {
            let release = hints.release.map { "n8n \($0), " } ?? ""
            let count = hints.lastHour.map { ", \($0) in the hour before" } ?? ""
            lines.append(row("hints", StyledText("\(release)last noted to arrive at \(hints.last.rfc3339)\(count)")))
        }
        return lines
    }

    private static func replay(
        _ replay: Replay, of record: InstanceStatus.Record, _ wait: ReplayWait?, isCarriedOut: Bool
    ) -> ReportLine {
        let words =
            "\(ReplayText.standing(replay, wait, isCarriedOut: isCarriedOut)); \(replay.start.total.words("execution", "executions"))"
        let found = record.replayed[replay.name].map { ": \(ReplayText.counts($0))" } ?? ""
        let acts = replay.isRunning && wait == nil && isCarriedOut
        return row("replay", StyledText(words + found, acts ? .acts : .held))
    }

    /// What the last tick read of n8n: the rows that it needed, where `plan` and `doctor` count all of the look-back.
    private static func seen(_ tick: TickState) -> String {
        var words = "it read \(tick.rows.words("execution", "executions"))"
        if let highest = tick.accounted { words += " up to \(highest)" }
        words += ", \(tick.liveCount) of them live"
        words += tick.sweptAt.map { "; all that failed was last gone through at \($0)" } ?? ""
        return words
    }
}
