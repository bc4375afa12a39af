import MendflowCore
import MendflowHTML
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// *Now*: what is being done, what is due next, what is held, and whether anything keeps the agent from its work.
struct NowPage {
    let state: PresentState
    let visit: Visit
    /// After how many seconds it is loaded again; nil where somebody does.
    var refresh: Int?

    /// The most rows of what is due that stand here; the rest is a link away.
    private static let most = 15

    var page: ConsolePage {
        ConsolePage(
            title: "Now", section: .now,
            content: HTMLText.all(
                [notices] + state.instances.map(instance) + [AgentsSection(state: state).html, pausing, refreshing]),
            refresh: refresh)
    }

    /// What keeps it from its work, and what waits for somebody.
    private var notices: HTMLText {
        var all: [HTMLText] = [FilesNotice(files: state.files).html] + state.pauses.map(pause)
        for it in state.instances {
            if let alarm = it.status.record?.alarm {
                all.append(
                    .notice(
                        "<p><strong>Epoch alarm on \(it.name)</strong>: \(alarm). Nothing is done there until somebody accepts the database: <code>mendflow instance adopt --instance \(it.name) --reason ...</code></p>",
                        .bad))
            }
            if let lead = it.status.lead, !lead.isHeld, it.status.mode != .off {
                let words: HTMLText = "<p><strong>No agent leads \(it.name)</strong>: nothing is done there.</p>"
                all.append(.notice(words, .bad))
            }
            if let trouble = it.status.trouble {
                all.append(.notice("<p><strong>\(it.name) could not be read</strong>: \(trouble)</p>", .bad))
            }
            if let gap = GapNotice(it.status) { all.append(gap.html) }
            for standing in it.status.record?.demoted ?? [] {
                let policy = standing.demotion.policy
                all.append(
                    .notice(
                        "<p><strong>\(HTMLText.policy(policy, on: it.name)) went back to dry-run by itself</strong> on \(it.name): \(standing.demotion.words). Change it, or \(Place("policies").link("let it act again")) (<code>mendflow promote \(policy) --reason ...</code>)</p>"
                    ))
            }
            for (kind, words) in (it.status.record?.refused ?? [:]).sorted(by: { $0.key < $1.key }) {
                all.append(
                    .notice("<p><strong>\(it.name) refuses this key a \(kind.rawValue)</strong>: \(words)</p>", .bad))
            }
        }
        if state.unresolved > 0 {
            all.append(
                .notice(
                    "<p>\(count(state.unresolved, "request of ours has", "requests of ours have")) no answer: \(Place("inbox").link("look whether they ran, and say so"))</p>"
                ))
        }
        if state.asks > 0 {
            all.append(
                .notice(
                    "<p>\(count(state.asks, "action waits", "actions wait")) for a person: \(Place("inbox").link("say yes or no"))</p>"
                ))
        }
        return .all(all)
    }

    private func pause(_ pause: LedgerState.Pause) -> HTMLText {
        let whose = pause.instance.map { "Acting on \($0) is paused" } ?? "Acting is paused"
        let why = pause.reason.isEmpty ? "" : ": \(pause.reason)"
        let end: HTMLText =
            pause.until.map { end -> HTMLText in ", ends \(HTMLText.countdown(end, from: state.now))" } ?? ""
        // Whoever lifts a doubt has to have read what it is about.
        let resume: HTMLText =
            pause.isDoubt
            ? "<p>The ledger may not know all that was sent. Once that is seen to: <code>mendflow resume --force</code></p>"
            : visit.form(
                Place("resume"),
                "<input type=\"hidden\" name=\"instance\" value=\"\(pause.instance ?? "")\"><button>Act again</button>")
        return .notice(
            "<p><strong>\(whose)</strong>\(why) (by \(pause.by), \(HTMLText.countdown(pause.at, from: state.now))\(end))</p>\(resume)"
        )
    }

    // MARK: - An instance

    private func instance(_ it: PresentState.Instance) -> HTMLText {
        let status = it.status
        guard let record = status.record else {
            return """
                <section><h2>\(it.name)</h2>\(HTMLText.nothing("It has no baseline yet: mendflow init --name \(it.name) makes it."))</section>
                """
        }
        let tick: HTMLText =
            record.lastTick.map { tick -> HTMLText in
                "\(HTMLText.countdown(tick.at, from: state.now)) (number \(tick.tick))"
            } ?? "none yet"
        let policies = "\(status.acting.count) can act, \(status.dryRun.count) in dry-run"
        let seen = it.plan.map { plan -> HTMLText in
            let part = plan.header.completeness == .complete ? "" : ", not everything"
            return "\(count(plan.header.rows, "execution", "executions")), \(plan.header.live) live\(part)"
        }
        let facts = HTMLText.facts([
            ("n8n", "<a href=\"\(status.url)\" rel=\"noreferrer\">\(status.url)</a>"), ("mode", .mode(status.mode)),
            ("led by", status.lead.map { AgentsSection.words($0) } ?? ""), ("last tick", tick),
            ("policies", Place("policies").link("\(policies)")), ("seen", seen ?? ""),
            ("hints", it.hints.map(hints) ?? ""),
            ("chains given up, 7 days", record.exhausted > 0 ? "\(record.exhausted)" : ""),
        ])
        return """
            <section><h2>\(it.name)</h2>\(facts)
            \(acting(it))
            \(due(it))
            \(held(it))</section>
            """
    }

