import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowText

/// What waits for a person's word before it comes into force.
enum ReloadText {
    static func render(_ pending: PendingReload?, options: String = "") -> TextReport {
        guard let pending else {
            return ["Nothing waits for a word: what the files say is in force, once an agent runs."]
        }
        let count = BacktestText.count(pending.losses.count, "thing", "things")
        var lines: [ReportLine] = [
            ReportLine(
                StyledText(
                    "The files would lose \(count), seen at \(pending.since.rfc3339Seconds), kept until then:", .held))
        ]
        lines += pending.losses.map { ReportLine(StyledText("  \($0)")) }
        lines.append(
            pending.isConfirmed
                ? "It is confirmed; the agent takes it in at its next tick."
                : "If that is meant: mendflow reload\(options) --confirm --reason 'why'. If not, mend the files.")
        return TextReport(lines)
    }

    static func confirmed(_ pending: PendingReload) -> TextReport {
        let lines = pending.losses.map { ReportLine(StyledText("  \($0)")) }
        return TextReport(["Let go, from the agent's next tick on:"] + lines)
    }
}
