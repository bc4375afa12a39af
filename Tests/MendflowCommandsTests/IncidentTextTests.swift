import MendflowCore
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

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
