import MendflowCommandLine
import MendflowCore
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `doctor`
    func doctor() async throws(MendflowFailure) -> ExitStatus {
        let doctor = try await Doctor.look(try workspace(), instance: values[Options.oneOfAll])
        if isJSON {
            console.json(DoctorJSON(doctor))
        } else {
            console.result(doctor.instances.map(DoctorText.render).joined(separator: "\n\n"))
        }
        return !doctor.reachable ? .unreachable : doctor.ok ? .done : .failure
    }

    /// `instance list`
    func instances() async throws(MendflowFailure) -> ExitStatus {
        let all = try await KnownInstances.read(try workspace())
        if isJSON {
            console.json(KnownJSON(instances: all))
        } else {
            for item in all {
                let epoch =
                    item.epoch.map { "epoch \($0) since \(item.since ?? "-")" } ?? "no baseline; `mendflow init`"
                let alarm = item.alarm == nil ? "" : "  EPOCH ALARM"
                console.result("\(item.instance)  \(item.url)  \(item.mode)  \(epoch)\(alarm)")
            }
        }
        return .done
    }

    /// `instance adopt`
    func adopt() async throws(MendflowFailure) -> ExitStatus {
        let outcome = try await Adopt.run(
            try workspace(),
            Adopt.Request(
                instance: values[Options.instance], reason: values[Options.reason], since: values[Options.since],
                force: values[Options.force]))
        if isJSON {
            console.json(outcome)
        } else {
            console.result(AdoptText.render(outcome))
        }
        return .done
    }

    private struct KnownJSON: Encodable { var instances: [KnownInstances.Known] }
}

/// `doctor` as JSON.
struct DoctorJSON: Encodable {
    var instances: [InstanceDiagnosis], ok: Bool

    init(_ doctor: Doctor) {
        instances = doctor.instances
        ok = doctor.ok && doctor.reachable
    }
}

/// A new epoch as text.
enum AdoptText {
    static func render(_ outcome: Adopt.Outcome) -> String {
        var lines = [
            "\(outcome.instance): epoch \(outcome.epoch) began, epoch \(outcome.from) is over",
            "  what ended before \(outcome.since) is left alone",
            "  the database is recognised by \(outcome.fingerprints) executions, the newest is \(outcome.highest ?? "none")",
            "  requests, owners and chains of epoch \(outcome.from) stay with it and hold nothing any more",
        ]
        if outcome.leftUnanswered > 0 {
            lines.append("  \(outcome.leftUnanswered) of its requests have no answer; `mendflow audit tail` has them")
        }
        lines.append("  an agent that runs starts anew within a poll interval")
        return Console.lines(lines)
    }
}

/// What the doctor found, as text: what is wrong comes with a mark that is found by eye and by grep.
enum DoctorText {
    static func render(_ diagnosis: InstanceDiagnosis) -> String {
        var lines = ["\(diagnosis.instance)  \(diagnosis.url)  \(verdict(diagnosis))"]
        let width = diagnosis.checks.map(\.topic.count).max() ?? 0
        for check in diagnosis.checks {
            let topic = check.topic + String(repeating: " ", count: width - check.topic.count)
            var words = check.words
            if let policy = check.policy { words = "[\(policy)] \(words)" }
            if let near = check.suggestion { words += "; did you mean '\(near)'?" }
            if let place = check.place { words += " (\(place))" }
            lines.append("  \(mark(check.level))  \(topic)  \(words)")
        }
        return Console.lines(lines)
    }

    private static func verdict(_ diagnosis: InstanceDiagnosis) -> String {
        guard diagnosis.reachable else { return "NOT REACHABLE" }
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
