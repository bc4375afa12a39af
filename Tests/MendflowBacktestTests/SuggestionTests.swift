import MendflowCore
import MendflowHistory
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowBacktest

@Suite("What a history speaks for")
struct SuggestionTests {
    private func suggestions(
        _ failures: Int, code: String, thenSucceeds: Bool = true, name: String = "Order sync", hasData: Bool = true,
        every period: Period = .hours(1)
    ) throws -> Suggestions {
        var rows: [Execution] = []
        var details: [ExecutionID: ExecutionDetail] = [:]
        for number in 0..<failures {
            let start = ServerTime.noon + Period(milliseconds: period.milliseconds * Int64(number))
            let id = ExecutionID(String(100 + 2 * number))
            rows.append(
                Execution(id: id, workflow: "w", status: .error, startedAt: start, stoppedAt: start + .seconds(1)))
            details[id] = ExecutionDetail(
                error: ErrorEvidence(name: "NodeApiError", message: "failed", httpCode: code),
                lastNode: NodeEvidence(name: "Fetch", type: "n8n-nodes-base.httpRequest", method: "GET"))
            guard thenSucceeds else { continue }
            let next = start + .minutes(10)
            rows.append(
                Execution(
                    id: ExecutionID(String(101 + 2 * number)), workflow: "w", status: .success, startedAt: next,
                    stoppedAt: next + .seconds(1)))
        }
        let history = History(
            rows, details: hasData ? details : [:], workflows: [WorkflowInfo(id: "w", name: name)])
        return Suggestions(
            history, JudgementTables(classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge()))
    }

    @Test("is a retry where the same kind of failure passed by itself, in dry-run and without a finding")
    func retry() throws {
        let found = try suggestions(4, code: "ECONNRESET").policies
        let one = try #require(found.first)
        #expect(found.count == 1 && one.name == "retry-order-sync")
        let loaded = PolicyLoader().load([PolicyFile(name: "p", bytes: Array("policies:\n\(one.yaml)\n".utf8))])
        #expect(loaded.findings.filter { $0.severity == .error }.isEmpty)
        #expect(loaded.policies.map(\.mode) == [.dryRun])
        #expect(one.why.first?.contains("4 runs failed as transient") == true)
    }

    @Test(
        "caps what it does in an hour at twice the busiest one, at five at least, and never above an instance's usual limit",
        arguments: [(4, Period.hours(1), 5), (8, .minutes(5), 16), (40, .minutes(1), 60)])
    func cap(failures: Int, every period: Period, cap: Int) throws {
        let one = try #require(try suggestions(failures, code: "ECONNRESET", every: period).policies.first)
        let loaded = PolicyLoader().load([PolicyFile(name: "p", bytes: Array("policies:\n\(one.yaml)\n".utf8))])
        #expect(loaded.findings.filter { $0.severity == .error }.isEmpty)
        #expect(loaded.policies.first?.guards.maxActions == [ActionCap(amount: cap, per: .window(.hours(1)))])
    }

    @Test("is nothing where the data of failures is not there, and says so")
    func unknown() throws {
        let found = try suggestions(4, code: "ECONNRESET", hasData: false)
        #expect(found.policies.isEmpty && found.unknown == 4)
        #expect(
            found.remarks == [
                "Why 4 runs failed is not known, for the history lacks their data: `mendflow history export` fetches it."
            ])
        #expect(try suggestions(4, code: "ECONNRESET").remarks.isEmpty)
    }

    @Test("is nothing where it happened twice, or the trouble never passed")
    func nothing() throws {
        #expect(try suggestions(2, code: "ECONNRESET").policies.isEmpty)
        #expect(try suggestions(6, code: "ECONNRESET", thenSucceeds: false).policies.isEmpty)
    }

    @Test("is no retry where the input is at fault, and says so")
    func data() throws {
        let found = try suggestions(5, code: "422")
        #expect(found.policies.isEmpty)
        #expect(found.remarks.count == 1)
        #expect(found.remarks[0].hasSuffix("A retry of the same input seldom helps: someone has to look."))
    }

    @Test(
        "names a workflow by its id where its name would stand for more",
        arguments: ["[PROD] *", "a\"b: *", "two\nlines", " blank "])
    func names(_ name: String) throws {
        let one = try #require(try suggestions(4, code: "ECONNRESET", name: name).policies.first)
        #expect(one.yaml.contains("{id: \"w\"}"))
    }
}