    private func hints(_ hints: PresentState.Hints) -> HTMLText {
        guard let last = hints.last else { return "none since the agent started" }
        return "\(hints.lastHour) in the last hour, last \(HTMLText.countdown(last, from: state.now))"
    }

    private func acting(_ it: PresentState.Instance) -> HTMLText {
        let way = it.underWay.map { intent -> [HTMLText] in
            let since = intent.sendingAt ?? intent.reservedAt
            return [
                .execution(intent.draft.execution, on: it.name), "\(intent.draft.words)",
                .policy(intent.draft.policy, on: it.name),
                intent.state == .sending ? "sent, no answer yet" : "about to be sent",
                .countdown(since, from: state.now),
            ]
        }
        let holders = (it.status.record?.placeHolders ?? []).filter { holder in
            !it.underWay.contains { $0.id == holder.intent }
        }
        let running = holders.map { holder -> [HTMLText] in
            [
                .execution(holder.execution, on: it.name), "retry", .policy(holder.policy, on: it.name),
                "\(holder.words)", holder.sentAt.map { .countdown($0, from: it.now) } ?? "",
            ]
        }
        guard !way.isEmpty || !running.isEmpty else {
            return "<h3>Acting</h3>\(HTMLText.nothing("Nothing is under way."))"
        }
        let table = Table(
            "What is under way on \(it.name)", ["Execution", "Action", "Policy", "How it stands", "Since"],
            Array((way + running).prefix(NowPage.most)))
        let more = way.count + running.count - NowPage.most
        return "<h3>Acting</h3>\(table.html)\(more > 0 ? HTMLText.nothing("and \(more) more") : "")"
    }

    private func due(_ it: PresentState.Instance) -> HTMLText {
        guard let plan = it.plan else {
            let isElsewhere = it.status.lead?.leader != nil
            let words =
                isElsewhere
                ? "Only the agent that leads it has looked: its console shows what comes next."
                : "This agent has not looked yet."
            return "<h3>Due next</h3>\(HTMLText.nothing(words))"
        }
        let entries = DuePage.sorted(plan.entries)
        guard !entries.isEmpty else {
            return "<h3>Due next</h3>\(HTMLText.nothing("Nothing is due, and nothing waits for a time."))"
        }
        let table = Table(
            "What is due next on \(it.name)", DuePage.columns,
            entries.prefix(NowPage.most).map { DuePage.row($0, on: it.name, now: it.now) })
        let all = Place("due", query: ["instance": it.name]).link("all \(entries.count) that are due or wait")
        let more: HTMLText = entries.count > NowPage.most ? "<p>\(all)</p>" : ""
        return "<h3>Due next</h3>\(DuePage.kept(it))\(table.html)\(more)"
    }

    private func held(_ it: PresentState.Instance) -> HTMLText {
        guard let plan = it.plan else { return "" }
        let groups = plan.notActed
        let people = groups.filter { !$0.reason.endsByItself }
        guard !people.isEmpty else {
            let count = plan.held.count.words("execution", "executions")
            let all = Place("held", query: ["instance": it.name]).link("\(count)")
            return
                "<h3>Held</h3><p>Nothing is held that needs somebody; \(all) left alone for other reasons.</p>"
        }
        let items = people.map { group -> HTMLText in
            "<li>\(group.count) \(Place.held(group.reason, on: it.name).link("\(group.reason.rawValue)")): \(group.reason.words)</li>"
        }
        return """
            <h3>Held</h3><ul>\(HTMLText.all(items))</ul>
            <p>\(Place("held", query: ["instance": it.name]).link("Why not the others"))</p>
            """
    }

    // MARK: - At the foot

    /// The kill switch.
    private var pausing: HTMLText {
        guard visit.csrf != nil else { return "" }
        let names = state.instances.map { it -> HTMLText in "<option value=\"\(it.name)\">\(it.name)</option>" }
        let times = ["", "1h", "2h", "8h", "1d"].map { time -> HTMLText in
            "<option value=\"\(time)\">\(time.isEmpty ? "until somebody resumes" : time)</option>"
        }
        let form = visit.form(
            Place("pause"),
            """
            <label>Where<select name="instance"><option value="">all instances</option>\(HTMLText.all(names))</select></label>
            <label>How long<select name="for">\(HTMLText.all(times))</select></label>
            <label>Why<input name="reason" required maxlength="300" size="30"></label><button>Pause acting</button>
            """)
        return
            "<section><h2>Pause</h2><p>Nothing is sent while acting is paused; what is under way goes on.</p>\(form)</section>"
    }

    private var refreshing: HTMLText {
        let words: HTMLText =
            refresh == nil
            ? Place(query: ["refresh": "30"]).link("Load this page again every 30 seconds")
            : Place().link("Stop loading this page again by itself")
        return "<p>\(words)</p>"
    }
}

extension IntentDraft {
    /// What is done, in words.
    var words: String {
        var words = action.rawValue
        if action == .retry { words += " \(attempt)" }
        if let bulk { words += " of \(bulk.predicted.count) at once" }
        return tags.isEmpty ? words : "\(words): \(tags.joined(separator: ", "))"
    }
}
