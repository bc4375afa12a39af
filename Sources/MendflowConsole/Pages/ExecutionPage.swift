import MendflowCore
import MendflowHTML
import MendflowLedger
import MendflowOperations
import MendflowReview

/// An execution: what happened in its chain, what is decided, and why.
struct ExecutionPage {
    let story: ExecutionStory

    var page: ConsolePage {
        let title = "Execution \(story.execution) on \(story.instance)"
        switch story.told {
        case .explanation(let it):
            return ConsolePage(title: title, section: .held, content: explanation(it))
        case .recorded(let it):
            return ConsolePage(title: title, section: .held, content: recorded(it))
        case .unknown where !story.execution.isNumber:
            return ConsolePage(
                title: title, section: .held,
                content: "<p>That is not the id of an execution, which is a number like 4711.</p>")
        case .unknown:
            return ConsolePage(
                title: title, section: .held,
                content: """
                    <p>The agent did not see it at its last look, and nothing about it is on record. It may be older than the \
                    agent looks back, not kept by n8n, or never have been there. <code>mendflow explain \(story.execution) \
                    --instance \(story.instance)</code> asks n8n for it by its id.</p>
                    """)
        }
    }

    // MARK: - As the agent sees it

    private func explanation(_ it: Explanation) -> HTMLText {
        let leaf: HTMLText =
            it.judged == it.asked
            ? "" : "\(HTMLText.execution(it.judged, on: story.instance)), the newest run of its chain"
        let healed: HTMLText =
            it.healedBy.map { run -> HTMLText in
                run == it.asked ? "it succeeded" : "by \(HTMLText.execution(run, on: story.instance))"
            } ?? ""
        let facts = HTMLText.facts([
            ("workflow", "\(it.workflowName ?? it.workflow.text)"), ("judged by", leaf),
            (leaf.isEmpty ? "status" : "its status", .badge(it.row.status.rawValue)), ("healed", healed),
            ("seen", story.seenAt.map { .time($0) } ?? ""),
            ("in n8n", "<a href=\"\(it.link)\" rel=\"noreferrer\">open it</a>"),
        ])
        return .all([
            facts, "<h2>Decision</h2>\(decision(it))", "<h2>What happened</h2>\(timeline(it.timeline))",
            evidence(it), policies(it),
            "<p>\(Place("record", query: ["instance": story.instance, "execution": it.asked.text]).link("Its records"))</p>",
        ])
    }

    private func decision(_ it: Explanation) -> HTMLText {
        guard !it.outcomes.isEmpty else {
            return .nothing(
                it.row.status == .unrecognised
                    ? it.row.unrecognisedWords
                    : "No policy wants anything of this \(it.row.status.rawValue) execution now.")
        }
        let items = it.outcomes.map { outcome -> HTMLText in "<li>\(decision(outcome))</li>" }
        return "<ul>\(HTMLText.all(items))</ul>"
    }

    private func decision(_ outcome: Explanation.Outcome) -> HTMLText {
        let who: HTMLText = outcome.policy.map { .policy($0, on: story.instance) } ?? "nobody"
        let dry: HTMLText = outcome.isDryRun ? " \(HTMLText.badge("dry-run", .wait))" : ""
        let taken = outcome.takenFrom.map { ", would take it from \($0)" } ?? ""
        let reason = Reason(rawValue: outcome.verdict)
        if outcome.isDue {
            return
                "\(who)\(dry) <strong>\(outcome.isDryRun ? "would act" : "acts")</strong>: <code>\(outcome.why)</code>\(taken)"
        }
        if outcome.action != nil {
            let end: HTMLText =
                outcome.until.map { end -> HTMLText in
                    " <strong>\(HTMLText.countdown(end, from: story.now))</strong> (\(HTMLText.time(end)))"
                } ?? ""
            return
                "\(who)\(dry) waits\(end): \(outcome.verdict), \(reason?.words ?? ""); then <code>\(outcome.why)</code>\(taken)"
        }
        let words = outcome.why.isEmpty ? reason?.words ?? "" : outcome.why
        let label: HTMLText =
            reason.map { Place.held($0, on: story.instance).link("\($0.rawValue)") } ?? "\(outcome.verdict)"
        let remedy: HTMLText = reason?.remedy.map { remedy -> HTMLText in "<br>What settles it: \(remedy)." } ?? ""
        return "\(who)\(dry) <strong>does nothing</strong>: \(label), \(words)\(taken)\(remedy)"
    }

    private func timeline(_ entries: [TimelineEntry]) -> HTMLText {
        let items = entries.map { entry -> HTMLText in
            let when: HTMLText = entry.at.map { .time($0) } ?? "time not known"
            let record: HTMLText = entry.record.map { " \(Place.record($0).link("record \($0)"))" } ?? ""
            let run: HTMLText = .execution(entry.execution, on: story.instance)
            return """
                <li class="\(entry.actor.rawValue)">\(when) <span class="who">\(words(entry.actor)), execution \(run)\(record)</span>\
                <p>\(entry.summary)</p></li>
                """
        }
        return "<ol class=\"timeline\">\(HTMLText.all(items))</ol>"
    }

    private func words(_ actor: TimelineEntry.Actor) -> String {
        switch actor {
        case .us: "Mendflow"
        case .person: "a person"
        case .somebody: "Mendflow or a person"
        case .n8n: "n8n"
        }
    }

