import MendflowCore
import MendflowHistory
import Testing

@testable import MendflowBacktest

@Suite("What a policy's author expects of a backtest")
struct ExpectationTests {
    /// Three failures within two days, of which people ended one; a retry of the first is suggested to succeed.
    private func past() -> Past {
        var past = Past()
        _ = past.fails(at: 0)
        past.succeeds(at: 30)
        _ = past.fails(at: 60, "x")
        _ = past.fails(at: 1500, "y", status: .canceled)
        return past
    }

    private func report(_ expect: String, match: String = "status: [error, canceled]") throws -> BacktestReport {
        try past().report(
            """
            policies:
              - name: retry
                mode: enforce
                match: {\(match), error: {class: [transient]}}
                actions: [retry: {max_retries: 2, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}]
                expect: {\(expect)}
              - {name: other, match: {status: error, workflow: none}, actions: [retry]}

            """, hours: 48)
    }

    /// What the measures of the policy are, as observed.
    private static let measured = [
        ("actions", 5), ("actions_per_day", 3), ("chains", 3), ("held", 0), ("healed", 1), ("heal_rate", 33),
        ("exhausted", 2), ("may_repeat", 0), ("against_people", 1),
    ]

    @Test(
        "is compared with what there is, as observed",
        arguments: [("N", 0, true), ("{lte: N}", 0, true), ("{gt: N}", 0, false), ("{eq: N}", 1, false)])
    func measures(form: String, off: Int, holds: Bool) throws {
        let expected = Self.measured.map { "\($0): \(form.replacing("N", with: String($1 + off)))" }
        let report = try report(expected.joined(separator: ", "))
        #expect(report.expectations.count == Self.measured.count && report.isAsExpected == holds)
        for (name, number) in Self.measured {
            let one = try #require(report.expectations.first { $0.expectation.measure.rawValue == name })
            #expect(one.policy == "retry" && one.found == number && one.holds == holds, "\(name): \(one.found ?? -1)")
        }
    }

    @Test("is no share of nothing: where nothing is retried there is nothing to judge")
    func nothing() throws {
        let report = try report("heal_rate: {gte: 50}, actions: 0", match: "status: crashed")
        #expect(report.expectations.map(\.holds) == [true, nil])
        #expect(report.expectations.map(\.expectation.measure) == [.actions, .healRate])
        #expect(report.isAsExpected)
    }

    @Test("of one policy is told with that policy alone")
    func only() throws {
        let report = try report("actions: 0")
        #expect(report.only("retry").expectations.count == 1 && report.only("other").isAsExpected)
    }

    @Test("changes no decision and nothing else that is told")
    func inert() throws {
        let (with, without) = (try report("actions: 0"), try report("actions: {gte: 0}"))
        #expect(with.actions == without.actions && with.policies == without.policies)
    }
}
