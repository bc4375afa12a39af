import MendflowLedger
import MendflowRehearsal
import MendflowText

/// The demo's report as text.
enum DemoText {
    /// What will happen, in five sentences.
    static func beginning(seconds: Int, folder: String) -> String {
        """
        Mendflow works for \(seconds) minutes of n8n's time (UTC), which pass in \(seconds) seconds, on an n8n that is simulated \
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
        let audit = "audit verify"
        let width = (report.lines.map(\.topic) + [audit]).map(\.count).max() ?? 0
        func line(_ mark: String, _ topic: String, _ seen: String) -> String {
            "  \(mark)  \(topic)\(String(repeating: " ", count: width - topic.count))  \(seen)"
        }
        lines += report.lines.map {
            line(!$0.ok ? "FAIL       " : $0.reached ? "ok         " : "not reached", $0.topic, $0.seen)
        }
        lines.append(
            line(
                report.audit.isIntact ? "ok         " : "FAIL       ", audit,
                "\(report.audit.count.words("record", "records")), \(report.audit.fault?.description ?? "the chain is intact")"
            ))
        lines += ["", "Look closer, at its ledger and the n8n that it left behind"]
        for command in report.left.commands(program: program) {
            lines += ["  \(command.words):", "    \(command.line)"]
        }
        return lines.joined(separator: "\n")
    }
}
