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

    var page: ConsolePage {
        let done = settled.map { HTMLText.notice("<p>Request \($0) is settled; your word is on record.</p>", .good) }
        let parts: [HTMLText] = [done ?? "", alarms, requests, held]
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
            (
                "in n8n",
                item.link.map { link -> HTMLText in "<a href=\"\(link)\" rel=\"noreferrer\">open the execution</a>" }
                    ?? ""
            ),
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
                "\(group.instance)", "\(group.reason.words)", "\(group.reason.remedy ?? "")",
                Place.execution(group.example, on: group.instance).link("explain \(group.example)"),
            ]
        }
        let table = Table(
            "Chains that are held, by reason",
            ["Reason", .number("Chains"), "Instance", "What it means", "What settles it", "The oldest"], rows)
        return "<h2>Chains that are held</h2>\(table.html)"
    }
}
