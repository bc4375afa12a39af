internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `when: {count: {lt: 1}}`, by which a policy looks for what did not happen, and checks what is written beside it:
/// there is no execution that it could be about.
struct AbsenceParser {
    let report: Report

    private static let note =
        "a policy with `when: {count: {lt: 1}}` tags the last run that there was, and nothing else"

    /// Whether a `when` asks for nothing to have happened: no group has fewer than one member.
    static func isMeant(by node: YAMLNode) -> Bool {
        guard let entries = node["count"]?.entries, entries.count == 1 else { return false }
        return entries[0].key.text == Comparison.lt.rawValue && entries[0].value.integer == 1
    }

    /// The condition, or nil with findings.
    func parse(_ node: YAMLNode) -> AbsenceCondition? {
        guard let map = MapReader(node, GroupParser.shape, report) else { return nil }
        for key in ["distinct", "group_by"] {
            if let written = map.key(key) {
                report.error(
                    "absence-apart", "`\(key)` says nothing of what did not happen", at: written.range,
                    notes: ["each workflow is looked at by itself; leave it out"])
            }
        }
        return map["within"].flatMap {
            report.period($0, "`within`", atLeast: .minutes(1), atMost: GroupParser.longest, unit: "h")
        }.map { AbsenceCondition(within: $0) }
    }

    /// Refuses what an absence cannot have: actions on executions, and conditions on what only executions have.
    func check(_ policy: Policy, _ condition: Condition?, _ map: MapReader) {
        if let kind = policy.remediation?.kind {
            report.error(
                "absence-acts", "there is no execution to \(kind.rawValue) where none was", at: map["actions"]?.range,
                notes: [AbsenceParser.note])
        }
        for key in ["exceptions", "on_exhausted"] {
            if let written = map.key(key) {
                report.error(
                    "absence-acts", "`\(key)` is about executions, and here is none", at: written.range,
                    notes: [key == "exceptions" ? "leave workflows out by `not:` in `match`" : AbsenceParser.note])
            }
        }
        let fields = condition?.fields ?? []
        let place = map["match"]?.range ?? map.key("name")?.range
        if let unfit = fields.first(where: { !AbsenceCondition.fields.contains($0) }) {
            report.error(
                "absence-unfit", "what did not happen has no \(unfit.name.inBackticks)", at: place,
                notes: ["`workflow`, `status` and `execution_mode` say which runs are missed"])
        } else if !fields.contains(where: AbsenceParser.ofWorkflow.contains) {
            report.error(
                "absence-of-what", "`match` has to say which workflows are missed", at: place,
                notes: ["write workflow: its name, or a map of `id`, `name`, `tag` or `project`"])
        }
    }

    private static let ofWorkflow: Set<Field> = [
        .workflowID, .workflowName, .workflowTag, .workflowProject, .workflowActive,
    ]
}
