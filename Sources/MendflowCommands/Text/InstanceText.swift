import MendflowCore
import MendflowOperations
import MendflowText

/// Instances as text.
enum InstanceText {
    /// An instance in a line.
    static func line(_ item: KnownInstance) -> String {
        let epoch =
            item.epoch.map { "epoch \($0) since \(item.since.map { "\($0)" } ?? "-")" }
            ?? "no baseline; `mendflow init --name \(item.instance)`"
        let alarm = item.alarm == nil ? "" : "  EPOCH ALARM"
        return "\(item.instance)  \(item.url)  \(item.mode.rawValue)  \(epoch)\(alarm)"
    }

    /// A new epoch.
    static func adopted(_ outcome: Adopt.Outcome) -> TextReport {
        var lines: [ReportLine] = [
            "\(outcome.instance): epoch \(outcome.epoch) began, epoch \(outcome.from) is over",
            "  what ended before \(outcome.since) is left alone",
            "  the database is recognised by \(outcome.fingerprints) executions, the newest is \(outcome.highest?.text ?? "none")",
            "  requests, owners and chains of epoch \(outcome.from) stay with it and hold nothing any more",
        ]
        if outcome.leftUnanswered > 0 {
            lines.append("  \(outcome.leftUnanswered) of its requests have no answer; `mendflow audit tail` has them")
        }
        lines.append("  an agent that runs starts anew within a poll interval")
        return TextReport(lines)
    }
}
