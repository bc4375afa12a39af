import MendflowCore
import MendflowHistory
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowBacktest

/// A history made by hand, and policies for it.
struct Past {
    /// A policy that retries what passes.
    static let retry = """
        policies:
          - name: retry
            mode: enforce
            match: {status: error, error: {class: [transient]}}
            actions:
              - retry: {max_retries: 2, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}

        """

    var rows: [Execution] = []
    var details: [ExecutionID: ExecutionDetail] = [:]
    private var next = 100

    /// A run that fails at a minute of the day, with this message.
    mutating func fails(
        at minute: Int64, _ workflow: WorkflowID = "w", code: String? = "ECONNRESET", retryOf: ExecutionID? = nil,
        status: ExecutionStatus = .error
    ) -> ExecutionID {
        let row = run(at: minute, workflow, status, retryOf: retryOf)
        details[row] = ExecutionDetail(
            status: status, error: ErrorEvidence(name: "NodeApiError", message: "read \(code ?? "")", httpCode: code),
            lastNode: NodeEvidence(name: "Fetch", type: "n8n-nodes-base.httpRequest", method: "GET"), itemsToRepeat: 1,
            finishedNodes: 1, resumesAtNode: true,
            startNode: NodeEvidence(name: "Fetch", type: "n8n-nodes-base.httpRequest", method: "GET"))
        return row
    }

    /// A run that succeeds.
    @discardableResult
    mutating func succeeds(at minute: Int64, _ workflow: WorkflowID = "w", retryOf: ExecutionID? = nil) -> ExecutionID {
        run(at: minute, workflow, .success, retryOf: retryOf)
    }

    private mutating func run(
        at minute: Int64, _ workflow: WorkflowID, _ status: ExecutionStatus, retryOf: ExecutionID?
    ) -> ExecutionID {
        next += 1
        let id = ExecutionID(String(next))
        let start = ServerTime.noon + .minutes(minute)
        rows.append(
            Execution(
                id: id, workflow: workflow, status: status, mode: retryOf == nil ? "webhook" : .retry, retryOf: retryOf,
                startedAt: start, stoppedAt: start + .seconds(2)))
        return id
    }

    var history: History {
        History(
            rows, details: details,
            workflows: Set(rows.map(\.workflow)).map { WorkflowInfo(id: $0, name: $0.text, active: true) })
    }

    func policySet(_ policies: String) throws -> PolicySet {
        let loaded = PolicyLoader().load([PolicyFile(name: "p.yaml", bytes: Array(policies.utf8))])
        #expect(loaded.findings.filter { $0.severity == .error }.isEmpty)
        return PolicySet(
            policies: loaded.policies, instance: "main",
            tables: JudgementTables(classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge()))
    }

    func report(_ policies: String, hours: Int64 = 24) throws -> BacktestReport {
        let (history, set) = (history, try policySet(policies))
        let settings = BacktestSettings(
            policies: set, lookBack: .hours(48), interval: .seconds(30),
            span: (.noon - .minutes(1))..<(.noon + .hours(hours)))
        return BacktestReport(history, Backtest.run(history, settings), set)
    }
}

@Suite("A backtest")
struct BacktestTests {
    @Test("tells days of the calendar, whatever hour the history begins at")
    func days() throws {
        var past = Past()
        for minute: Int64 in [60, 725, 730] { _ = past.fails(at: minute) }
        #expect(try past.report(Past.retry).strips.map(\.failed) == [[1, 2]], "noon is in the middle of a day")
    }

    @Test("retries what failed, and takes three guesses at how that turns out")
    func bounds() throws {
        var past = Past()
        _ = past.fails(at: 0)
        let report = try past.report(Past.retry)
        #expect(report.failures == 1)
        #expect(report.total.acted == .init(allFail: 1, asObserved: 1, allHeal: 1))
        #expect(report.total.healed == .init(allFail: 0, asObserved: 0, allHeal: 1))
        #expect(report.total.requests[.retry] == .init(allFail: 2, asObserved: 2, allHeal: 1))
        #expect(report.total.exhausted == .init(allFail: 1, asObserved: 1, allHeal: 0))
    }

