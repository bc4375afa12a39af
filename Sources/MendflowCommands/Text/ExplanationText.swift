import MendflowCore
import MendflowReview
import MendflowText

/// An explanation as text.
enum ExplanationText {
    /// Where something was done, why is told by what was seen then; of today no more than what comes of it, unless `all`
    /// is wanted.
    static func render(_ it: Explanation, all: Bool = false) -> TextReport {
        var lines: [ReportLine] = ["\("Execution \(it.asked)", .heading) of '\(it.workflowName ?? it.workflow.text)'"]
        if it.judged != it.asked { lines.append("  judged by \(it.judged), the newest run of its chain") }
        lines.append("  \(it.row.status.rawValue)  \(it.link)")
        if let why = it.unreached { lines.append("  \("n8n cannot be asked now", .wrong): \(why)") }
        if let then = it.asOf {
            lines += [
                "  as of \(then.time): decided at \(then.decidedAt), record \(then.record)",
                "  from the ledger alone: what n8n did after it was seen is not told",
            ]
            if it.hasHealedSince { lines.append("  \("its chain has healed since", .acts), as the ledger knows") }
        }
        lines += decision(it) + ["", .heading("What happened")]
        for entry in it.timeline {
            lines.append(
                .row(
                    of: "timeline",
                    [
                        StyledText(entry.at?.rfc3339 ?? padded("-", 24)), StyledText(padded(entry.actor.rawValue, 8)),
                        "\(entry.execution)", StyledText(entry.summary),
                    ]))
        }
        lines += done(it) + evidence(it)
        return TextReport(lines + policies(it, all: all))
    }

    /// What each policy says of it, as it is now.
    private static func policies(_ it: Explanation, all: Bool) -> [ReportLine] {
        guard !it.policies.isEmpty else { return ["", "No policy looks at this instance."] }
        let shown = it.policies.filter { all || it.done.isEmpty || $0.standing != .noMatch }
        var lines: [ReportLine] = shown.isEmpty ? [] : ["", .heading("Policies, in order")]
        for policy in shown {
            let isBrief = !all && policy.isAboutOthers
            lines += isBrief ? [headline(policy, it)] : block(policy, it)
        }
        for protection in it.protections {
            lines.append("  \("protected", .held) by \(protection.place?.description ?? "the configuration")")
            lines += render(protection.tree, 6)
        }
        return lines
    }

    /// What was done, with the reasons of then: by now the execution is another one than was judged.
    private static func done(_ it: Explanation) -> [ReportLine] {
        guard !it.done.isEmpty else { return [] }
        var lines: [ReportLine] = ["", .heading("What we did, and why then")]
        for done in it.done {
            lines.append(
                "  \(done.at)  \(done.policy ?? "no policy"): \(done.request ?? "-")  (record \(done.record))")
            guard let action = done.action else {
                lines.append("      its policies cannot be read any more; `mendflow audit export` has what they saw")
                continue
            }
            if let why = done.exhaustion {
                lines.append("      by `on_exhausted`, for the chain was given up: \(why)")
            }
            if let found = action.classification {
                lines.append("      error class \(found.errorClass.rawValue) by rule \(found.ruleID)")
            }
            if let risk = action.risk { lines.append("      repeat risk \(risk.risk.rawValue): \(risk.why)") }
            if let tree = done.tree { lines += render(tree, 6) }
        }
        return lines
    }

    private static func evidence(_ it: Explanation) -> [ReportLine] {
        var lines: [ReportLine] = []
        if let found = it.classification {
            let stage = it.stage.map { ", of \"\($0.title)\"" } ?? ""
            lines += [
                "", "\("Error of class \(found.errorClass.rawValue)", .heading), by rule \(found.ruleID)\(stage)",
            ]
            lines += it.seen.map { "  it saw \($0)" }
        }
        if let message = it.error?.message { lines.append("  \(message)") }
        if let risk = it.risk {
            lines += ["", "\("Repeat risk \(risk.risk.rawValue)", .heading), by rule \(risk.ruleID)", "  \(risk.why)"]
            lines.append("  a retry starts \(risk.start.summary)")
            if let words = ranAlready(it.nodesDone, risk.start) { lines.append("  \(words)") }
        }
        // What a success did nobody asks.
        if let trouble = it.unreadable, it.row.status != .success { lines += ["", "Data: \(trouble)"] }
        if !it.hiddenParts.isEmpty {
            lines.append("  hidden of its error: \(it.hiddenParts.joined(separator: ", "))")
            if it.classification == nil {
                lines.append("  its class is not known: an error rule may look at what is hidden")
            }
        }
        return lines
    }

