import MendflowCore
import MendflowHistory
import MendflowSimulator
import MendflowTestKit
import Testing

@testable import MendflowBacktest

@Suite("What an agent did on a simulated n8n is what a backtest of its history does", .timeLimit(.minutes(30)))
struct LiveRunTests {
    private static let policies = """
        policies:
          - name: retry-orders
            mode: enforce
            match: {status: error, workflow: Order sync, error: {class: [transient, rate_limit]}}
            actions:
              - retry: {max_retries: 3, backoff: {initial_interval: 2m, coefficient: 3, max_interval: 30m}}
            guards:
              max_actions: [{amount: 4, per: 1h}]
              cooldown: 4m
              circuit_breaker: {failure_threshold: 6, window: 1h, open_for: 25m}
            on_exhausted: [{tag: [needs-human]}]
          - name: retry-the-rest
            mode: enforce
            match: {status: error, error: {class: [transient, timeout]}}
            actions: [retry: {max_retries: 2, backoff: {initial_interval: 10m, jitter: none}, repeats: allow}]
            guards: {rate_limit: {max: 2, per: 30m, group_by: workflow}}
            exceptions: [{match: {workflow: Reports}, reason: by hand}]
          - name: tag-credentials
            mode: enforce
            match: {status: error, error: {class: auth}}
            actions: [tag: [needs-human]]
          - name: stop-stuck
            mode: enforce
            match: {status: running, workflow: Nightly, older_than: 90m}
            actions: [stop]

        """

    private static func workflow(
        _ number: Int, _ name: String, method: String = "GET", _ runs: [Simulator.Outcome],
        retries: [Simulator.Outcome] = []
    ) -> Simulator.Workflow {
        Simulator.Workflow(
            id: "Wf0000000000000\(number)", name: name,
            nodes: [.webhook("hook\(number)"), .http("Call", method: method, url: "http://shop.example/\(number)")],
            script: .init(thenAlways: runs, retriesThenAlways: retries))
    }

    /// Lived once for all tests that look at it.
    private static let first = Result { try live(seed: 1) }

    private static func live(seed: UInt64) throws -> LiveRun {
        let good = Simulator.Outcome.success(after: 700)
        func bad(_ status: Int, _ method: String = "GET", after length: Int64 = 400) -> Simulator.Outcome {
            .error(.http(status, method: method), after: length)
        }
        return try LiveRun(
            [
                (
                    workflow(
                        1, "Order sync", [bad(503), good, bad(429), bad(503)], retries: [bad(503), good, bad(503)]),
                    every: .minutes(6)
                ),
                (
                    workflow(
                        2, "CRM", method: "POST", [good, bad(502, "POST"), good],
                        retries: [.success(after: 400_000), bad(502, "POST", after: 90_000)]), every: .minutes(11)
                ),
                (workflow(3, "Reports", [bad(503), good]), every: .minutes(25)),
                (workflow(4, "Payments", [bad(503), good, good]), every: .minutes(20)),
                (workflow(6, "Nightly", [.hang, good]), every: .minutes(95)),
                (workflow(5, "Login", [good, bad(401), good, good, good]), every: .minutes(9)),
            ], policies: policies, hours: 12, seed: seed)
    }

    @Test(
        "request for request and reason for reason, with what came of its retries fed back",
        arguments: (TestScale.isFull ? [1, 2, 3] : [1]) as [UInt64])
    func reproduced(seed: UInt64) throws {
        let live = try seed == 1 ? Self.first.get() : Self.live(seed: seed)
        #expect(live.deeds.count > 20 && Set(live.deeds.map(\.kind)) == [.retry, .tag, .stop], "\(live.deeds.count)")
        #expect(live.history.findings.first.isEmpty, "an export contradicts itself nowhere")
        let stopped = Set(live.deeds.filter { $0.kind == .stop }.map(\.execution))
        let (past, outcomes) = FedBackOutcomes.taken(live.children, stopped: stopped, from: live.history)
        #expect(past.rows.count == live.history.rows.count - live.children.count)
        var settings = BacktestSettings(
            policies: live.policies, lookBack: .hours(48), interval: .seconds(30), span: live.span)
        settings.fedBack = outcomes
        let result = Backtest.run(past, settings, outcomes: [.asObserved])
        let diary = try #require(result.diaries[.asObserved])
        #expect(diary.refusals.isEmpty && diary.contradictions.isEmpty && diary.withoutData.isEmpty)
        let deeds = diary.actions.map { action in
            LiveRun.Deed(
                at: action.at, kind: action.kind, execution: action.execution, policies: action.policies,
                attempt: action.attempt, tags: action.tags)
        }
        #expect(deeds.count == live.deeds.count)
        for (one, other) in zip(deeds, live.deeds) where one != other {
            Issue.record("backtest: \(one), really: \(other)")
            break
        }
        // Caps that hold for the moment are recorded as one, whichever of them is full.
        let capped: Set<Reason> = [.maxActions, .instanceLimit, .rateLimit, .maxInFlight, .cooldown]
        let holds = Set(
            diary.chains.flatMap { root, chain in
                chain.holds.map { LiveRun.Hold(since: $0.value.since, root: root, reason: $0.key) }
            })
        let missing = live.holds.filter { !holds.contains($0) && !capped.contains($0.reason) }
        #expect(missing.isEmpty, "\(missing.prefix(5)) \(missing.count) of \(live.holds.count)")
        // Of what no policy wants anything of, nothing is recorded.
        let more = holds.subtracting(live.holds).filter { !capped.contains($0.reason) && $0.reason != .noPolicy }
        #expect(more.isEmpty, "\(more.sorted { $0.since < $1.since }.prefix(9)) \(more.count) of \(holds.count)")
        #expect(Set(live.holds.map(\.reason)).isSuperset(of: [.backoff, .excepted, .protected]))
    }

    @Test("and not without them: the history alone guesses otherwise")
    func guessed() throws {
        let live = try Self.first.get()
        let (past, _) = FedBackOutcomes.taken(live.children, from: live.history)
        let settings = BacktestSettings(
            policies: live.policies, lookBack: .hours(48), interval: .seconds(30), span: live.span)
        let diary = Backtest.run(past, settings, outcomes: [.allFail]).diaries[.allFail]
        #expect(diary?.actions.map(\.attempt) != live.deeds.map(\.attempt))
    }
}
