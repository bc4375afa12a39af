import MendflowCore
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@Suite("The policies that come along")
struct UserPolicyTests {
    private func load(_ path: String) throws -> LoadedPolicies {
        PolicyLoader(testOptions).load([PolicyFile(name: path, bytes: try Repository.bytes(path))])
    }

    private func test(_ field: Field, _ operation: FieldOperator, _ file: String, _ line: Int, _ column: Int)
        -> Condition
    {
        .test(FieldTest(field, [operation], place: SourcePlace(file: file, line: line, column: column)))
    }

    /// How many lines a file's comment has.
    private func comment(of source: String) -> Int {
        source.split(separator: "\n").prefix { $0.hasPrefix("#") }.count
    }

    private let production = Condition.test(
        FieldTest(
            .executionMode, [.anyOf([.wildcard("webhook"), .wildcard("trigger"), .wildcard("chat")])], isImplicit: true)
    )

    @Test("retrying the order sync is exactly what its author wrote")
    func retryOrderSync() throws {
        let file = "policies/retry-order-sync.yaml"
        let source = try Repository.text(file)
        // Behind the comment.
        let top = comment(of: source)
        let loaded = try load(file)
        #expect(loaded.findings.isEmpty)
        let policy = try #require(loaded.policies.first)
        let expected = Policy(
            name: "retry-order-sync",
            description: "The order API drops connections at night; the run is idempotent.", mode: .dryRun,
            match: .all([
                test(.status, .anyOf([.wildcard("error")]), file, top + 6, 7),
                test(.workflowName, .anyOf([.wildcard("Order sync")]), file, top + 7, 7),
                test(.errorClass, .anyOf([.wildcard("transient"), .wildcard("rate_limit")]), file, top + 8, 15),
                test(.age, .period(.lt, .hours(24)), file, top + 9, 7),
                production, .test(FieldTest(.workflowActive, [.flag(true)], isImplicit: true)),
            ]),
            remediation: .retry(
                RetryAction(
                    maxRetries: 3, loadWorkflow: true,
                    backoff: Backoff(
                        initialInterval: .minutes(1), coefficientHundredths: 200, maxInterval: .hours(1), jitter: .full),
                    acceptedRisks: [.unlikely, .possible, .restart])),
            guards: Guards(giveUpAfter: .hours(24)), onExhausted: OnExhausted(tags: ["needs-human"]),
            place: SourcePlace(file: file, line: top + 2, column: 5), text: policy.text)
        #expect(policy == expected)
        let written = source.split(separator: "\n").dropFirst(top).joined(separator: "\n")
        #expect("policies:\n  - \(policy.text)" == written)
    }

    @Test("stopping stale waits is what its author asked for, in dry-run, with a warning about approvals")
    func stopStaleWaiting() throws {
        let file = "policies/stop-stale-waiting.yaml"
        let top = comment(of: try Repository.text(file))
        let loaded = try load(file)
        #expect(loaded.findings.map(\.id) == ["stop-may-hit-events"])
        #expect(loaded.findings.map(\.severity) == [.warning])
        let policy = try #require(loaded.policies.first)
        let expected = Policy(
            name: "stop-stale-waiting", mode: .dryRun,
            match: .all([
                test(.status, .anyOf([.wildcard("waiting")]), file, top + 4, 13),
                test(.age, .period(.gte, .hours(2)), file, top + 4, 30),
                production, .test(FieldTest(.workflowActive, [.flag(true)], isImplicit: true)),
            ]), remediation: .stop, place: SourcePlace(file: file, line: top + 2, column: 5),
            text: """
                name: stop-stale-waiting
                    mode: dry_run
                    match: {status: waiting, older_than: 2h}
                    actions: [stop]
                """)
        #expect(policy == expected)
    }

    @Test("every policy that comes along is good, and none acts")
    func shipped() throws {
        for name in Fixture.names(in: "policies") {
            let loaded = try load("policies/\(name).yaml")
            #expect(!loaded.hasErrors, "\(FindingRenderer().render(loaded.findings))")
            #expect(loaded.policies.count == 1)
            #expect(loaded.policies.first?.mode == .dryRun)
            #expect(loaded.findings.isEmpty == (name != "stop-stale-waiting"), "\(name)")
        }
    }
}
