import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// What people are asked, and what came of their answers, as text.
enum ApprovalText {
    /// The asks that are open; `options` are those that each command needs to find the same configuration.
    static func render(_ open: [Approving.Item], options: String) -> TextReport {
        guard !open.isEmpty else { return TextReport(["Nothing waits for a yes."]) }
        var lines: [ReportLine] = [
            .heading(open.count.words("action waits for a yes", "actions wait for a yes"))
        ]
        for item in open { lines += self.item(item) }
        lines += ["", "mendflow approve\(options) ID...", "mendflow decline\(options) ID --reason '...'"]
        return TextReport(lines)
    }

    static func render(_ outcome: Approving.Outcome) -> TextReport {
        let look = outcome.looksWithin.map { "when the agent looks, within \($0)" } ?? "once an agent runs"
        var lines: [ReportLine] = outcome.answered.map { item in
            let ask = item.approval.ask
            let word = StyledText(item.approval.state == .given ? "approved" : "declined", .held)
            let next =
                item.approval.state == .given
                ? outcome.paused[ask.draft.instance.name].map { held(by: $0, ask) }
                    ?? "; it is sent \(look), if nothing has changed" : ""
            return .row(of: "answers", indent: 0, [word, "\(item.approval.id)", StyledText(what(ask) + next)])
        }
        lines += outcome.refused.map { refused in
            .row(
                of: "answers", indent: 0,
                [StyledText("refused", .wrong), "\(refused.id)", StyledText(refused.why)])
        }
        if lines.isEmpty { lines.append("Nothing waits for a yes.") }
        return TextReport(lines)
    }

    /// That a pause keeps back what was said yes to, and whether the yes outlives it.
    private static func held(by pause: LedgerState.Pause, _ ask: ApprovalAsk) -> String {
        let expires = ask.expiresAt
        let end =
            if let until = pause.until, until < expires { "it is sent once that is over, if nothing has changed" } else
            {
                pause.until == nil
                    ? "it is sent if `mendflow resume` comes before the yes expires at \(expires.rfc3339)"
                    : "the yes expires before that, at \(expires.rfc3339): it is not sent unless `mendflow resume` comes first"
            }
        return "; acting is paused, \(pause.words): \(end)"
    }

    /// One ask, with what a person wants to know before they answer.
    static func item(_ item: Approving.Item) -> [ReportLine] {
        let ask = item.approval.ask
        var facts: [String] = []
        if let errorClass = ask.errorClass { facts.append("error class \(errorClass.rawValue)") }
        if let risk = ask.risk { facts.append("repeat risk \(risk.rawValue)") }
        if let start = ask.start { facts.append("starts \(start)") }
        facts.append("asked \(item.approval.askedAt.rfc3339), expires \(ask.expiresAt.rfc3339)")
        var lines: [ReportLine] = [
            .row(of: "asks", ["\("\(item.approval.id)", .held)", StyledText(what(ask))]),
            "     \(ask.request)", "     \(facts.joined(separator: "; "))",
        ]
        if let link = item.link { lines.append("     \(link)") }
        return lines
    }

    private static func what(_ ask: ApprovalAsk) -> String {
        let draft = ask.draft
        let attempt = draft.action == .retry ? " \(draft.attempt) of \(ask.attempts)" : ""
        return "\(draft.action.rawValue)\(attempt) of \(draft.execution) '\(ask.workflowName ?? draft.workflow.text)' "
            + "on \(draft.instance.name) [\(draft.policy)]"
    }
}
