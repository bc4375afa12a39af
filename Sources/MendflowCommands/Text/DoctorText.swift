import MendflowCore
import MendflowOperations
import MendflowText

/// What the doctor found, as text: what is wrong comes with a mark that is found by eye and by grep.
enum DoctorText {
    static func render(_ doctor: Doctor) -> TextReport {
        TextReport.joined(doctor.instances.map(render))
    }

    private static func render(_ diagnosis: InstanceDiagnosis) -> TextReport {
        var lines: [ReportLine] = [
            .row(
                of: "instances", indent: 0,
                ["\(diagnosis.instance, .heading)", "\(diagnosis.url)", verdict(diagnosis)])
        ]
        for check in diagnosis.checks {
            lines.append(
                .row(
                    of: diagnosis.instance, always: true,
                    [mark(check.level), "\(check.topic.rawValue)", StyledText(words(check))]))
        }
        return TextReport(lines)
    }

    private static func words(_ check: Doctor.Check) -> String {
        guard let remark = check.remark else { return check.message }
        let policy = remark.policy.map { "[\($0)] " } ?? ""
        let near = remark.suggestion.map { "; did you mean '\($0)'?" } ?? ""
        return "\(policy)\(check.message)\(near) (\(remark.place))"
    }

    private static func verdict(_ diagnosis: InstanceDiagnosis) -> StyledText {
        guard diagnosis.isReachable else { return StyledText("NOT REACHABLE", .wrong) }
        let wrong = diagnosis.checks.count { $0.level == .wrong }
        let warnings = diagnosis.checks.count { $0.level == .warning }
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
