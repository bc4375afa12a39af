import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview

/// *Inbox*: what waits for a person.
struct InboxPage {
    let inbox: Inbox
    let visit: Visit
    /// A request that was settled just now, as the address tells it.
    var settled: Int64?
    /// What was answered just now, as the address tells it.
    var answered: Int64?

    var page: ConsolePage {
        var parts: [HTMLText] = []
        if let settled { parts.append(.notice("<p>Request \(settled) is settled; your word is on record.</p>", .good)) }
        if let answered {
            let words =
                "What was asked in record \(answered) is answered. After a yes it is sent at the agent's next look, "
                + "if nothing has changed."
            parts.append(.notice("<p>\(words)</p>", .good))
        }
        parts += [alarms, asks, requests, held]
        return ConsolePage(title: "Inbox", section: .inbox, content: .all(parts))
    }

    private var alarms: HTMLText {
        .all(
            inbox.alarms.map { alarm in
                .notice(
                    "<p><strong>Epoch alarm on \(alarm.instance)</strong>: \(alarm.reason). <code>mendflow instance adopt --instance \(alarm.instance) --reason ...</code> accepts the database.</p>",
                    .bad)
            })
    }

    // MARK: - What waits for a yes

    private var asks: HTMLText {
        guard !inbox.asks.isEmpty else { return "" }
        return """
            <h2>Waiting for a yes</h2>
            <p>Policies that ask first. A yes is for what stands here: it is looked at once more before it is sent, and where \
            something has changed it is not.</p>
            \(HTMLText.all(inbox.asks.map(ask)))
            """
    }

    private func ask(_ item: Approving.Item) -> HTMLText {
        let (ask, draft) = (item.approval.ask, item.approval.ask.draft)
        let facts = HTMLText.facts([
            ("instance", "\(draft.instance.name)"), ("workflow", "\(ask.workflowName ?? draft.workflow.text)"),
            ("policy", .policy(draft.policy, on: draft.instance.name)),
            ("error class", "\(ask.errorClass?.rawValue ?? "")"), ("repeat risk", "\(ask.risk?.rawValue ?? "")"),
            ("starts", "\(ask.start ?? "")"), ("asked", .countdown(item.approval.askedAt, from: visit.now)),
            ("an answer counts until", .countdown(ask.expiresAt, from: visit.now)),
            ("in n8n", InboxPage.link(item.link)),
        ])
        let form = visit.form(
            Place("inbox", "answer"),
            """
            <input type="hidden" name="id" value="\(item.approval.id)">
            <label>Why (of a no)<input name="reason" maxlength="300" size="30"></label>
            <button name="say" value="yes">Yes, do it</button><button name="say" value="no">No</button>
            """)
        let command: HTMLText =
            visit.csrf == nil
            ? "<p class=\"note\">On the command line: <code>mendflow approve \(item.approval.id)</code>, or <code>mendflow decline \(item.approval.id) --reason ...</code></p>"
            : ""
        return """
            <section class="request" id="ask-\(item.approval.id)">
            <h3>\(draft.words) of \(HTMLText.execution(draft.execution, on: draft.instance.name))</h3>
            <p><code>\(ask.request)</code></p>\(facts)\(form)\(command)</section>
            """
    }

    private static func link(_ link: String?) -> HTMLText {
        link.map { link -> HTMLText in "<a href=\"\(link)\" rel=\"noreferrer\">open the execution</a>" } ?? ""
    }

    // MARK: - Requests without an answer

    private var requests: HTMLText {
        let younger: HTMLText =
            inbox.younger > 0
            ? .nothing(
                "\(count(inbox.younger, "request has", "requests have")) had no answer for less than \(Inbox.age): what became of them may still show up in n8n."
            ) : ""
        guard !inbox.unresolved.isEmpty else {
            return
                "<h2>Requests without an answer</h2>\(HTMLText.nothing("Every request of ours that is old enough has an answer."))\(younger)"
        }
        return """
            <h2>Requests without an answer</h2>
            <p>Nobody knows whether these ran. Look in n8n, and say so; until then nothing else is done to their chains.</p>
            \(HTMLText.all(inbox.unresolved.map(request)))\(younger)
            """
    }

    private func request(_ item: Inbox.Unresolved) -> HTMLText {
        let (intent, draft) = (item.intent, item.intent.draft)
        let sent: HTMLText =
            intent.sendingAt.map { time -> HTMLText in
                "\(HTMLText.time(time)) (\(HTMLText.countdown(time, from: visit.now)))"
            } ?? "-"
        let facts = HTMLText.facts([
            ("instance", "\(draft.instance.name)"), ("policy", .policy(draft.policy, on: draft.instance.name)),
            ("sent", sent), ("what is known", "\(intent.note ?? "")"),
            ("in n8n", InboxPage.link(item.link)),
        ])
        let form = visit.form(
            Place("inbox", "resolve"),
            """
            <input type="hidden" name="id" value="\(intent.id)">
            <label>What you saw<input name="reason" required maxlength="300" size="30"></label>
            <button name="ran" value="yes">It ran</button><button name="ran" value="no">It did not run</button>
            """)
        let command: HTMLText =
            visit.csrf == nil
            ? "<p class=\"note\">On the command line: <code>mendflow resolve \(intent.id) --ran --reason ...</code>, or <code>--not-run</code></p>"
            : ""
        return """
            <section class="request" id="request-\(intent.id)">
            <h3>\(draft.words) of \(HTMLText.execution(draft.execution, on: draft.instance.name))</h3>
            \(facts)\(form)\(command)</section>
            """
    }

    // MARK: - Held chains

    private var held: HTMLText {
        guard !inbox.held.isEmpty else { return "" }
        let rows = inbox.held.map { group -> [HTMLText] in
            [
                Place.held(group.reason, on: group.instance).link("\(group.reason.rawValue)"), "\(group.count)",
                inbox.hasSeveralInstances ? "\(group.instance)" : "", "\(group.reason.words)",
                "\(group.reason.remedy ?? "")",
                Place.execution(group.example, on: group.instance).link("explain \(group.example)"),
            ]
        }
        let table = Table(
            "Chains that are held, by reason",
            ["Reason", .number("Chains"), "Instance", "What it means", "What settles it", "The oldest"], rows)
        return "<h2>Chains that are held</h2>\(table.html)"
    }
}
