import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// Incidents, for people.
enum IncidentText {
    /// A list of them, one a line.
    static func render(_ it: IncidentReports) -> TextReport {
        let older: [ReportLine] =
            it.segment.map { ["\("older records are not told of", .held): \($0.words)"] } ?? []
        guard !it.all.isEmpty else {
            let why: StyledText = it.areLookedFor ? "" : ": \(IncidentReports.switchedOn, .held)"
            return TextReport([ReportLine("No incident since \(it.since)\(why)")] + older)
        }
        return TextReport(
            it.all.map { report in
                let incident = report.incident
                return .row(
                    of: "incidents", indent: 0, always: true,
                    [
                        StyledText(incident.key, report.overAt == nil ? .wrong : nil), standing(report),
                        StyledText(incident.words),
                        "\(incident.extent.firstSeen) to \(incident.extent.lastSeen)", StyledText(report.instance),
                    ])
            } + older)
    }

    /// One, with all that was written down of it.
    static func render(_ report: IncidentReport) -> TextReport {
        let (incident, extent) = (report.incident, report.incident.extent)
        func row(_ topic: StyledText, _ words: StyledText) -> ReportLine { .row(of: "topics", gap: 1, [topic, words]) }
        var lines: [ReportLine] = [
            ReportLine("\(incident.key, .heading) on \(report.instance): \(incident.words)"),
            row("stands", standing(report)),
            row("holds", StyledText(report.overAt == nil ? holding(report) : "nothing any more")),
            row("failed", "from \(extent.firstSeen) to \(extent.lastSeen)"),
            row("workflows", StyledText(extent.workflows.joined(separator: ", "))),
            row("executions", StyledText(extent.members.description)),
        ]
        let isWhole = extent.members.count == extent.failures
        if !isWhole { lines.append("  (only the oldest are kept by id)") }
        lines += ["", .heading("On record")]
        lines += report.steps.map { step in
            .row(
                of: "steps", always: true,
                [StyledText(step.at.rfc3339), "record \(step.record)", StyledText(step.words)])
        }
        return TextReport(lines)
    }

    /// An incident that goes on, in one line.
    static func words(_ incident: Incident) -> String {
        "\(incident.key) \(incident.state.rawValue): \(incident.words), last at \(incident.extent.lastSeen)"
    }

    /// How retries of it are held.
    private static func holding(_ report: IncidentReport) -> String {
        let incident = report.incident
        guard let holding = incident.holding else { return "nothing: it is only told" }
        let tried =
            incident.probe.map {
                report.hasHealed
                    ? "; \($0) was tried last and healed, and of what was let go then too much failed again"
                    : "; \($0) was tried last"
            } ?? ""
        let failed =
            incident.failedProbes > 0 && !report.hasHealed ? ", \(incident.failedProbes) failed in a row" : ""
        let pace = "\(holding.pace.amount) go per \(holding.pace.per)"
        return switch incident.state {
        case .open: "all its runs until one is tried, and lets \(pace) once that heals\(tried)\(failed)"
        case .probing:
            "all but \(incident.probe?.text ?? "one"), which is tried, and lets \(pace) once that heals\(failed)"
        case .draining: "what is beyond its pace: \(incident.probe?.text ?? "one") has healed, and it lets \(pace)"
        }
    }

    private static func standing(_ report: IncidentReport) -> StyledText {
        if let over = report.overAt { return "over since \(over)" }
        return StyledText(report.incident.state.rawValue, .held)
    }
}
