import MendflowCore
import Testing

@testable import MendflowHistory

@Suite("An execution as a fixture of a scenario")
struct ScenarioFixtureTests {
    @Test("tells neither hosts nor addresses, wherever they stand, and still what decides")
    func anonymous() {
        var error = ErrorEvidence(
            name: "NodeApiError", message: "getaddrinfo ENOTFOUND crm.corp.example: ask ops@corp.example",
            httpCode: "ENOTFOUND")
        error.description = "tried 10.1.2.3 and db-prod"
        error.messages = ["getaddrinfo EAI_AGAIN db-prod"]
        let detail = ExecutionDetail(
            error: error,
            lastNode: NodeEvidence(
                name: "Call", type: "n8n-nodes-base.httpRequest", method: "GET", target: "crm.corp.example/v1"))
        let row = Execution(id: "7", workflow: "w", status: .error)
        let text = ScenarioFixture.text(DetailedExecution(execution: row, detail: detail))
        for secret in ["corp.example", "ops@", "10.1.2.3", "db-prod"] { #expect(!text.contains(secret), "\(text)") }
        #expect(text.contains("ENOTFOUND host") && text.contains("EAI_AGAIN host"), "\(text)")
    }
}
