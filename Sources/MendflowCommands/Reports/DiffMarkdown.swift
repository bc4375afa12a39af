import MendflowBacktest
import MendflowCore
import MendflowText

/// What other policies would have done otherwise, as a comment on a pull request.
enum DiffMarkdown {
    private static let most = 30

    static func render(_ it: PolicyDiff) -> String {
        let basis = it.new.basis.map { "; \(cell($0.words))" } ?? ""
        let empty = DiffText.emptiness(it).map { "\n**\($0)**\n" } ?? ""
        let damage =
            empty + (HistoryText.leftOut(it.old.findings).map { "\n\(cell("\($0.what): \($0.which)")).\n" } ?? "")
        guard it.hasChanges else {
            return
                "**Mendflow: no difference.** Both would have sent the same requests: \(cell(DiffText.window(it)))\(basis).\n\(damage)"
        }
        var text = "**Mendflow: \(cell(DiffText.sentence(it))).**\n\(damage)"
        text +=
            "\nOn \(it.new.executions.words("execution", "executions")), as observed; \(cell(DiffText.window(it)))\(basis).\n"
        text += table(
            "Workflows newly reached", ["workflow", "executions", "policies"],
            it.reached.map { [it.new.name($0.workflow), "\($0.executions)", $0.policies.joined(separator: ", ")] })
        text += table(
            "Left alone before, acted on now", ["execution", "workflow", "was", "why", "policy"],
            it.exposed.map { [$0.root.text, it.new.name($0.workflow), $0.reason.rawValue, $0.why, $0.policy ?? ""] })
        text += table(
            "Counters that begin anew", ["policy", "may have been"],
            it.resets.map { [$0.policy, $0.gone.joined(separator: ", ")] })
        for (heading, changes) in [
            ("Would be sent now, and was not before", it.added), ("Was sent before, and would not be now", it.removed),
            ("Would be sent otherwise", it.changed),
        ] {
            let rows = changes.prefix(most).compactMap { change -> [String]? in
                guard let action = change.action else { return nil }
                return [
                    action.at.rfc3339, action.kind.rawValue, action.subject, it.new.name(action.workflow),
                    DiffText.how(change),
                ]
            }
            let more = changes.count > most ? " (\(most) of \(changes.count))" : ""
            text += table(heading + more, ["when", "action", "execution", "workflow", "by, or how"], rows)
        }
        return text
    }

    private static func table(_ heading: String, _ columns: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        let lines = [columns, columns.map { _ in "---" }] + rows.map { $0.map(cell) }
        return "\n### \(heading)\n\n" + lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    /// A text of strangers as it is in a table: nothing of it is markup.
    private static func cell(_ text: String) -> String {
        var cell = ""
        for scalar in VisibleText.line(text).unicodeScalars {
            // Nobody is told of it because a workflow bears their name.
            if scalar == "@" {
                cell += "&#64;"
                continue
            }
            if "\\`*_{}[]<>#|!~".unicodeScalars.contains(scalar) { cell += "\\" }
            cell.unicodeScalars.append(scalar)
        }
        return cell
    }
}