    /// What of the run had been done, and whether a retry does it again.
    static func ranAlready(_ done: Int?, _ start: RepeatRiskVerdict.Start) -> String? {
        guard let done, done > 0 else { return nil }
        let nodes = done.words("node", "nodes") + " had succeeded"
        return switch start {
        case .node: "\(nodes); what ran before the start is not run again"
        case .trigger: "\(nodes), and run again"
        case .nowhere, .unknown: nodes
        }
    }

    private static func block(_ policy: Explanation.PolicyView, _ it: Explanation) -> [ReportLine] {
        var lines = [headline(policy, it)]
        if let tree = policy.tree { lines += render(tree, 6) } else { lines.append("      matches everything") }
        if let group = policy.group, let wanted = policy.wordsOfGroup {
            lines.append("      group: wanted \(wanted), counted \(group.summary)")
        }
        if let why = policy.bulkHeld { lines.append("      its bulk stop is held: \(why)") }
        for reason in policy.exceptions { lines.append("      exception: \(reason)") }
        for balance in policy.balances { lines.append("      \(balance)") }
        if let time = policy.givesUpAt { lines.append("      gives up at \(time)") }
        return lines
    }

    private static func headline(_ policy: Explanation.PolicyView, _ it: Explanation) -> ReportLine {
        "  \(policy.name) (\(policy.mode.rawValue), \(policy.place)): \(standing(policy, it))"
    }

    private static func standing(_ policy: Explanation.PolicyView, _ it: Explanation) -> StyledText {
        let reason = policy.reason ?? ""
        let words = policy.why.isEmpty ? Reason(rawValue: reason)?.words ?? "" : policy.why
        switch policy.standing {
        case .act:
            if it.isOff { return "would act in dry-run; the instance is off, so that no agent looks at it" }
            guard policy.mode == .enforce else {
                return "would act \(it.asOf == nil ? "now" : "then"); the policy is in dry-run"
            }
            guard it.acts else { return "would act \(it.asOf == nil ? "now" : "then"); the agent is in dry-run here" }
            guard let then = it.asOf else { return StyledText("acts now", .acts) }
            guard !then.notBegun.contains(policy.name) else {
                return "was due then, and not begun: who decided that carried out something else alone, as a replay"
            }
            return StyledText("acted then", .acts)
        case .wait:
            let meaning = Reason(rawValue: reason)?.words ?? ""
            return "\("waits for \(reason)", .held)\(policy.due.map { " until \($0)" } ?? ""): \(meaning)"
        case .held: return "\("held as \(reason)", .held): \(words)"
        case .matches: return StyledText(policy.wordsOfMatch)
        case .noMatch:
            if policy.tree?.verdict == .needs { return "cannot be told before the run's data is read" }
            guard policy.tree?.verdict != .unknown else {
                return "nobody can tell whether it matches: \(listed(policy.missedWords))"
            }
            return "\(missed(policy.missedWords, of: policy.misses))"
        }
    }

    /// What would have to be otherwise for a policy to match.
    static func missed(_ missed: [String], of count: Int) -> String {
        let found = missed.isEmpty ? "" : ": \(listed(missed))"
        return count == 1
            ? "would match but for this\(found)"
            : "does not match, by \(count.words("condition", "conditions"))\(found)"
    }

    /// How many of them are told; the tree below has all.
    private static let mostMissed = 3

    private static func listed(_ missed: [String]) -> String {
        let left = missed.count - mostMissed
        return missed.prefix(mostMissed).joined(separator: "; ") + (left > 0 ? "; and \(left) more" : "")
    }

