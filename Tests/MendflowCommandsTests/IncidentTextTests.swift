import MendflowCore
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

@Suite("An incident that holds")
struct HoldingIncidentTests {
    private func holds(
        _ state: Incident.State, over: AgentTime? = nil, failed: Int = 0, hasHealed: Bool = false
    ) -> String? {
        var incident = Incident(
            key: "incident-41",
            traits: IncidentTraits([.errorClass, .nodeType], errorClass: .data, nodeType: "n8n-nodes-base.code"),
            extent: Incident.Extent(
                firstSeen: FixedWorld.noon, lastSeen: FixedWorld.noon, failures: 3, members: IDRanges(),
                workflows: ["Orders"]), at: FixedWorld.agentNoon)
        incident.holding = Incident.Holding(probeAfter: .minutes(5), pace: IncidentPace())
        (incident.state, incident.probe, incident.failedProbes) = (state, "41", failed)
        var report = IncidentReport(instance: "main", incident: incident, overAt: over, steps: [])
        report.hasHealed = hasHealed
        return IncidentText.render(report).text().split(separator: "\n").first { $0.contains("holds ") }.map {
            String($0)
        }
    }

    @Test(
        "says what it holds as it stands: all, all but the one that is tried, what is beyond its pace, nothing any more"
    )
    func states() {
        #expect(holds(.open)?.contains("all its runs until one is tried") == true)
        #expect(holds(.open, failed: 1)?.hasSuffix("; 41 was tried last, 1 failed in a row") == true)
        let again = "; 41 was tried last and healed, and of what was let go then too much failed again"
        #expect(holds(.open, failed: 1, hasHealed: true)?.hasSuffix(again) == true)
        #expect(holds(.probing)?.contains("all but 41, which is tried") == true)
        #expect(holds(.draining)?.contains("what is beyond its pace: 41 has healed, and it lets") == true)
        #expect(holds(.draining, over: FixedWorld.agentNoon)?.hasSuffix("nothing any more") == true)
    }
}

@Suite("Incidents, where there are none")
struct IncidentTextTests {
    private func text(areLookedFor: Bool) -> String {
        IncidentText.render(
            IncidentReports(
                all: [], segment: nil, since: AgentTime(milliseconds: 0), areLookedFor: areLookedFor)
        ).text()
    }

    @Test("are told with the time that was looked at")
    func none() {
        #expect(text(areLookedFor: true) == "No incident since 1970-01-01T00:00:00.000Z")
    }

    @Test("are told with how they are looked for, where nobody does")
    func notLookedFor() {
        let text = text(areLookedFor: false)
        #expect(text.contains("nobody looks for incidents; `incidents: {at_least: 5}` in mendflow.yaml"))
    }
}
