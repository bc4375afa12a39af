import MendflowCore
import MendflowOperations
import MendflowText

/// What the doctor found, as text: what is wrong comes with a mark that is found by eye and by grep.
enum DoctorText {
    static func render(_ doctor: Doctor) -> TextReport {
        TextReport.joined((doctor.agent.isEmpty ? [] : [agent(doctor.agent)]) + doctor.instances.map(render))
    }

    private static func agent(_ checks: [Doctor.Check]) -> TextReport {
        TextReport(
            [.row(of: "instances", indent: 0, ["\("agent", .heading)", verdict(checks)])] + rows(checks, of: "agent"))
    }

    private static func render(_ diagnosis: InstanceDiagnosis) -> TextReport {
        let words =
            diagnosis.isReachable
            ? verdict(diagnosis.checks)
            : StyledText(diagnosis.isKeyRefused ? "NO VALID KEY" : "NOT REACHABLE", .wrong)
        let heading = ReportLine.row(
            of: "instances", indent: 0, ["\(diagnosis.instance, .heading)", "\(diagnosis.url)", words])
        return TextReport([heading] + rows(diagnosis.checks, of: diagnosis.instance))
    }

    private static func rows(_ checks: [Doctor.Check], of table: String) -> [ReportLine] {
        checks.map { check in
            .row(
                of: table, always: true,
                [mark(check.level), "\(check.topic.rawValue)", StyledText(words(check))])
        }
    }

    /// What is so, and of which policy and where.
    static func words(_ check: Doctor.Check) -> String {
        guard let remark = check.remark else { return check.message }
        let policy = remark.policy.map { "[\($0)] " } ?? ""
        let near = remark.suggestion.map { "; did you mean '\($0)'?" } ?? ""
        return "\(policy)\(check.message)\(near) (\(remark.place))"
    }

    private static func verdict(_ checks: [Doctor.Check]) -> StyledText {
        let wrong = checks.count { $0.level == .wrong }
        let warnings = checks.count { $0.level == .warning }
        if wrong > 0 { return "\("\(wrong) WRONG", .wrong), \(warnings) to look at" }
        return warnings > 0 ? "nothing wrong, \("\(warnings) to look at", .held)" : "all well"
    }

    private static func mark(_ level: Doctor.Level) -> StyledText {
        switch level {
        case .ok: "ok   "
        case .note: "note "
        case .warning: StyledText("look ", .held)
        case .wrong: StyledText("WRONG", .wrong)
        }
    }
}
