import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// What was done as a table with commas (RFC 4180).
enum ActivityTable {
    /// Everything as such a table.
    static func render(_ it: ActivityReport) -> String {
        let columns = [
            "at", "instance", "intent", "action", "state", "execution", "root", "workflow", "workflow_name", "policies",
            "tags", "error_class", "failed_at", "node", "message", "link", "sent", "child", "healed", "outcome",
        ]
        let rows = it.deeds.map { deed in
            [
                deed.at.rfc3339, deed.instance, "\(deed.intent)", deed.action.rawValue, deed.state.rawValue,
                deed.execution.text, deed.root.text, deed.workflow.text, deed.workflowName ?? "",
                deed.policies.joined(separator: " "), deed.tags.joined(separator: " "), deed.errorClass?.rawValue ?? "",
                deed.failedAt?.rfc3339 ?? "", deed.node ?? "", deed.message ?? "", deed.link,
                "\(deed.wasSent)", deed.child?.text ?? "", deed.isHealed.map { "\($0)" } ?? "",
                deed.outcome.rawValue,
            ]
        }
        return ([columns] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A text as a cell; one that a spreadsheet would take for a formula is marked as text.
    private static func cell(_ text: String) -> String {
        let visible = VisibleText.line(text)
        let isFormula = visible.first.map { "=+-@".contains($0) } ?? false
        let safe = isFormula ? "'" + visible : visible
        return safe.contains { ",\"".contains($0) } ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
    }
}