    @Test("takes the next run's success for a sign that the trouble is over")
    func nextRun() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 30)
        let report = try past.report(Past.retry)
        #expect(report.total.healed.asObserved == 1)
        #expect(report.actions.map(\.execution) == [failed])
        #expect(report.disagreements.map(\.kind) == [.oursOnly])
        #expect(report.total.fates == .init(nextRunSucceeded: 1))
    }

    @Test(
        "says how much earlier than people a chain would have been healed, and shows no retry that was not needed any more"
    )
    func saved() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 180, retryOf: failed)
        let report = try past.report(Past.retry)
        #expect(report.people == .init(chains: 1, retries: 1, healed: 1))
        #expect(report.total.healed.asObserved == 1)
        let saved = try #require(report.total.medianSaved)
        #expect(saved > .minutes(175) && saved < .minutes(180))
        #expect(report.disagreements.isEmpty)
    }

    @Test("names the policy that would have retried what people did not, and not one that tags it at the same look")
    func retriedAndTagged() throws {
        var past = Past()
        _ = past.fails(at: 0)
        past.succeeds(at: 30)
        let both =
            Past.retry.replacing("initial_interval: 1m", with: "initial_interval: 1s") + """
                  - name: mark
                    mode: enforce
                    match: {status: error}
                    actions: [{tag: [seen]}]

                """
        let found = try past.report(both).disagreements
        #expect(found.map(\.kind) == [.oursOnly] && found.map(\.policy) == ["retry"], "\(found)")
    }

    @Test("counts no time as saved by a policy that only tags what another one heals")
    func savedByTags() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 180, retryOf: failed)
        let tag = "  - {name: tag, mode: enforce, match: {status: error}, actions: [tag: [seen]]}\n"
        let report = try past.report(Past.retry + tag)
        #expect(report.policies.map(\.saved.count) == [1, 0] && report.total.saved.count == 1)
    }

    @Test("counts no tag write of tags that are there already as something that would have been done")
    func tagsThere() throws {
        var past = Past()
        _ = past.fails(at: 0, code: "400")
        past.succeeds(at: 600)
        let policies = """
            policies:
              - {name: first, mode: enforce, match: {status: error}, actions: [tag: [seen]]}
              - {name: later, mode: enforce, match: {status: error, older_than: 2h}, actions: [tag: [seen]]}

            """
        let report = try past.report(policies)
        #expect(report.actions.map(\.policies) == [["first"]])
        #expect(report.total.requests[.tag]?.asObserved == 1 && report.policies.map(\.acted.asObserved) == [1, 0])
    }

    @Test("does not heal while the workflow goes on failing")
    func trouble() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        _ = past.fails(at: 60, code: "400")
        past.succeeds(at: 180, retryOf: failed)
        let report = try past.report(Past.retry)
        #expect(report.total.healed.asObserved == 0)
    }

    @Test("names first what people retried and no policy would have, with the reason")
    func peopleOnly() throws {
        var past = Past()
        let failed = past.fails(at: 0, code: "401")
        past.succeeds(at: 20, retryOf: failed)
        let report = try past.report(Past.retry)
        #expect(report.total.acted.asObserved == 0)
        let found = try #require(report.disagreements.first)
        #expect(found.kind == .peopleOnly && found.chains == [failed] && found.healed == 1)
        #expect(found.reason == Reason.noPolicy.rawValue)
    }

    @Test("says where people were faster than a look, and not that no policy matches")
    func faster() throws {
        // The agent looks every 30 seconds, first at 12:00:00; the run fails at 12:00:02.
        var past = Past()
        let (failed, other) = (past.fails(at: 0), past.fails(at: 0, "v", code: "401"))
        for run in [failed, other] {
            past.succeeds(at: 0, past.rows.first { $0.id == run }?.workflow ?? "", retryOf: run)
            past.rows[past.rows.count - 1].startedAt = .noon + .seconds(12)
        }
        let disagreements = try past.report(Past.retry).disagreements
        #expect(disagreements.allSatisfy { $0.kind == .peopleOnly } && disagreements.count == 2)
        let found = try #require(disagreements.first { $0.chains == [failed] })
        #expect(found.reason == BacktestReport.Disagreement.faster && found.policy == "retry")
        #expect(found.words == "retry matches it, and people retried before an agent had looked")
        #expect(disagreements.first { $0.chains == [other] }?.reason == Reason.noPolicy.rawValue)
    }

    @Test("says of what a policy came to own only after people had retried it that none matched by then")
    func ownedLater() throws {
        var past = Past()
        let failed = past.fails(at: 0, code: "401")
        // People's retry fails with what the policy retries, and they retry that at once.
        let again = past.fails(at: 20, retryOf: failed)
        past.succeeds(at: 20, retryOf: again)
        past.rows[2].startedAt = .noon + .minutes(20) + .seconds(40)
        let found = try #require(try past.report(Past.retry).disagreements.first { $0.kind == .peopleOnly })
        #expect(found.reason == Reason.noPolicy.rawValue && found.policy == nil && found.words.isEmpty)
    }

    @Test("lets a person's retry that came first stand")
    func yields() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 1, retryOf: failed)
        let report = try past.report(Past.retry.replacing("initial_interval: 1m", with: "initial_interval: 10m"))
        #expect(report.total.acted.asObserved == 0)
    }

    @Test("keeps to the caps of a policy")
    func caps() throws {
        var past = Past()
        for minute in 0..<20 { _ = past.fails(at: Int64(minute), WorkflowID("w\(minute)")) }
        let capped = Past.retry.replacing(
            "    actions:", with: "    guards: {max_actions: {amount: 3, per: 1h}}\n    actions:")
        let report = try past.report(Past.retry)
        #expect(report.total.requests[.retry]?.allFail == 40)
        let held = try past.report(capped, hours: 1)
        #expect(held.total.requests[.retry]?.allFail == 3)
        #expect(held.total.holds[.maxActions] != nil)
    }

    @Test("says what it cannot see")
    func blindSpots() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.details[failed] = nil
        past.rows.append(Execution(id: "999", workflow: "w", status: .error))
        let report = try past.report(Past.retry)
        #expect(report.blindSpots.contains { $0.hasPrefix("1 failed run whose data the history does not hold") })
        #expect(report.blindSpots.contains { $0.hasPrefix("1 row without any time") })
    }

    @Test("of the same history is the same")
    func same() throws {
        var past = Past()
        for minute in 0..<50 {
            let failed = past.fails(at: Int64(minute * 7), WorkflowID("w\(minute % 5)"))
            if minute.isMultiple(of: 3) {
                past.succeeds(at: Int64(minute * 7 + 40), WorkflowID("w\(minute % 5)"), retryOf: failed)
            }
        }
        let (one, other) = (try past.report(Past.retry), try past.report(Past.retry))
        #expect(one.actions == other.actions)
        #expect(one.disagreements == other.disagreements)
        #expect(one.total == other.total)
    }

    @Test("goes on to what falls due after a person's retry has healed another chain")
    func goesOn() throws {
        var past = Past()
        past.rows.append(
            Execution(
                id: "50", workflow: "x", status: .waiting, startedAt: .noon, stoppedAt: .noon,
                waitTill: .noon + .days(9)))
        let failed = past.fails(at: 5, code: "401")
        past.succeeds(at: 10, retryOf: failed)
        let report = try past.report(
            Past.retry + """
                  - name: stop
                    mode: enforce
                    match: {status: waiting, older_than: 2h}
                    actions: [stop]

                """)
        #expect(report.actions.map(\.kind) == [.stop])
        #expect(report.actions.first?.at == .noon + .hours(2))
        #expect(report.total.stops == .init(notYetDue: 1))
    }

    @Test("notes what was decided before the cycle asked for more")
    func rounds() throws {
        var past = Past()
        let failed = past.fails(at: 0)
        past.succeeds(at: 90, retryOf: failed)
        let held = Past.retry.replacing("repeats: allow, ", with: "").replacing(
            "class: [transient]", with: "class: [transient, data]")
        let node = NodeEvidence(name: "Send", type: "n8n-nodes-base.httpRequest", method: "POST")
        past.details[failed]?.startNode = node
        past.details[failed]?.lastNode = node
        let report = try past.report(
            held + """
                  - name: delete
                    mode: enforce
                    match: {status: success, older_than: 30d}
                    actions: [delete]

                """)
        #expect(report.policies.first { $0.policy == "retry" }?.owned == 1)
        #expect(report.disagreements.map(\.reason) == [Reason.mayRepeat.rawValue])
    }

    @Test("of one policy tells of what that one does beside the others")
    func onePolicy() throws {
        var past = Past()
        _ = past.fails(at: 0)
        _ = past.fails(at: 1, "other", code: "401")
        let report = try past.report(Past.retry).only("retry")
        #expect(report.policies.map(\.policy) == ["retry"])
        #expect(report.total.acted.asObserved == 1)
    }
}

