import MendflowBacktest
import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview

/// Some executions in full: what happened, the deciding condition of every policy, and the literal request.
///
/// The page is sent around: of what ran through a workflow nothing is shown that is likely to stand for a person
/// (docs/security.md).
struct BacktestExamplesPage {
    let report: BacktestReport
    let examples: [BacktestExample]

    var html: HTMLText {
        guard !examples.isEmpty else { return "" }
        let parts = examples.enumerated().map { number, example in one(example, isOpen: number == 0) }
        return """
            <h2>One execution</h2><p class="note">One for each way in which people and policies differ, and one for each policy \
            that does something; as it was known at that moment.</p>\(HTMLText.all(parts))
            """
    }

    private func one(_ example: BacktestExample, isOpen: Bool) -> HTMLText {
        let it = example.explanation.withoutPersons
        let open: HTMLText = isOpen ? " open" : ""
        let title = "\(it.asked), \(it.workflowName ?? it.workflow.text): \(title(example))"
        let items: [(String, HTMLText)] = [
            ("as of", "\(it.now.rfc3339), without what policies had done by then"),
            ("what happened", happened(example)), ("error", error(it)), ("repeat risk", risk(it)),
            ("a retry starts", it.risk.map { risk -> HTMLText in "\(start(it, risk))" } ?? ""),
            ("would be sent", sent(example)), ("nothing is sent", held(example)),
        ]
        let list = items.filter { !$0.1.markup.isEmpty }.map { name, value -> HTMLText in
            "<dt>\(name)</dt><dd>\(value)</dd>"
        }
        let policies = it.policies.map { policy -> HTMLText in "<dt>\(policy.name)</dt><dd>\(says(policy))</dd>" }
        return """
            <details\(open)><summary>\(title)</summary><dl>\(HTMLText.all(list))</dl>
            <p class="note">What each policy says of it, in order:</p><dl>\(HTMLText.all(policies))</dl></details>
            """
    }

    private func title(_ example: BacktestExample) -> String {
        if let kind = example.kind { return "one \(kind.words(of: report.policies.count))" }
        return example.action.map { "\($0.policies.joined(separator: ", ")) would have sent a \($0.kind.rawValue)" }
            ?? ""
    }

    private func happened(_ example: BacktestExample) -> HTMLText {
        var lines = example.explanation.timeline.map { entry -> HTMLText in
            "<li>\(entry.at?.rfc3339 ?? "") \(entry.actor.rawValue): \(entry.execution) \(entry.summary)</li>"
        }
        if let time = example.peoplesRetry {
            lines.append("<li>\(time.rfc3339) \(TimelineEntry.Actor.person.rawValue): retried it</li>")
        }
        return "<ul>\(HTMLText.all(lines))</ul>"
    }

    private func error(_ it: Explanation) -> HTMLText {
        guard let found = it.classification else { return it.unreadable.map { words -> HTMLText in "\(words)" } ?? "" }
        let seen = it.seen.isEmpty ? "" : ", which saw \(it.seen.joined(separator: ", "))"
        let message = it.error?.message.map { ": \($0)" } ?? ""
        return "\(found.errorClass.rawValue), by rule \(found.ruleID)\(seen)\(message)"
    }

    private func risk(_ it: Explanation) -> HTMLText {
        it.risk.map { risk -> HTMLText in "\(risk.risk.rawValue): \(risk.why)" } ?? ""
    }

    private func start(_ it: Explanation, _ risk: RepeatRiskVerdict) -> String {
        let done = ExplanationText.ranAlready(it.nodesDone, risk.start).map { "; \($0)" } ?? ""
        return risk.start.summary + done
    }

    private func sent(_ example: BacktestExample) -> HTMLText {
        guard let action = example.action else { return "" }
        let result = action.succeeded.map { $0 ? "; as observed it heals" : "; as observed it fails again" } ?? ""
        return
            "<code>\(action.request)</code> at \(action.at.rfc3339), by \(action.policies.joined(separator: ", "))\(result)"
    }

    private func held(_ example: BacktestExample) -> HTMLText {
        guard example.action == nil, !example.reason.isEmpty else { return "" }
        let words = example.words.isEmpty ? Reason(rawValue: example.reason)?.words ?? "" : example.words
        return "\(example.reason): \(words)"
    }

    /// Of a policy that does not match what it misses, of one that does what it wanted and found.
    private func says(_ policy: Explanation.PolicyView) -> HTMLText {
        guard policy.matches, let tree = policy.tree else {
            return "\(ExplanationText.missed(policy.missedWords, of: policy.misses))"
        }
        let tests = tree.held.map { test -> HTMLText in "<li>\(test.words) [\(test.found)]</li>" }
        return "matches<ul>\(HTMLText.all(tests))</ul>"
    }
}

extension Explanation {
    /// The same without what workflows noted, and with the words of errors masked.
    fileprivate var withoutPersons: Explanation {
        func isMessage(_ field: String) -> Bool { field == "error.message" || field == "error.cause" }
        func isNote(_ field: String) -> Bool { field.hasPrefix("custom_data") }
        var it = self
        let message = it.error?.message.map { PersonalText.masked($0) }
        it.error?.message = message
        it.seen = it.seen.map { PersonalText.masked(quotedIn: $0) }
        for index in it.policies.indices {
            it.policies[index].tree = it.policies[index].tree?.hiding(isNote)
                .masking(isMessage, by: PersonalText.masked(quotedIn:))
            for miss in it.policies[index].missed.indices {
                it.policies[index].missed[miss].test.hide(isNote)
                it.policies[index].missed[miss].test.mask(isMessage, by: PersonalText.masked(quotedIn:))
            }
        }
        return it
    }
}
