import MendflowBacktest
import MendflowCore
import MendflowText

// What each policy would have done, and what really became of that.
extension BacktestText {
    static func policies(_ it: BacktestReport, all: Bool) -> TextReport {
        let idle = all || it.policies.count <= most ? [] : it.policies.filter { isIdle($0, it) }
        var lines: [ReportLine] = [
            .heading("Policies"),
            .row(
                of: "policies", always: true,
                [
                    "", "owned", "acted on", "healed", "given up", "saved", "may repeat", "what really became of them",
                ]),
        ]
        for line in it.policies.filter({ !idle.contains($0) }) + [it.total] {
            lines.append(
                .row(
                    of: "policies", always: true,
                    [
                        StyledText(line.policy ?? "all", line.policy == nil ? .heading : nil), "\(line.owned)",
                        "\(line.acted.asObserved)", StyledText(range(line.healed)), StyledText(range(line.exhausted)),
                        StyledText(saved(line)), "\(line.mayRepeat)",
                        StyledText(
                            [fates(line.fates), stops(line.stops) ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")),
                    ]))
            let held = line.notActed.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            if line.policy != nil, !held.isEmpty {
                lines.append(
                    "    not acted on: \(held.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", "))")
            }
        }
        if !idle.isEmpty {
            let names = idle.compactMap(\.policy).joined(separator: ", ")
            lines.append("  \(idle.count.words("policy", "policies")) had nothing to do (--all): \(names)")
        }
        if it.unowned > 0 {
            let runs = it.unowned.words("failed run", "failed runs")
            lines.append(
                "  \(runs) that \(it.policies.count == 1 ? "this policy would not" : "no policy would") have owned")
        }
        return TextReport(lines)
    }

    /// Whether a policy owned nothing, did nothing and told nothing, however retries turn out.
    private static func isIdle(_ line: BacktestReport.Line, _ it: BacktestReport) -> Bool {
        line.owned == 0 && line.notActed.isEmpty && line.requests.values.allSatisfy(\.isNone)
            && !it.absences.contains { $0.policy == line.policy }
    }

    static func fates(_ fates: BacktestReport.Fates) -> String {
        let parts = [
            (fates.healedByPeople, "healed by people"), (fates.healedByAgent, "healed by the agent"),
            (fates.healedUnkept, "healed by a retry not kept"), (fates.nextRunSucceeded, "next run succeeded"),
            (fates.canceled, "canceled"), (fates.stoppedByAgent, "stopped by the agent"),
            (fates.neverHealed, "never healed"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    /// What really became of what would have been stopped; nil where nothing would have been.
    static func stops(_ stops: BacktestReport.StopFates) -> String? {
        guard stops.all > 0 else { return nil }
        let parts = [
            (stops.notYetDue, "whose time to go on had not come"), (stops.waitingForEvent, "that waited for an event"),
            (stops.succeeded, "that went on and succeeded"), (stops.failed, "that went on and failed"),
            (stops.canceled, "that people canceled later"), (stops.stoppedByAgent, "that the agent stopped then"),
            (stops.other, "that were live to the end"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}
