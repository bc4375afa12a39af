import MendflowCore
import MendflowOperations

/// What waits for a person, as text.
enum InboxText {
    static func render(_ inbox: Inbox) -> String {
        var lines = inbox.alarms.map { "EPOCH ALARM on \($0.instance): \($0.reason)" }
        if inbox.unresolved.isEmpty {
            lines.append("Nothing is unresolved.")
        } else {
            lines.append("Requests that nobody answered; look in n8n whether they ran")
            for item in inbox.unresolved {
                let (intent, draft) = (item.intent, item.intent.draft)
                lines.append(
                    "  \(intent.id)  \(draft.action.rawValue) of \(draft.execution) on \(draft.instance.name) "
                        + "[\(draft.policy)], sent \(intent.sendingAt.map { "\($0)" } ?? "-")"
                        + (intent.note.map { ": \($0)" } ?? ""))
                if let link = item.link { lines.append("     \(link)") }
            }
            lines.append("  then: mendflow resolve NUMBER --ran|--not-run --reason TEXT")
        }
        if inbox.younger > 0 {
            lines.append(
                "\(inbox.younger) more without an answer for less than \(Inbox.age): it may still show up in n8n")
        }
        if !inbox.held.isEmpty {
            lines += ["", "Chains that are held; `mendflow explain ID` says why"]
            for item in inbox.held {
                lines.append("  \(item.count) \(item.reason.rawValue) on \(item.instance), for example \(item.example)")
            }
        }
        return Console.lines(lines)
    }
}
