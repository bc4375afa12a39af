import MendflowRehearsal

/// The demo's report as JSON.
struct DemoJSON: Encodable {
    struct Line: Encodable { var topic: String, seen: String, ok: Bool, reached: Bool }

    var lines: [Line], audit: AuditVerificationJSON, ledger: String, explore: [String]

    init(_ report: Demo.Report, program: String) {
        lines = report.lines.map { Line(topic: $0.topic, seen: $0.seen, ok: $0.ok, reached: $0.reached) }
        audit = AuditVerificationJSON(report.audit)
        ledger = report.left.ledger
        explore = report.left.commands(program: program).map(\.line)
    }
}
