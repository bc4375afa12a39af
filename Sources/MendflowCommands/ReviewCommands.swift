import MendflowApp
import MendflowCommandLine
import MendflowCore
import MendflowReview

extension CommandContext {
    /// `plan`
    func plan() async throws(MendflowFailure) -> ExitStatus {
        let report = try await Preview.plan(try workspace(), instance: values[Options.instance])
        if isJSON {
            console.json(PlanJSON(report, all: values[Options.all]))
        } else {
            console.result(PlanText.render(report, all: values[Options.all]))
        }
        return report.entries.isEmpty ? .done : .pending
    }

    /// `explain`
    func explain() async throws(MendflowFailure) -> ExitStatus {
        let explanation = try await Preview.explain(
            try workspace(), execution: ExecutionID(values[Options.execution]), instance: values[Options.instance])
        let text = ExplanationText.render(explanation)
        if isJSON { console.json(["text": text]) } else { console.result(text) }
        return .done
    }
}

/// A plan as text.
enum PlanText {
    static func render(_ report: PlanReport, all: Bool) -> String {
        let header = report.header
        var lines = [
            "\(header.instance) \(header.url) at \(header.now)",
            "  mode \(header.mode.rawValue), executions \(header.lowest?.text ?? "-") to \(header.highest?.text ?? "-") "
                + "(\(header.rows) seen, \(header.judged) judged), memory: \(header.ledgerHead ?? "none")",
        ]
        if case .partial(let why) = header.completeness { lines.append("  PARTIAL: \(why.joined(separator: "; "))") }
        if let paused = header.paused { lines.append("  PAUSED: \(paused)") }
        for item in header.forbidden { lines.append("  refused by n8n: \(item.action.rawValue): \(item.words)") }
        for scope in header.missingScopes { lines.append("  cannot read: \(scope)") }
        if !header.unreadable.isEmpty {
            lines.append("  unreadable data: \(header.unreadable.map(\.text).joined(separator: ", "))")
        }
        if report.entries.isEmpty { lines.append("\nNothing is due and nothing waits.") }
        for entry in report.entries { lines += ["", block(entry)] }
        if !report.held.isEmpty { lines.append("\nNot acted on") }
        if all {
            for item in report.held {
                lines.append(
                    "  \(item.reason.rawValue)  \(item.execution) \(item.status.rawValue) '\(item.workflow)'"
                        + (item.policy.map { " [\($0)]" } ?? "") + (item.words.isEmpty ? "" : ": \(item.words)"))
            }
        } else {
            for item in report.notActed {
                lines.append(
                    "  \(item.count) \(item.reason.rawValue), for example \(item.example)"
                        + (item.words.isEmpty ? "" : ": \(item.words)"))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func block(_ entry: PlanReport.Entry) -> String {
        let action = entry.action
        let verb = entry.isDue ? (entry.isDryRun ? "would act" : "act") : "wait"
        var lines = [
            "\(verb)  \(action.request)",
            "  \(entry.workflowName ?? action.draft.workflow.text), \(entry.status.rawValue) since \(entry.since)",
            "  policy \(action.draft.policy) at \(entry.place)"
                + (action.draft.action == .retry ? ", attempt \(action.draft.attempt) of \(action.attempts)" : ""),
        ]
        if let found = action.classification {
            lines.append("  error class \(found.errorClass.rawValue) by rule \(found.ruleID)")
        }
        if let start = action.start { lines.append("  starts \(start)") }
        if let risk = action.risk { lines.append("  repeat risk \(risk.risk.rawValue): \(risk.words)") }
        if let reason = entry.waitsFor {
            lines.append("  waits for \(reason.rawValue)" + (entry.until.map { " until \($0)" } ?? ""))
        }
        if let other = entry.takenFrom { lines.append("  would take it from policy \(other)") }
        lines.append("  \(entry.link)")
        return lines.joined(separator: "\n")
    }
}

/// A plan as JSON (semantics 55).
struct PlanJSON: Encodable {
    struct Header: Encodable {
        var instance: String, url: String, now: String, mode: String, lowest: String?, highest: String?
        var rows: Int, judged: Int, complete: Bool, partial: [String], memory: String, paused: String?
        var forbidden: [String], missing_scopes: [String], unreadable: [String]
    }
    struct Entry: Encodable {
        var kind: String, action: String, execution: String, workflow: String, policy: String, place: String
        var request: String, attempt: Int, attempts: Int, due: String, waits_for: String?, until: String?
        var start: String?, repeat_risk: String?, error_class: String?, link: String, dry_run: Bool
    }
    struct NotActed: Encodable { var reason: String, count: Int, example: String }
    struct Held: Encodable { var execution: String, reason: String, words: String, policy: String? }

    var version = 1
    var header: Header
    var entries: [Entry]
    var not_acted: [NotActed]
    var held: [Held]?
    var findings: [String] = []

    init(_ report: PlanReport, all: Bool) {
        let from = report.header
        var why: [String] = []
        if case .partial(let reasons) = from.completeness { why = reasons }
        header = Header(
            instance: from.instance, url: from.url, now: from.now.rfc3339, mode: from.mode.rawValue,
            lowest: from.lowest?.text, highest: from.highest?.text, rows: from.rows, judged: from.judged,
            complete: why.isEmpty, partial: why, memory: from.ledgerHead ?? "none", paused: from.paused,
            forbidden: from.forbidden.map { "\($0.action.rawValue): \($0.words)" }, missing_scopes: from.missingScopes,
            unreadable: from.unreadable.map(\.text))
        entries = report.entries.map { entry in
            let draft = entry.action.draft
            return Entry(
                kind: entry.isDue ? "act" : "wait", action: draft.action.rawValue, execution: draft.execution.text,
                workflow: draft.workflow.text, policy: draft.policy, place: entry.place.description,
                request: entry.action.request, attempt: draft.attempt, attempts: entry.action.attempts,
                due: entry.action.due.rfc3339, waits_for: entry.waitsFor?.rawValue, until: entry.until?.rfc3339,
                start: entry.action.start, repeat_risk: entry.action.risk?.risk.rawValue,
                error_class: entry.action.classification?.errorClass.rawValue, link: entry.link, dry_run: entry.isDryRun
            )
        }
        not_acted = report.notActed.map {
            NotActed(reason: $0.reason.rawValue, count: $0.count, example: $0.example.text)
        }
        held =
            all
            ? report.held.map {
                Held(execution: $0.execution.text, reason: $0.reason.rawValue, words: $0.words, policy: $0.policy)
            } : nil
    }
}

/// An explanation as text.
enum ExplanationText {
    static func render(_ it: Explanation) -> String {
        var lines = [
            "Execution \(it.asked) of '\(it.workflowName ?? it.workflow.text)', judged by \(it.judged) (\(it.row.status.rawValue))",
            "  \(it.link)", "", "Chain of \(it.root)",
        ]
        for entry in it.timeline {
            lines.append("  \(entry.at?.rfc3339 ?? "-")  \(entry.actor.rawValue)  \(entry.execution)  \(entry.words)")
        }
        if let found = it.classification {
            lines.append("\nError class \(found.errorClass.rawValue), rule \(found.ruleID)")
        }
        if let message = it.error?.message { lines.append("  \(message)") }
        if let risk = it.risk {
            lines.append("Repeat risk \(risk.risk.rawValue): \(risk.words); starts \(risk.start.words)")
        }
        if let trouble = it.unreadable { lines.append("Data: \(trouble)") }
        lines.append("\nPolicies, in order")
        for policy in it.policies {
            lines.append(
                "  \(policy.name) (\(policy.mode.rawValue), \(policy.place)): \(policy.matches ? "matches" : "does not match")"
            )
            if let deciding = policy.deciding {
                lines.append("    decided by \(deciding.field) \(deciding.wanted); it is \(deciding.actual)")
            }
            if let tree = policy.tree { lines += render(tree, "    ") }
            for reason in policy.exceptions { lines.append("    exception: \(reason)") }
            for budget in policy.budgets { lines.append("    \(budget)") }
        }
        for protection in it.protections {
            lines.append("  protected by \(protection.place?.description ?? "the configuration")")
        }
        lines.append("\nDecision")
        for outcome in it.outcomes {
            lines.append(
                "  \(outcome.isDryRun ? "(dry-run) " : "")\(outcome.policy ?? "nobody"): \(outcome.verdict)"
                    + (outcome.words.isEmpty ? "" : ": \(outcome.words)")
                    + (outcome.until.map { ", until \($0)" } ?? ""))
        }
        if it.outcomes.isEmpty {
            lines.append("  none: no policy looks at executions that are \(it.row.status.rawValue)")
        }
        return lines.joined(separator: "\n")
    }

    private static func render(_ tree: ConditionTree, _ indent: String) -> [String] {
        switch tree {
        case .test(let test):
            return [
                "\(indent)\(mark(test.verdict)) \(test.field) \(test.wanted)  [\(test.actual)]\(test.isImplicit ? "  (implicit)" : "")"
            ]
        case .group(let group, let verdict, let parts):
            return ["\(indent)\(mark(verdict)) \(group.rawValue)"] + parts.flatMap { render($0, indent + "  ") }
        }
    }

    private static func mark(_ verdict: Ternary) -> String {
        switch verdict {
        case .yes: "yes"
        case .no: "no "
        case .unknown, .needs: "?  "
        }
    }
}
