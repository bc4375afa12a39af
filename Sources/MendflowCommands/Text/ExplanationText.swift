import MendflowCore
import MendflowReview
import MendflowText

/// An explanation as text.
enum ExplanationText {
    static func render(_ it: Explanation) -> TextReport {
        var lines: [ReportLine] = ["\("Execution \(it.asked)", .heading) of '\(it.workflowName ?? it.workflow.text)'"]
        if it.judged != it.asked { lines.append("  judged by \(it.judged), the newest run of its chain") }
        lines += ["  \(it.row.status.rawValue)  \(it.link)", "", .heading("What happened")]
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
        lines += ["", it.policies.isEmpty ? "No policy looks at this instance." : .heading("Policies, in order")]
        for policy in it.policies { lines += block(policy) }
        for protection in it.protections {
            lines.append("  \("protected", .held) by \(protection.place?.description ?? "the configuration")")
            lines += render(protection.tree, 6)
        }
        if it.done.isEmpty, it.policies.allSatisfy({ !$0.matches }), let miss = it.nearestMiss {
            let test = miss.test.map { ": \(wanted($0))" } ?? ""
            lines += [
                "",
                "\("Nearest miss", .heading): \(miss.policy), by \(miss.misses) condition\(miss.misses == 1 ? "" : "s")\(test)",
            ]
        }
        return TextReport(lines + decision(it))
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
            lines += ["", "\("Error of class \(found.errorClass.rawValue)", .heading), by rule \(found.ruleID)"]
        }
        if let message = it.error?.message { lines.append("  \(message)") }
        if let risk = it.risk {
            lines += ["", "\("Repeat risk \(risk.risk.rawValue)", .heading), by rule \(risk.ruleID)", "  \(risk.why)"]
            lines.append("  a retry starts \(risk.start.summary)")
        }
        if let trouble = it.unreadable { lines += ["", "Data: \(trouble)"] }
        if !it.hiddenParts.isEmpty {
            lines.append("  hidden of its error: \(it.hiddenParts.joined(separator: ", "))")
            if it.classification == nil {
                lines.append("  its class is not known: an error rule may look at what is hidden")
            }
        }
        return lines
    }

    private static func block(_ policy: Explanation.PolicyView) -> [ReportLine] {
        var lines: [ReportLine] = ["  \(policy.name) (\(policy.mode.rawValue), \(policy.place)): \(standing(policy))"]
        if let tree = policy.tree { lines += render(tree, 6) } else { lines.append("      matches everything") }
        if let group = policy.group, let wanted = policy.wantedOfGroup {
            lines.append("      group: wanted \(wanted), counted \(group.summary)")
        }
        if let why = policy.bulkHeld { lines.append("      its bulk stop is held: \(why)") }
        for reason in policy.exceptions { lines.append("      exception: \(reason)") }
        for balance in policy.balances { lines.append("      \(balance)") }
        if let time = policy.givesUpAt { lines.append("      gives up at \(time)") }
        return lines
    }

    private static func standing(_ policy: Explanation.PolicyView) -> StyledText {
        let reason = policy.reason ?? ""
        switch policy.standing {
        case .act: return StyledText("acts now", .acts)
        case .wait: return "\("waits for \(reason)", .held)\(policy.due.map { " until \($0)" } ?? "")"
        case .held: return "\("held as \(reason)", .held)\(policy.why.isEmpty ? "" : ": \(policy.why)")"
        case .matches: return "matches, and has nothing to do or is not the owner"
        case .noMatch:
            if policy.tree?.verdict == .needs { return "cannot be told before the run's data is read" }
            guard let test = policy.deciding else {
                guard let group = policy.group, let wanted = policy.wantedOfGroup else { return "does not match" }
                return "does not match: wanted \(wanted), counted \(group.summary)"
            }
            return "does not match: \(wanted(test))"
        }
    }

    private static func wanted(_ test: ConditionTree.Test) -> String {
        "wanted \(test.field) \(test.wanted), found \(test.actual)"
    }

    private static func decision(_ it: Explanation) -> [ReportLine] {
        var lines: [ReportLine] = ["", .heading("Decision")]
        for outcome in it.outcomes {
            let policy = outcome.policy ?? "nothing is done"
            let why = outcome.why.isEmpty ? Reason(rawValue: outcome.verdict)?.words ?? "" : outcome.why
            let more =
                (why.isEmpty ? "" : ": \(why)") + (outcome.until.map { ", until \($0)" } ?? "")
                + (outcome.takenFrom.map { ", would take it from \($0)" } ?? "")
            let verdict = StyledText(outcome.verdict, outcome.isDue ? outcome.isDryRun ? nil : .acts : .held)
            lines.append("  \(outcome.isDryRun ? "(dry-run) " : "")\(policy): \(verdict)\(more)")
        }
        if it.outcomes.isEmpty {
            lines.append(
                it.row.status == .unrecognised
                    ? "  nothing: \(it.row.unrecognisedWords)"
                    : "  nothing: no policy wants anything of this \(it.row.status.rawValue) execution now")
        }
        if it.passedOver > 0, it.outcomes.contains(where: \.isDue) {
            lines.append(
                """
                  (the data of \(it.passedOver) other executions was not read: where they are due too, they share its caps; \
                `mendflow plan` says who comes first)
                """)
        }
        if it.isMemoryless { lines.append("  (memory: none, so what was done before is not known)") }
        return lines
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
                        mark(test.verdict), "\(test.field) \(test.wanted)", "[\(test.actual)]",
                        test.isImplicit ? "(implicit)" : "",
                    ])
            ]
        case .group(let group, let verdict, let parts):
            return [.row(of: "tests", indent: indent, [mark(verdict), "\(group.rawValue)"])]
                + parts.flatMap { branch($0, indent + 4) }
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
