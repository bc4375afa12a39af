import MendflowCore
import MendflowOperations

/// Incidents, for programs.
struct IncidentsJSON: Encodable {
    var incidents: [IncidentJSON]
    /// Whether the files have agents look for incidents.
    var lookedFor: Bool
    /// The newest records of that time that were sealed, and are not told of.
    var segment: SegmentJSON?

    init(_ it: IncidentReports) {
        incidents = it.all.map { IncidentJSON($0) }
        lookedFor = it.areLookedFor
        segment = it.segment.map(SegmentJSON.init)
    }
}

/// An incident, for programs.
struct IncidentJSON: Encodable {
    struct Step: Encodable { var at: String, record: Int64, words: String }

    var key: String, instance: String?, state: String, since: String, openedAt: String, overAt: String?
    var errorClass: String?, nodeType: String?, host: String?, words: String
    var firstSeen: String, lastSeen: String, failures: Int, executions: String, workflows: [String]
    var holds: Bool, probe: String?, failedProbes: Int
    var steps: [Step]?

    init(_ report: IncidentReport) {
        self.init(report.incident)
        (instance, overAt) = (report.instance, report.overAt?.rfc3339)
        if overAt != nil { state = "over" }
        steps = report.steps.map { Step(at: $0.at.rfc3339, record: $0.record, words: $0.words) }
    }

    /// One that goes on.
    init(_ incident: Incident) {
        (key, state, since) = (incident.key, incident.state.rawValue, incident.since.rfc3339)
        (openedAt, words) = (incident.openedAt.rfc3339, incident.words)
        errorClass = incident.traits.errorClass?.rawValue
        (nodeType, host) = (incident.traits.nodeType, incident.traits.host)
        (holds, probe, failedProbes) = (incident.holding != nil, incident.probe?.text, incident.failedProbes)
        let extent = incident.extent
        (firstSeen, lastSeen) = (extent.firstSeen.rfc3339, extent.lastSeen.rfc3339)
        (failures, executions, workflows) = (extent.failures, extent.members.description, extent.workflows)
    }
}
