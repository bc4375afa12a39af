import MendflowCore
import MendflowOperations
import MendflowText

/// What waits for a person, as text.
enum InboxText {
    static func render(_ inbox: Inbox) -> TextReport {
        var lines = inbox.alarms.map { "\("EPOCH ALARM", .wrong) on \($0.instance): \($0.reason)" as ReportLine }
        if inbox.unresolved.isEmpty {
            lines.append(inbox.younger > 0 ? "Nothing needs you yet." : "Nothing is unresolved.")
        } else {
            lines.append(.heading("Requests that nobody answered; look in n8n whether they ran"))
            for item in inbox.unresolved {
                let (intent, draft) = (item.intent, item.intent.draft)
                let what = "\(draft.action.rawValue) of \(draft.execution) on \(draft.instance.name) [\(draft.policy)]"
                let note = intent.note.map { ": \($0)" } ?? ""
                lines.append(
                    .row(
                        of: "requests",
                        [
                            "\("\(intent.id)", .held)",
                            "\(what), sent \(intent.sendingAt.map { "\($0)" } ?? "-")\(note)",
                        ]))
                if let link = item.link { lines.append("     \(link)") }
            }
            lines.append("  then: mendflow resolve NUMBER --ran|--not-run --reason TEXT")
        }
        if inbox.younger > 0 {
            lines.append(
                "\(inbox.younger) \(inbox.unresolved.isEmpty ? "" : "more ")without an answer for less than \(Inbox.age): what they did may still show up in n8n"
            )
        }
        if !inbox.held.isEmpty {
            lines += ["", .heading("Chains that are held; `mendflow explain ID` says why")]
            for item in inbox.held {
                let why: StyledText = "\(item.reason.rawValue, .held) on \(item.instance), for example \(item.example)"
                lines.append(.row(of: "chains", gap: 1, ["\(item.count)", why]))
            }
        }
        return TextReport(lines)
    }
}
