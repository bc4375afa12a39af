import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// What waits for a person's word before it comes into force.
enum ReloadText {
    static func render(_ standing: FilesStanding, options: String = "") -> TextReport {
        let files = files(standing)
        // Where no agent runs nothing is in force; what a start lets go says more.
        guard let pending = standing.pending, standing.isRunning || standing.lostAtStart.isEmpty else {
            guard files == nil, let overruled = overruled(standing) else {
                return files ?? ["Nothing waits: what the files say is in force."]
            }
            return TextReport([ReportLine(StyledText("Nothing waits, but \(overruled).", .held))])
        }
        return TextReport.joined([waits(pending, standing, options)] + (files.map { [$0] } ?? []))
    }

    /// What keeps the files as they are now from being what the agent goes by; nil where nothing does.
    private static func files(_ standing: FilesStanding) -> TextReport? {
        if standing.errors > 0 {
            let words = "The files have \(standing.errors.words("error", "errors")), "
            let what =
                standing.isRunning
                ? "so none of their changes counts; what was in force stays" : "and no agent can start with them"
            return TextReport([ReportLine(StyledText(words + what + ": mendflow validate", .wrong))])
        }
        if let elsewhere = standing.elsewhere {
            return TextReport([ReportLine(StyledText("\(elsewhere.words).", .wrong))])
        }
        if standing.isUnread {
            let words =
                "The files changed, and the agent has not taken that in yet; ask again\(when(standing.looksWithin))."
            return TextReport([ReportLine(StyledText(words, .held))])
        }
        if !standing.needsRestart.isEmpty {
            let words =
                "Not in force before the agent is restarted: \(standing.needsRestart.map(\.description).joined(separator: ", "))."
            return TextReport([ReportLine(StyledText(words, .held))])
        }
        return standing.isRunning ? nil : start(standing.lostAtStart)
    }

    /// What a start does with the files where no agent runs.
    private static func start(_ losses: [ReloadLoss]) -> TextReport {
        let words = "No agent runs: one that starts takes the files as they are"
        guard !losses.isEmpty else { return [ReportLine(StyledText("\(words)."))] }
        let things = losses.count.words("thing", "things")
        let head = ReportLine(StyledText("\(words), and lets \(things) go that the last one kept:", .held))
        return TextReport([head] + losses.map { ReportLine(StyledText("  \($0.words)")) })
    }

    /// Where the command line of the agent that runs counts, and not the files; nil where it says the same.
    private static func overruled(_ standing: FilesStanding) -> String? {
        let parts = Dictionary(grouping: standing.overruled, by: \.value).sorted { $0.key < $1.key }.map { mode, all in
            let option = mode == .enforce ? "--enforce" : "--dry-run"
            return "the command line of the agent keeps \(all.map(\.key).sorted().joined(separator: ", ")) in "
                + "\(mode.rawValue) (run \(option)), whatever the files say"
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// By when an agent has looked.
    private static func when(_ look: Period?) -> String { look.map { " in \($0)" } ?? " once it has looked" }

    private static func waits(_ pending: PendingReload, _ standing: FilesStanding, _ options: String) -> TextReport {
        let count = pending.losses.count.words("thing", "things")
        var lines: [ReportLine] = [
            ReportLine(
                StyledText(
                    "The files would lose \(count), as was seen at \(pending.since.rfc3339Seconds); until somebody confirms that, in force stays:",
                    .held))
        ]
        lines += pending.losses.map { ReportLine(StyledText("  \($0.words)")) }
        let look = standing.looksWithin
        let taken =
            standing.errors > 0
            ? "It was confirmed, and nothing is let go while the files have errors."
            : "It is confirmed; the agent takes it in\(look.map { " within \($0)" } ?? " when it looks")."
        lines.append(
            pending.isConfirmed
                ? ReportLine(StyledText(taken))
                : "If that is meant: mendflow reload\(options) --confirm --reason 'why'. If not, mend the files.")
        return TextReport(lines)
    }

    /// What keeps an agent that runs from doing what a plan, or an explanation (`what`), shows of these files; nil where
    /// nothing does.
    static func note(_ standing: FilesStanding, on what: String) -> String? {
        if let elsewhere = standing.elsewhere { return "mendflow: \(elsewhere.words)" }
        if !standing.needsRestart.isEmpty {
            let what = standing.needsRestart.map(\.description).joined(separator: ", ")
            return "mendflow: \(what) goes by the files; the agent has to be restarted for \(what)"
        }
        guard standing.isRunning, let pending = standing.pending, !pending.isConfirmed else {
            return overruled(standing).map { "mendflow: \(what) goes by the files; \($0)" }
        }
        let things = pending.losses.count.words("thing", "things")
        return "mendflow: \(what) goes by the files; the agent keeps \(things) that they would lose: mendflow reload"
    }

    static func confirmed(_ pending: PendingReload, within look: Period?) -> TextReport {
        let lines = pending.losses.map { ReportLine(StyledText("  \($0.words)")) }
        let when = look.map { "once the agent looks, within \($0)" } ?? "once an agent runs"
        let words = pending.isConfirmed ? "It was confirmed before, and is let go" : "Let go"
        return TextReport([ReportLine("\(words) \(when):")] + lines)
    }
}
