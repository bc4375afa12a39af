import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// What the ledger knows of an execution that n8n does not show.
enum VanishedExecutionText {
    static func render(_ it: VanishedExecution) -> TextReport {
        let why: StyledText =
            it.unreached.map { "\("n8n cannot be asked now", .wrong): \($0)" }
            ?? "n8n has no such execution (not kept, or deleted)"
        var lines: [ReportLine] = [
            "Execution \(it.execution) of \(it.instance): \(why)", "", "What the ledger knows",
        ]
        lines += it.entries.map { "  \(AuditText.line($0))" }
        for intent in it.intents {
            let draft = intent.draft
            let what = draft.execution == it.execution ? draft.action.rawValue : "its run, of \(draft.execution)"
            lines.append(
                .row(
                    of: "intents",
                    [
                        "intent \(intent.id)", "\(intent.reservedAt)", StyledText(what), "\(intent.state.rawValue)",
                        "[\(draft.policy)]", StyledText(intent.note.map { "(\($0))" } ?? ""),
                    ]))
        }
        guard let gap = it.gap else {
            return TextReport(
                it.unreached == nil ? lines + ["", "Since when it is not there is not on record."] : lines)
        }
        lines += ["", "It was found missing at \(gap.to)\(gap.summary.isEmpty ? "" : ": \(gap.summary)")"]
        lines.append(
            gap.from.map { "  last on record at \($0); what became of it from then to \(gap.to) cannot be known" }
                ?? "  nothing about it is on record before; what became of it until then cannot be known")
        return TextReport(lines)
    }
}
