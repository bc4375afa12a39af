import MendflowCore
import MendflowLedger
import MendflowNotify
import MendflowOperations
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

    static func status(_ all: [ChannelStatus], _ carrier: NoticeCarrier?, _ options: String = "") -> TextReport {
        guard !all.isEmpty else { return ["nobody is told: `notify` in mendflow.yaml has no channel"] }
        return TextReport(all.flatMap { lines($0, carrier) } + told(all, carrier, options))
    }

    /// Who has to tell what waits, where no agent does.
    private static func told(_ all: [ChannelStatus], _ carrier: NoticeCarrier?, _ options: String) -> [ReportLine] {
        guard all.contains(where: { !$0.waiting.isEmpty }) else { return [] }
        switch carrier {
        case .agent?, nil: return []
        case .command(let errand)?:
            return ["\("no agent runs", .held): a command \(errand.words), and tells what waits at its end"]
        case .nobody?:
            let how = "`mendflow run\(options)` tells it, `mendflow run --once\(options)` tells what is due once"
            return ["\("nobody tells it now", .wrong), for no agent runs that does: \(how)"]
        }
    }

    private static func lines(_ status: ChannelStatus, _ carrier: NoticeCarrier?) -> [ReportLine] {
        let name = "\(status.channel) (\(status.kind))"
        guard let standing = status.standing else {
            // One that was started before the channel stood in the files knows nothing of it.
            let when =
                carrier == .agent
                ? "the agent that runs does not know it yet: restart it" : "the agent begins it when it starts"
            return ["\(name): not begun; \(when)"]
        }
        let told =
            standing.deliveredAt.map { "\(standing.delivered) told, the last at \($0.rfc3339Seconds)" }
            ?? "none told yet"
        var lines: [ReportLine] = ["\(name): \(told)"]
        if let since = standing.failingSince {
            let when = status.nextTry.map { "; tried next at \($0.rfc3339Seconds)" } ?? ""
            lines.append(
                "  \("failing", .wrong) since \(since.rfc3339Seconds): \(Console.oneLine(standing.why))\(when)")
        }
        if standing.abandoned > 0, let last = standing.abandonedAt {
            lines.append("  \("given up", .wrong): \(standing.abandoned), the last at \(last.rfc3339Seconds)")
        }
        for waiting in status.waiting.prefix(10) {
            lines.append("  waits: \(Console.oneLine(waiting.notice.subject)) (\(words(waiting)))")
        }
        if status.waiting.count > 10 { lines.append("  and \(status.waiting.count - 10) more wait") }
        return lines
    }

    /// Why a message waits, and until when.
    private static func words(_ waiting: ChannelStatus.Waiting) -> String {
        (waiting.triedAt.map { "until \($0.rfc3339Seconds): " } ?? "") + waiting.why.words
    }
}