    private func evidence(_ it: Explanation) -> HTMLText {
        var facts: [(String, HTMLText)] = []
        if let found = it.classification {
            let seen = it.seen.isEmpty ? "" : ", which saw \(it.seen.joined(separator: ", "))"
            facts.append(("class", "\(found.errorClass.rawValue), by rule \(found.ruleID)\(seen)"))
        }
        if let message = it.error?.message { facts.append(("error", "\(message)")) }
        if let risk = it.risk {
            facts.append(("repeat risk", "\(risk.risk.rawValue): \(risk.why)"))
            facts.append(("a retry starts", "\(risk.start.summary)"))
        }
        if let trouble = it.unreadable, it.row.status != .success { facts.append(("its data", "\(trouble)")) }
        guard !facts.isEmpty else { return "" }
        return "<h2>The failure</h2>\(HTMLText.texts(facts))"
    }

    // MARK: - Policies

    private func policies(_ it: Explanation) -> HTMLText {
        guard !it.policies.isEmpty else {
            return "<h2>Policies</h2>\(HTMLText.nothing("No policy looks at this instance."))"
        }
        let all = it.policies.map { policy -> HTMLText in
            let open: HTMLText = policy.standing == .noMatch ? "" : " open"
            let tests: HTMLText = policy.tree.map(ConditionList.html) ?? HTMLText.nothing("It matches everything.")
            let balances = policy.balances.map { balance -> HTMLText in "<li>\(balance)</li>" }
            let left: HTMLText = balances.isEmpty ? "" : "<ul>\(HTMLText.all(balances))</ul>"
            let exceptions = policy.exceptions.map { reason -> HTMLText in "<p>Exception: \(reason)</p>" }
            return """
                <details\(open)><summary>\(policy.name): \(standing(policy, it))</summary>
                <p>\(HTMLText.policy(policy.name, on: story.instance)) \(HTMLText.mode(policy.mode))</p>
                \(tests)\(HTMLText.all(exceptions))\(left)</details>
                """
        }
        let protections = it.protections.map { protection -> HTMLText in
            "<details open><summary>protected by \(protection.place?.description ?? "the configuration")</summary>\(ConditionList.html(protection.tree))</details>"
        }
        return "<h2>Policies, in order</h2>\(HTMLText.all(all))\(HTMLText.all(protections))"
    }

    private func standing(_ policy: Explanation.PolicyView, _ it: Explanation) -> String {
        let reason = policy.reason ?? ""
        switch policy.standing {
        case .act:
            if it.isOff { return "would act in dry-run; the instance is off" }
            return it.acts && policy.mode == .enforce ? "acts now" : "would act now"
        case .wait: return "waits, \(reason)"
        case .held: return "held, \(reason)"
        case .matches: return policy.wordsOfMatch
        case .noMatch:
            let misses = policy.missedWords.prefix(3).joined(separator: "; ")
            return misses.isEmpty ? "does not match" : "does not match: \(misses)"
        }
    }

    // MARK: - As the ledger has it

    private func recorded(_ it: VanishedExecution) -> HTMLText {
        let gap: HTMLText =
            it.gap.map { gap -> HTMLText in
                .notice("<p>It went missing by \(HTMLText.time(gap.to)): \(gap.summary)</p>")
            } ?? ""
        let requests = it.intents.map { intent -> HTMLText in
            "<li>\(HTMLText.time(intent.reservedAt)) \(intent.draft.words) of \(HTMLText.execution(intent.draft.execution, on: story.instance)): \(intent.state.rawValue)\(intent.note.map { " (\($0))" } ?? ""), policy \(HTMLText.policy(intent.draft.policy, on: story.instance))</li>"
        }
        let records = it.entries.suffix(50).map { entry -> HTMLText in
            "<li>\(HTMLText.time(entry.record.at)) <span class=\"who\">\(Place.record(entry.sequence).link("record \(entry.sequence)")), \(entry.record.kind.rawValue)</span><p>\(entry.words.joined(separator: ", "))</p></li>"
        }
        let asked: HTMLText = requests.isEmpty ? "" : "<h2>What we asked for</h2><ul>\(HTMLText.all(requests))</ul>"
        return """
            <p>The agent did not see it at its last look; this is what is on record.</p>
            \(gap)\(asked)<h2>On record</h2><ol class="timeline">\(HTMLText.all(records))</ol>
            """
    }
}

/// A condition with what was found, test by test.
enum ConditionList {
    static func html(_ tree: ConditionTree) -> HTMLText {
        // The outermost AND says nothing that its parts do not.
        if case .group(.all, _, let parts) = tree { return list(parts) }
        return list([tree])
    }

    private static func list(_ parts: [ConditionTree]) -> HTMLText {
        "<ul class=\"tests\">\(HTMLText.all(parts.map(item)))</ul>"
    }

    private static func item(_ tree: ConditionTree) -> HTMLText {
        switch tree {
        case .test(let test):
            let implicit = test.isImplicit ? " (implicit)" : ""
            return
                "<li>\(mark(test.verdict)) \(test.words) <span class=\"note\">found: \(test.found)\(implicit)</span></li>"
        case .group(let group, let verdict, let parts):
            return "<li>\(mark(verdict)) \(words(group))\(list(parts))</li>"
        }
    }

    private static func words(_ group: ConditionTree.Group) -> String {
        switch group {
        case .all: "all of these:"
        case .any: "at least one of these:"
        case .not: "not this:"
        }
    }

    private static func mark(_ verdict: Ternary) -> HTMLText {
        switch verdict {
        case .yes: "<span class=\"mark good\">yes</span>"
        case .no: "<span class=\"mark bad\">no</span>"
        case .unknown, .needs: "<span class=\"mark wait\">?</span>"
        }
    }
}
