import MendflowCore
import MendflowHTML
import MendflowOperations

/// *Incidents*: what goes wrong together now, and what should have run and did not.
struct IncidentsPage {
    let state: PresentState

    var page: ConsolePage {
        let several = state.instances.count > 1
        let rows = state.instances.flatMap { it in
            (it.status.record?.incidents ?? []).map { incident -> [HTMLText] in
                [
                    Place.incident(incident.key, on: it.name).link("\(incident.traits.words)"),
                    several ? "\(it.name)" : "", IncidentPage.badge(incident), "\(incident.extent.failures)",
                    "\(incident.extent.workflows.count)", .countdown(incident.openedAt, from: state.now),
                    .countdown(incident.extent.lastSeen, from: it.now),
                ]
            }
        }
        let table = Table(
            "Incidents that go on",
            [
                "What they have in common", "Instance", "State", .number("Failures"), .number("Workflows"), "Opened",
                "Newest failure",
            ], rows)
        let none = HTMLText.nothing(
            state.looksForIncidents
                ? "Nothing goes wrong together now." : "No incident goes on: \(IncidentReports.switchedOn).")
        let past = Place("record", query: ["kind": "incident"]).link("Those that are over, in the record")
        return ConsolePage(
            title: "Incidents", section: .incidents,
            content: """
                <p>Failures that have something in common and lie close together are one incident, however many runs it hit.</p>
                \(rows.isEmpty ? none : table.html)<p>\(past)</p>\(missing)
                """)
    }

    /// Workflows that should have run.
    private var missing: HTMLText {
        let rows = state.instances.flatMap { it in
            (it.status.record?.absences ?? []).map { absence -> [HTMLText] in
                [
                    "\(absence.workflowName)", state.instances.count > 1 ? "\(it.name)" : "",
                    .policy(absence.key.policy, on: it.name), .countdown(absence.since, from: it.now),
                    "\(HTMLText.execution(absence.last, on: it.name)) (\(absence.lastStatus.rawValue))",
                    .countdown(absence.lastEnded, from: it.now),
                ]
            }
        }
        guard !rows.isEmpty else { return "" }
        let table = Table(
            "Workflows that did not run",
            ["Workflow", "Instance", "Policy", "Missing since", "Last run", "Which ended"], rows)
        return "<h2>What did not run</h2>\(table.html)"
    }
}

/// One incident, also when it is over: a link to it is sent to others, who may look later.
struct IncidentPage {
    let report: IncidentReport
    let now: AgentTime

    /// The most members and workflows that are named.
    private static let most = 50

    var page: ConsolePage {
        let (incident, extent) = (report.incident, report.incident.extent)
        let state = report.overAt == nil ? IncidentPage.badge(incident) : .badge("over")
        let facts = HTMLText.facts([
            ("incident", "\(incident.key)"), ("instance", "\(report.instance)"), ("state", state),
            ("opened", .countdown(incident.openedAt, from: now)), ("over since", report.overAt.map { .time($0) } ?? ""),
            ("failures", "\(extent.failures)"),
            ("first failure", .time(extent.firstSeen)), ("newest failure", .time(extent.lastSeen)),
            ("retries are", "\(retries)"),
            ("first retry", incident.probe.map { .execution($0, on: report.instance) } ?? ""),
            (
                "first retries that failed in a row",
                incident.failedProbes > 0 && !report.hasHealed ? "\(incident.failedProbes)" : ""
            ),
        ])
        let workflows = extent.workflows.map { name -> HTMLText in "<li>\(name)</li>" }
        let ids = extent.members.ranges.lazy.flatMap { $0 }.prefix(IncidentPage.most)
        let runs = ids.map { HTMLText.execution(ExecutionID(String($0)), on: report.instance) }
        let more = extent.failures - runs.count
        let rest = more > 0 ? " and \(more) more" : ""
        let steps = Table(
            "What was written down of it", ["When", "Record", "What"],
            report.steps.map { step in
                [.time(step.at), Place.record(step.record).link("\(step.record)"), "\(step.words)"]
            })
        return ConsolePage(
            title: incident.traits.words, section: .incidents,
            content: """
                \(facts)<h2>Workflows</h2><ul>\(HTMLText.all(workflows))</ul>
                <h2>Failed runs</h2><p>\(HTMLText.all(runs, between: ", "))\(rest)</p>
                <h2>On record</h2>\(steps.html)
                """)
    }

    /// What becomes of retries of its runs.
    private var retries: String {
        guard report.incident.holding != nil else { return "not held" }
        if report.overAt != nil { return "held no more" }
        return switch report.incident.state {
        case .open: "held; one is tried in a while"
        case .probing: "held until it is seen whether the one that is tried heals"
        case .draining: "let go at a pace, for one has healed"
        }
    }

    static func badge(_ incident: Incident) -> HTMLText {
        switch incident.state {
        case .open: .badge("open", .bad)
        case .probing: .badge("trying one", .wait)
        case .draining: .badge("draining", .good)
        }
    }
}
