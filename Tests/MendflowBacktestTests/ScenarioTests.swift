import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@testable import MendflowBacktest

@Suite("A test of policies")
struct ScenarioTests {
    private static let policy = """
        policies:
          - name: retry
            mode: enforce
            match: {status: error, error: {class: [transient]}}
            actions:
              - retry: {max_retries: 1, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}

        """

    private func scenarios(_ tests: String) throws -> [Scenario] {
        let loaded = ScenarioLoader.load(PolicyFile(name: "p.test.yaml", bytes: Array(tests.utf8)))
        return try #require(loaded.file, "\(loaded.findings)").scenarios
    }

    private func results(
        _ tests: String, fixtures: [ExecutionID: ExecutionDetail] = [:]
    ) throws -> [ScenarioResult] {
        let scenarios = try scenarios(tests)
        let policies = PolicyLoader().load([PolicyFile(name: "p.yaml", bytes: Array(Self.policy.utf8))]).policies
        let set = PolicySet(
            policies: policies, instance: "main",
            tables: JudgementTables(classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge()))
        return scenarios.map { ScenarioRun($0, set).result(fixtures: fixtures) }
    }

    private func test(_ expectations: String, retries: String = "fail") -> String {
        """
        policies: p.yaml
        tests:
          - name: one
            executions:
              - {id: 1, workflow: w, at: 0s, error: {http_code: ECONNRESET}}
              - {id: 2, workflow: w, at: 0s, error: {http_code: 401}}
            retries: \(retries)
            expect:
        \(expectations)
        """
    }

    @Test("passes where everything that is done was expected, at its time")
    func passes() throws {
        let expectations = """
                  - {execution: 1, action: retry, policy: retry, attempt: 1, at: 1m to 2m}
                  - {execution: 1, exhausted: true}
                  - {execution: 2, nothing: true}
            """
        let result = try #require(try results(test(expectations)).first)
        #expect(result.failures.isEmpty, "\(result.failures)")
        #expect(result.policies == ["retry"])
    }

    @Test(
        "fails with what happened instead",
        arguments: [
            ("- {execution: 1, nothing: true}", "nothing was to be done to 1"),
            ("- {execution: 2, action: retry}", "2 was to get a retry, and did not: no_policy at 30s"),
            ("- {execution: 1, action: retry, at: 1h}", "1 was to get a retry at 1h to 1h30s, and did not"),
            ("- {execution: 1, action: tag}", "1 was to get a tag, and did not: retry sent retry 1/1 of 1"),
            ("- {execution: 1, held: may_repeat}", "1 was to be held as may_repeat, and was not"),
        ])
    func fails(_ expectation: String, _ words: String) throws {
        let result = try #require(try results(test("      " + expectation)).first)
        #expect(result.failures.first?.words.hasPrefix(words) == true, "\(result.failures)")
    }

    @Test("fails for an action that nobody expected")
    func unexpected() throws {
        let result = try #require(try results(test("      - {execution: 2, nothing: true}")).first)
        #expect(result.failures.count == 1)
        #expect(result.failures.first?.words.hasPrefix("nobody expected that retry sent retry 1/1") == true)
        #expect(result.failures.first?.place.line == 5)
    }

    @Test("takes the data of an execution from the file that it names")
    func fixture() throws {
        let reset = try #require(try scenarios(test("      - {execution: 2, nothing: true}")).first?.executions.first)
        let tests = """
            policies: p.yaml
            tests:
              - name: one
                executions: [{id: 1, workflow: w, at: 0s, data: 1.jsonl}]
                expect: [{execution: 1, action: retry}]
            """
        let detail = try #require(reset.detail)
        let result = try #require(try results(tests, fixtures: [ExecutionID("1"): detail]).first)
        #expect(result.isPassed, "\(result.failures)")
        #expect(try results(tests).first?.isPassed == false, "nothing is known without it")
    }

    @Test("says which conditions decided something")
    func coverage() throws {
        let result = try #require(try results(test("      - {execution: 1, action: retry}")).first)
        let open = result.seen.all.filter { !$0.hasDecided }
        #expect(open.map(\.field) == ["status"])
        #expect(open.first?.held == true)
    }

    @Test(
        "with a mistake is refused, with the nearest spelling",
        arguments: [
            ("{execution: 1, acton: retry}", "unknown-key"), ("{execution: 3, nothing: true}", "unknown-execution"),
            ("{execution: 1, action: restart}", "unknown-value"), ("{execution: 1, held: may_repat}", "unknown-value"),
            ("{execution: 1, action: retry, held: live}", "contradiction"),
            ("{execution: 1, nothing: true, policy: retry}", "misplaced-key"),
            ("{execution: 1, action: retry, at: soon}", "not-a-duration"),
        ])
    func mistakes(_ expectation: String, _ id: String) {
        let bytes = Array(test("      - " + expectation).utf8)
        let loaded = ScenarioLoader.load(PolicyFile(name: "p.test.yaml", bytes: bytes))
        #expect(loaded.file == nil)
        #expect(loaded.findings.contains { $0.id == id }, "\(loaded.findings.map(\.id))")
    }
}
