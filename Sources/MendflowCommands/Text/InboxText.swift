import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowText

/// What waits for a person, as text: what it is, what settles it, and the command to type.
enum InboxText {
    /// `options` are those that each command needs to find the same configuration.
    static func render(_ inbox: Inbox, options: String = "") -> TextReport {
        var lines: [ReportLine] = []
        for alarm in inbox.alarms {
            lines += [
                "\("EPOCH ALARM", .wrong) on \(alarm.instance): \(alarm.reason)",
                "  mendflow instance adopt\(inbox.naming(alarm.instance))\(options) --reason 'restored from a backup'",
                "",
            ]
        }
        if !inbox.asks.isEmpty {
            lines += [.heading("Actions that wait for a yes")]
            for item in inbox.asks { lines += ApprovalText.item(item) }
            lines += ["     mendflow approve\(options) ID...", "     mendflow decline\(options) ID --reason '...'", ""]
        }
        for item in inbox.replays {
            let place = inbox.hasSeveralInstances ? " on \(item.instance)" : ""
            lines += [
                "\(StyledText(item.replay.standing, .held))\(place)",
                "  mendflow replay show\(inbox.naming(item.instance))\(options) \(item.replay.name)", "",
            ]
        }
        lines += requests(inbox, options)
        if !inbox.held.isEmpty {
            lines += ["", .heading("Chains that are held, by reason")]
            for item in inbox.held { lines += held(item, inbox, options) }
        }
        return TextReport(lines)
    }

    private static func requests(_ inbox: Inbox, _ options: String) -> [ReportLine] {
        var lines: [ReportLine] = []
        if inbox.unresolved.isEmpty {
            let underWay = inbox.underWay.words("request is", "requests are")
            if inbox.underWay > 0 {
                lines.append(
                    "\(underWay) on the way, as far as the ledger tells; `mendflow status` says whether an agent runs")
            } else if inbox.younger == 0 {
                lines.append("Every request of ours has an answer.")
            }
        } else {
            lines.append(.heading("Requests that nobody answered: look in n8n whether they ran, and say so"))
            for item in inbox.unresolved { lines += request(item, options) }
        }
        if inbox.younger > 0 {
            let (more, it) = (inbox.unresolved.isEmpty ? "" : "more ", inbox.younger == 1 ? "it" : "they")
            let requests = inbox.younger.words("\(more)request has", "\(more)requests have")
            lines.append(
                "\(requests) no answer so far, for less than \(Inbox.age): what \(it) did may still show up in n8n; else \(it) will stand here to be settled"
            )
        }
        return lines
    }

    private static func request(_ item: Inbox.Unresolved, _ options: String) -> [ReportLine] {
        let (intent, draft) = (item.intent, item.intent.draft)
        let what = "\(draft.action.rawValue) of \(draft.execution) on \(draft.instance.name) [\(draft.policy)]"
        let note = intent.note.map { ": \($0)" } ?? ""
        var lines: [ReportLine] = [
            .row(
                of: "requests",
                ["\("\(intent.id)", .held)", "\(what), sent \(intent.sendingAt.map { "\($0)" } ?? "-")\(note)"])
        ]
        if let link = item.link { lines.append("     \(link)") }
        for (found, answer) in [
            ("it ran:", "--ran --reason 'seen in n8n'"), ("it did not:", "--not-run --reason 'not in n8n'"),
        ] {
            let command = "mendflow resolve \(intent.id)\(options) \(answer)"
            lines.append(.row(of: "answers", indent: 5, always: true, [StyledText(found), StyledText(command)]))
        }
        return lines
    }

    /// That a reason was found by a text that a policy has no more; nil where all of them were by the present ones.
    static func formerly(_ count: Int, of all: Int) -> String? {
        guard count > 0 else { return nil }
        let which = count < all ? "\(count) of these" : all == 1 ? "this" : "all of these"
        return
            "\(which) by a former text of the policy; an agent judges \(all == 1 ? "it" : "them") anew, and `mendflow plan` shows how"
    }

    private static func held(_ item: Inbox.Held, _ inbox: Inbox, _ options: String) -> [ReportLine] {
        let place = inbox.hasSeveralInstances ? " on \(item.instance)" : ""
        let why: StyledText = "\(item.reason.rawValue, .held)\(place): \(item.reason.words)"
        var lines: [ReportLine] = [.row(of: "chains", gap: 1, ["\(item.count)", why])]
        if let words = formerly(item.underFormerText, of: item.count) { lines.append("     \(words)") }
        return lines + [
            "     \(item.reason.remedy ?? "")",
            "     mendflow explain \(item.example)\(inbox.naming(item.instance))\(options)",
        ]
    }
}

extension Inbox {
    /// What names an instance in a command, where there are several.
    fileprivate func naming(_ instance: String) -> String { hasSeveralInstances ? " --instance \(instance)" : "" }
}
