import MendflowCore
import MendflowReview
import MendflowText

/// The beginning of a plan: what a person reads in five seconds.
enum PlanSummary {
    /// Which instance, what would be done, how much waits and is held, and whatever stops all of it.
    static func lines(_ report: PlanReport) -> [ReportLine] {
        let header = report.header
        let due = report.entries.filter { $0.isDue && !$0.isThereAlready }
        var parts = [counted(due.filter { !$0.isDryRun }).map { StyledText($0, .acts) }].compactMap(\.self)
        if let shown = counted(due.filter(\.isDryRun)) {
            parts.append(header.mode == .off ? "in dry-run it would be \(shown)" : "in dry-run \(shown)")
        }
        if parts.isEmpty { parts.append("nothing is due") }
        if let waiting = tally(report.entries.compactMap(\.waitsFor), "wait") { parts.append(StyledText(waiting)) }
        if let held = tally(heldAlone(report), "not acted on") { parts.append(StyledText(held)) }
        let there = report.entries.count(where: \.isThereAlready)
        if there > 0 { parts.append("\(there.words("tag write", "tag writes")) of what is there already") }
        if report.tagWritesNotLookedAt > 0 {
            let writes = report.tagWritesNotLookedAt.words("tag write", "tag writes")
            parts.append("of \(writes) it was not looked whether the tags are there already")
        }
        let name = header.isAsIfEnforced ? "\(header.instance), as if all were enforced" : header.instance
        let all = parts.dropFirst().reduce(parts[0]) { $0 + "; " + $1 }
        var lines: [ReportLine] = ["\(name, .heading): \(all)"]
        if header.mode == .off {
            lines.append("\("OFF", .held): no agent looks at this instance; this is what `mode: dry_run` would show")
        }
        if let alarm = header.alarm { lines.append("\("EPOCH ALARM", .wrong): \(alarm)") }
        if let paused = header.paused { lines.append("\("PAUSED", .held): \(paused)") }
        if let trouble = header.clockOffset.trouble { lines.append("\("CLOCK", .wrong): \(trouble)") }
        if case .partial(let why) = header.completeness {
            lines.append("\("PARTIAL", .wrong), so nothing is acted on: \(why.joined(separator: "; "))")
        }
        return lines
    }

    /// Why executions are not acted on about which nothing is due and nothing waits, once each: several policies may hold one.
    private static func heldAlone(_ report: PlanReport) -> [Reason] {
        var seen = Set(report.entries.map(\.action.draft.execution))
        return report.held.filter { seen.insert($0.execution).inserted }.map(\.reason)
    }

    /// `12 to retry, 3 to stop`; nil where there is none. A bulk stop counts what it stops.
    private static func counted(_ entries: [PlanReport.Entry]) -> String? {
        var counts: [ActionKind: Int] = [:]
        for entry in entries {
            let draft = entry.action.draft
            counts[draft.action == .bulkStop ? .stop : draft.action, default: 0] += draft.bulk?.predicted.count ?? 1
        }
        guard !counts.isEmpty else { return nil }
        return counts.sorted { $0.key < $1.key }.map { "\($0.value) to \($0.key.rawValue)" }.joined(separator: ", ")
    }

    /// `57 not acted on (40 may_repeat, 17 exhausted)`; nil where there is none.
    private static func tally(_ reasons: [Reason], _ what: String) -> String? {
        guard let first = reasons.first else { return nil }
        let counts = Dictionary(grouping: reasons) { $0 }.mapValues(\.count)
            .sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.rawValue < $1.key.rawValue }
        guard counts.count > 1 else { return "\(reasons.count) \(what) (\(first.rawValue))" }
        return "\(reasons.count) \(what) (\(counts.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")))"
    }
}