@Suite("A backtest of a policy that misses runs")
struct MissedRunTests {
    @Test("says on which days people would have been told, and whether a run came")
    func days() throws {
        var past = Past()
        for hour in 0...5 { past.succeeds(at: Int64(hour) * 60) }
        past.succeeds(at: 20 * 60)
        _ = past.fails(at: 21 * 60)
        let set = try past.policySet(
            """
            policies:
              - name: hourly
                mode: enforce
                match: {workflow: w}
                when: {count: {lt: 1}, within: 3h}
                actions: [tag: [missed]]

            """)
        let span = ServerTime.noon..<(.noon + .hours(48))
        let settings = BacktestSettings(policies: set, lookBack: .hours(48), interval: .seconds(30), span: span)
        let result = Backtest.run(past.history, settings, outcomes: [.asObserved])
        let report = BacktestReport(past.history, result, set)
        let missed = try #require(report.absences.first)
        #expect(report.absences.count == 1 && missed.policy == "hourly")
        #expect(missed.open == 1 && missed.days == 2)
        let told: [ServerTime] = [.noon + .hours(8) + .seconds(30), .noon + .hours(24) + .seconds(30)]
        #expect(missed.toldAt == told)
        #expect(report.actions.map(\.execution.text) == ["106", "108"])
        #expect(report.actions.map(\.kind) == [.tag, .tag])
    }
}
