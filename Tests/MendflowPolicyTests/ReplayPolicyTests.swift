import MendflowCore
import MendflowYAML
import Testing

@testable import MendflowPolicy

@Suite("The policy of a replay")
struct ReplayPolicyTests {
    private let text = """
        policies:
          - name: replay-3
            mode: enforce
            match: {id: [7, 9], status: error}
            actions: [retry: {max_retries: 1}]
            replay: {canary: 1, in_flight_per_workflow: 2, stop_after_failures: 5}
        """

    private func load(_ text: String, isOfReplay: Bool) -> LoadedPolicies {
        var options = PolicyOptions()
        options.isOfReplay = isOfReplay
        return PolicyLoader(options).load([PolicyFile(name: "a.yaml", bytes: Array(text.utf8))])
    }

    @Test("is read from the ledger with its pace")
    func read() throws {
        let loaded = load(text, isOfReplay: true)
        #expect(loaded.findings.isEmpty, "\(loaded.findings)")
        let policy = try #require(loaded.policies.first)
        #expect(policy.replay == ReplayPace(canary: 1, inFlightPerWorkflow: 2, stopAfterFailures: 5))
        #expect(policy.match?.fields.contains(.executionID) == true)
    }

    @Test("is no policy of a file: neither its name nor its pace may stand there")
    func refused() {
        let findings = load(text, isOfReplay: false).findings
        #expect(findings.map(\.id).sorted() == ["reserved-name", "unknown-key"], "\(findings)")
    }

    @Test("an execution is named by its id, as in an exception that leaves one alone")
    func byID() throws {
        let text = """
            policies:
              - name: p
                mode: enforce
                match: {status: error, workflow: Order sync}
                actions: [retry]
                exceptions: [{match: {id: 4711}, reason: looked at by hand}]
            """
        let loaded = load(text, isOfReplay: false)
        #expect(!loaded.hasErrors, "\(loaded.findings)")
        let test = FieldTest(.executionID, [.numberIn([4711])])
        guard case .test(let found)? = loaded.policies.first?.exceptions.first?.match else {
            Issue.record("no test")
            return
        }
        #expect(found.field == test.field && found.operators == test.operators)
        let text2 = text.replacing("id: 4711", with: "id: abc")
        #expect(load(text2, isOfReplay: false).findings.first?.message.contains("whole number") == true)
    }
}
