import MendflowCore
import MendflowHistory
import MendflowTestKit
import Testing

@testable import MendflowBacktest

/// Whose retries a history's are: an agent's, as its ledger told; nobody knows whose, where n8n did not keep them; people's
/// otherwise.
@Suite("A backtest of a past in which an agent acted, or n8n did not keep all")
struct RetrySenderTests {
    private func report(
        _ past: Past, agent: Set<ExecutionID>? = nil, since: ServerTime = .noon - .days(1)
    ) throws -> BacktestReport {
        var history = past.history
        history.agent = agent.map { AgentRuns(since: since, runs: $0) }
        let set = try past.policySet(Past.retry)
        let settings = BacktestSettings(
            policies: set, lookBack: .hours(48), interval: .seconds(30),
            span: (.noon - .minutes(1))..<(.noon + .hours(24)))
        return BacktestReport(history, Backtest.run(history, settings), set)
    }

    @Test("takes the agent's retries for nobody's, and decides as if it had not acted")
    func own() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        let ours = past.succeeds(at: 3, retryOf: failed)
        let told = try report(past, agent: [ours])
        #expect(told.people == .init() && told.agent == .init(retries: 1, healed: 1))
        #expect(told.total.fates == .init(healedByAgent: 1))
        #expect(told.total.acted.asObserved == 1 && told.total.healed.asObserved == 1, "the policy acts again")
        #expect(told.total.saved.isEmpty, "nobody is earlier than people who did nothing")
        #expect(told.disagreements.isEmpty && told.strips.map(\.people) == [[0, 0]])
        #expect(told.blindSpots.contains { $0.hasPrefix("1 of 1 retry was the agent's own") })
    }

    @Test(
        "takes what the agent stopped for no person's cancel, neither in what failed nor in what would have been stopped"
    )
    func stopped() throws {
        var past = Past()
        let canceled = past.fails(at: 0, status: .canceled)
        let wide = Past.retry.replacing("status: error, error: {class: [transient]}", with: "status: canceled")
        for (stopped, fates, kinds) in [
            (Set<ExecutionID>(), BacktestReport.Fates(canceled: 1), [BacktestReport.Disagreement.Kind.againstCancel]),
            ([canceled], .init(stoppedByAgent: 1), [.oursOnly]),
        ] {
            var history = past.history
            history.agent = AgentRuns(since: .noon - .days(1), stopped: stopped)
            let set = try past.policySet(wide)
            let settings = BacktestSettings(
                policies: set, lookBack: .hours(48), interval: .seconds(30),
                span: (.noon - .minutes(1))..<(.noon + .hours(24)))
            let report = BacktestReport(history, Backtest.run(history, settings), set)
            #expect(report.total.fates == fates && report.disagreements.map(\.kind) == kinds)
        }
    }

    @Test("takes them for people's where nobody told, and says so")
    func untold() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 3, retryOf: failed)
        let report = try report(past)
        #expect(report.people == .init(chains: 1, retries: 1, healed: 1) && report.agent == nil)
        #expect(report.blindSpots.contains { $0.hasPrefix("who sent a retry is not told") })
    }

    @Test("goes on to a person's retry of what the agent's had started")
    func behind() throws {
        var past = Past()
        let failed = past.fails(at: 0, code: "401")
        let ours = past.fails(at: 3, code: "401", retryOf: failed)
        past.succeeds(at: 30, retryOf: ours)
        let report = try report(past, agent: [ours])
        #expect(report.people == .init(chains: 1, retries: 1, healed: 1))
        #expect(report.agent == .init(retries: 1, healed: 0))
        #expect(report.disagreements.map(\.kind) == [.peopleOnly])
    }

    @Test("says of how many retries the ledger tells nothing, for they are older than it")
    func older() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 3, retryOf: failed)
        let report = try report(past, agent: [], since: .noon + .hours(1))
        #expect(report.people.retries == 1)
        #expect(
            report.blindSpots.contains {
                $0.hasPrefix("of 1 retry nobody can tell who sent it, for all are older than the agent's ledger")
            })
    }

    @Test("knows a chain healed whose retry n8n did not keep, and counts it as nobody's")
    func unkept() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.rows[0].retrySuccess = "150"
        _ = past.fails(at: 600, "other")
        let told = try report(past)
        #expect(told.people == .init() && told.healedUnkept == 1)
        #expect(told.total.fates.healedUnkept == 1 && told.total.owned == told.total.fates.all)
        #expect(told.total.healed.asObserved == 1, "a retry of it is known to have succeeded")
        #expect(told.disagreements.allSatisfy { !$0.chains.contains(failed) }, "nobody knows whether people did it")
        #expect(told.blindSpots.contains { $0.hasPrefix("1 chain that a retry healed which n8n did not keep") })
        #expect(try report(past, agent: ["150"]).total.fates.healedByAgent == 1, "the ledger knows the run")
    }

    @Test("does not take a retry that was not kept for a sign where the workflow had failed once more before it")
    func unkeptLater() throws {
        var past = Past()
        _ = past.fails(at: 0)
        past.rows[0].retrySuccess = "150"
        _ = past.fails(at: 60, code: "400")
        #expect(try report(past).total.healed.asObserved == 0, "its id is higher than that of the second failure")
        past.rows[1].id = "170"
        #expect(try report(past).total.healed.asObserved == 1, "it had begun before the second failure")
    }
}