    private static func decision(_ it: Explanation) -> [ReportLine] {
        let title = it.asOf != nil ? "Decision then" : it.done.isEmpty ? "Decision" : "Today"
        var lines: [ReportLine] = ["", .heading(title)]
        if it.isOff {
            lines.append("  the instance is off, so that no agent looks at it: this is what `mode: dry_run` would show")
        }
        if !it.done.isEmpty, let run = it.healedBy {
            return lines + ["  \(run == it.asked ? "it succeeded" : "healed by \(run)"): nothing is left to do"]
        }
        for outcome in it.outcomes { lines += decision(outcome, it) }
        if it.outcomes.isEmpty {
            lines.append(
                it.row.status == .unrecognised
                    ? "  nothing: \(it.row.unrecognisedWords)"
                    : "  nothing: no policy wants anything of this \(it.row.status.rawValue) execution now")
        }
        if it.done.isEmpty, it.policies.allSatisfy({ !$0.matches }), let miss = it.nearestMiss {
            lines.append("  \("Nearest miss", .heading): \(miss.policy) \(missed(miss.missedWords, of: miss.misses))")
        }
        if it.passedOver > 0, it.outcomes.contains(where: \.isDue) {
            lines.append(
                """
                  (the data of \(it.passedOver.words("other execution", "other executions")) was not read: what of that is due too \
                shares its caps; `mendflow plan` says who comes first)
                """)
        }
        if it.isMemoryless { lines.append("  (memory: none, so what was done before is not known)") }
        return lines
    }

    private static func decision(_ outcome: Explanation.Outcome, _ it: Explanation) -> [ReportLine] {
        let policy = "\(outcome.isDryRun ? "(dry-run) " : "")\(outcome.policy ?? "nothing is done")"
        let taken = outcome.takenFrom.map { ", would take it from \($0)" } ?? ""
        let reason = Reason(rawValue: outcome.verdict)
        if outcome.isDue {
            let label = outcome.isDryRun ? "would act" : StyledText("act", .acts)
            return ["  \(policy): \(label): \(outcome.why)\(taken)"]
        }
        if let action = outcome.action {
            let incident = reason == .incident ? action.draft.incident.map { " \($0)" } ?? "" : ""
            let label = StyledText("waits for \(outcome.verdict)\(incident)", .held)
            let end = outcome.until.map { " until \($0)" } ?? ""
            let holding = it.policies.first { $0.name == outcome.policy && $0.reason == outcome.verdict }?.holding ?? []
            return ["  \(policy): \(label)\(end) (\(reason?.words ?? "")), then \(outcome.why)\(taken)"]
                + holding.map { "    what holds it: \($0)" }
        }
        let words = outcome.why.isEmpty ? reason?.words ?? "" : outcome.why
        let label = StyledText(outcome.verdict, .held)
        let remedy: [ReportLine] = reason?.remedy.map { ["    what settles it: \($0)"] } ?? []
        let withheld: [ReportLine] = outcome.withheld.map { ["    would send \($0)"] } ?? []
        return ["  \(policy): \(label): \(words)\(taken)"] + withheld + remedy
    }

    /// The outermost AND says nothing that its lines do not.
    private static func render(_ tree: ConditionTree, _ indent: Int) -> [ReportLine] {
        if case .group(.all, _, let parts) = tree { return parts.flatMap { branch($0, indent) } }
        return branch(tree, indent)
    }

    private static func branch(_ tree: ConditionTree, _ indent: Int) -> [ReportLine] {
        switch tree {
        case .test(let test):
            return [
                .row(
                    of: "tests", indent: indent,
                    [
                        mark(test.verdict), StyledText(test.words), "[\(test.found)]",
                        test.isImplicit ? "(implicit)" : "",
                    ])
            ]
        case .group(let group, let verdict, let parts):
            return [.row(of: "tests", indent: indent, [mark(verdict), StyledText(words(group))])]
                + parts.flatMap { branch($0, indent + 4) }
        }
    }

    private static func words(_ group: ConditionTree.Group) -> String {
        switch group {
        case .all: "all of these:"
        case .any: "at least one of these:"
        case .not: "not this:"
        }
    }

    private static func mark(_ verdict: Ternary) -> StyledText {
        switch verdict {
        case .yes: "yes"
        case .no: "no "
        case .unknown, .needs: "?  "
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension Explanation {
    /// Parts of a failure's error that its data does not show, where the data was not shown whole.
    var hiddenParts: [String] {
        guard unreadable != nil, let error else { return [] }
        let parts: [(String, Bool)] = [
            ("message", error.message == nil), ("description", error.description == nil),
            ("the service's messages", error.messages.isEmpty), ("cause", error.cause == nil),
            ("name", error.name == nil), ("HTTP code", error.httpCode == nil),
        ]
        return parts.filter(\.1).map(\.0)
    }
}
