import MendflowCore
import MendflowOperations
import MendflowText

/// What the doctor found, as text: what is wrong comes with a mark that is found by eye and by grep.
enum DoctorText {
    static func render(_ doctor: Doctor) -> String {
        doctor.instances.map(render).joined(separator: "\n\n")
    }

    private static func render(_ diagnosis: InstanceDiagnosis) -> String {
        var lines = ["\(diagnosis.instance)  \(diagnosis.url)  \(verdict(diagnosis))"]
        let width = diagnosis.checks.map(\.topic.rawValue.count).max() ?? 0
        for check in diagnosis.checks {
            let topic = check.topic.rawValue
            let blanks = String(repeating: " ", count: width - topic.count)
            lines.append("  \(mark(check.level))  \(topic)\(blanks)  \(words(check))")
        }
        return Console.lines(lines)
    }

    private static func words(_ check: Doctor.Check) -> String {
        guard let remark = check.remark else { return check.message }
        let policy = remark.policy.map { "[\($0)] " } ?? ""
        let near = remark.suggestion.map { "; did you mean '\($0)'?" } ?? ""
        return "\(policy)\(check.message)\(near) (\(remark.place))"
    }

    private static func verdict(_ diagnosis: InstanceDiagnosis) -> String {
        guard diagnosis.isReachable else { return "NOT REACHABLE" }
        let wrong = diagnosis.checks.count { $0.level == .wrong }
        let warnings = diagnosis.checks.count { $0.level == .warning }
        if wrong > 0 { return "\(wrong) WRONG, \(warnings) to look at" }
        return warnings > 0 ? "nothing wrong, \(warnings) to look at" : "all well"
    }

    private static func mark(_ level: Doctor.Level) -> String {
        switch level {
        case .ok: "ok   "
        case .note: "note "
        case .warning: "look "
        case .wrong: "WRONG"
        }
    }
}
