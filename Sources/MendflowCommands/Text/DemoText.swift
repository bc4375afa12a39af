import MendflowLedger
import MendflowRehearsal

/// The demo's report as text.
enum DemoText {
    static func render(_ report: Demo.Report) -> String {
        var lines = ["", "Report, judged from n8n's own record and from the ledger"]
        let width = report.lines.map(\.topic.count).max() ?? 0
        for line in report.lines {
            let topic = line.topic + String(repeating: " ", count: width - line.topic.count)
            let mark = !line.ok ? "FAIL       " : line.reached ? "ok         " : "not reached"
            lines.append("  \(mark)  \(topic)  \(line.seen)")
        }
        lines.append(
            "  \(report.audit.isIntact ? "ok         " : "FAIL       ")  audit verify: \(report.audit.count) records, "
                + (report.audit.fault?.description ?? "the chain is intact"))
        return lines.joined(separator: "\n")
    }
}
