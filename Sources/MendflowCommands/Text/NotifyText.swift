import MendflowCore
import MendflowLedger
import MendflowNotify
import MendflowText

/// Channels and their messages, as text.
enum NotifyText {
    static func preview(_ all: [NoticePreview]) -> TextReport {
        var lines: [ReportLine] = []
        for preview in all {
            lines.append(.heading("\(preview.channel) (\(preview.kind))"))
            if preview.messages.isEmpty { lines.append("  it is told of nothing") }
            for message in preview.messages {
                lines += ["", ReportLine(StyledText("\(message.event.rawValue), \(message.phase.rawValue)", .heading))]
                lines += message.head.map { ReportLine(StyledText(Console.oneLine($0))) } + [""]
                lines += Console.clean(message.body).split(separator: "\n", omittingEmptySubsequences: false)
                    .map { ReportLine(StyledText(String($0))) }
            }
            lines.append("")
        }
        return TextReport(lines.dropLast())
    }

    static func status(_ all: [ChannelStatus]) -> TextReport {
        guard !all.isEmpty else { return ["nobody is told: `notify` in mendflow.yaml has no channel"] }
        return TextReport(all.flatMap(lines))
    }

    private static func lines(_ status: ChannelStatus) -> [ReportLine] {
        let name = "\(status.channel) (\(status.kind))"
        guard let standing = status.standing else {
            return ["\(name): not begun; the agent begins it when it starts"]
        }
        let told =
            standing.deliveredAt.map { "\(standing.delivered) told, the last at \($0.rfc3339Seconds)" }
            ?? "none told yet"
        var lines: [ReportLine] = ["\(name): \(told)"]
        if let since = standing.failingSince {
            lines.append("  \("failing", .wrong) since \(since.rfc3339Seconds): \(Console.oneLine(standing.why))")
        }
        if standing.abandoned > 0, let last = standing.abandonedAt {
            lines.append("  \("given up", .wrong): \(standing.abandoned), the last at \(last.rfc3339Seconds)")
        }
        for notice in status.waiting.prefix(10) {
            lines.append("  waits: \(Console.oneLine(notice.subject))")
        }
        if status.waiting.count > 10 { lines.append("  and \(status.waiting.count - 10) more wait") }
        return lines
    }
}
