import MendflowBacktest
import MendflowCore
import MendflowText

/// What other policies would have done otherwise, for people: what is reached anew and what lost its protection first.
enum DiffText {
    private static let most = 20

    static func render(_ it: PolicyDiff, all: Bool = false) -> TextReport {
        let basis = it.new.basis.map { [ReportLine("  (\($0.words))")] } ?? []
        let damage =
            [ReportLine("  (\(window(it)))")] + basis
            + (emptiness(it).map { [ReportLine(StyledText($0, .wrong))] } ?? [])
            + HistoryText.leftOutLines(it.old.findings)
        guard it.hasChanges else {
            return TextReport(["No difference: both would have sent the same requests."] + damage)
        }
        return TextReport.joined(
            [
                TextReport([ReportLine(StyledText(sentence(it), .heading))] + damage), reached(it), exposed(it),
                resets(it),
                actions("Would be sent now, and was not before", it, it.added, all: all),
                actions("Was sent before, and would not be now", it, it.removed, all: all),
                actions("Would be sent otherwise", it, it.changed, all: all),
            ].filter { !$0.lines.isEmpty })
    }

    /// Which time is counted, and what the time behind it is good for.
    static func window(_ it: PolicyDiff) -> String {
        let span =
            "counted from \(it.span.lowerBound.rfc3339) to \(it.span.upperBound.rfc3339), as `mendflow backtest` counts"
        guard it.settling > .zero else { return span }
        return span
            + "; both were lived through \(it.settling) longer, so that a retry which one sends before that end and the other behind it is told as "
            + "later or earlier, and not as one more or one fewer"
    }

    /// That a side has no policies, which is meant seldom, or none that is not off; nil where both have some.
    static func emptiness(_ it: PolicyDiff) -> String? {
        let (old, new) = it.switchedOff
        func off(_ names: [String]) -> String { "switched off (`mode: off`: \(names.joined(separator: ", ")))" }
        if !new.isEmpty {
            return "On the new side everything is \(off(new)), so that nothing is done."
        }
        if !old.isEmpty {
            return "On the old side everything is \(off(old)), so that everything is new."
        }
        return switch (it.old.policies.isEmpty, it.new.policies.isEmpty) {
        case (false, false): nil
        case (true, true): "Neither side has a policy: are these the right folders?"
        case (false, true): "The new side has no policy, so that everything is gone: is that the right folder?"
        case (true, false): "The old side has no policy, so that everything is new."
        }
    }

    /// The difference in one sentence.
    static func sentence(_ it: PolicyDiff) -> String {
        let (before, after) = (it.old.total, it.new.total)
        return
            "\(it.added.count.words("request", "requests")) more, \(it.removed.count) fewer, \(it.changed.count) otherwise; "
            + "healed \(before.healed.asObserved) -> \(after.healed.asObserved), "
            + "acted on \(before.acted.asObserved) -> \(after.acted.asObserved) chains, "
            + "may repeat \(before.mayRepeat) -> \(after.mayRepeat)"
    }

    private static func reached(_ it: PolicyDiff) -> TextReport {
        guard !it.reached.isEmpty else { return [] }
        return TextReport(
            [.heading("Workflows newly reached")]
                + it.reached.map { one in
                    .row(
                        of: "reached", always: true,
                        [
                            StyledText(it.new.name(one.workflow), .held),
                            StyledText(one.executions.words("execution", "executions")),
                            StyledText(one.policies.joined(separator: ", ")),
                        ])
                })
    }

    private static func exposed(_ it: PolicyDiff) -> TextReport {
        guard !it.exposed.isEmpty else { return [] }
        return TextReport(
            [.heading("Left alone before, acted on now")]
                + it.exposed.map { one in
                    .row(
                        of: "exposed", always: true,
                        [
                            StyledText(one.root.text), StyledText(it.new.name(one.workflow)),
                            StyledText(one.reason.rawValue, .wrong), StyledText(one.why), StyledText(one.policy ?? ""),
                        ])
                })
    }

    private static func resets(_ it: PolicyDiff) -> TextReport {
        guard !it.resets.isEmpty else { return [] }
        return TextReport(
            [.heading("Counters that begin anew")]
                + it.resets.map { one in
                    "  \(one.policy, .held): if it was \(one.gone.joined(separator: " or ")), say `renamed_from`, or its caps, cooldowns and retries count from nothing"
                })
    }

    private static func actions(
        _ heading: String, _ it: PolicyDiff, _ changes: [PolicyDiff.Change], all: Bool
    ) -> TextReport {
        guard !changes.isEmpty else { return [] }
        let shown = all ? changes[...] : changes.prefix(most)
        var lines: [ReportLine] = [.heading("\(heading): \(changes.count)")]
        lines += shown.compactMap { change in
            guard let action = change.action else { return nil }
            return .row(
                of: heading, always: true,
                [
                    StyledText(action.at.rfc3339), StyledText(action.kind.rawValue, .acts),
                    StyledText(action.subject),
                    StyledText(it.new.name(action.workflow)), StyledText(how(change)),
                ])
        }
        if shown.count < changes.count { lines.append("  and \(changes.count - shown.count) more (--all)") }
        return TextReport(lines)
    }

    /// By which policy, and what differs.
    static func how(_ change: PolicyDiff.Change) -> String {
        guard let old = change.old, let new = change.new else {
            return change.action?.policies.joined(separator: ", ") ?? ""
        }
        var parts: [String] = []
        if old.policies != new.policies {
            parts.append("\(old.policies.joined(separator: ", ")) -> \(new.policies.joined(separator: ", "))")
        }
        if old.at != new.at {
            let (period, word) = new.at > old.at ? (new.at - old.at, "later") : (old.at - new.at, "earlier")
            parts.append("\(BacktestText.words(period)) \(word)")
        }
        if old.request != new.request { parts.append("\(old.request) -> \(new.request)") }
        return parts.joined(separator: "; ")
    }
}
