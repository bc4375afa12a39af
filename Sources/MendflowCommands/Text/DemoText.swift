import MendflowLedger
import MendflowRehearsal

/// The demo's report as text.
enum DemoText {
    /// What will happen, in five sentences.
    static func beginning(seconds: Int, folder: String) -> String {
        """
        Mendflow works for \(seconds) minutes of n8n's time, which pass in \(seconds) seconds, on an n8n that is simulated \
        here: nothing leaves this machine, and everything is written into \(folder).
        A recorded month of executions is that n8n's past, and is left alone.
        Order syncs fail and heal when they are retried, an invoice export fails for good and is tagged for a person, and \
        reminders that have waited too long are stopped.
        The retry of a nightly report gets lost on its way: nobody can tell whether it ran, so it is not sent again.
        Card payments fail too, but bear a tag that protects them, and are not touched.

        """
    }

    static func render(_ report: Demo.Report, program: String) -> String {
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
        lines += ["", "Look closer, at its ledger and the n8n that it left behind"]
        lines += report.left.commands(program: program).map { "  \($0)" }
        return lines.joined(separator: "\n")
    }
}
