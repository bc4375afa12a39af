import MendflowCore
import Testing

@testable import MendflowReview

@Suite("What a policy that only tags has tagged")
struct TaggedBeforeTests {
    private let noon = ServerTime(milliseconds: 1_777_896_000_000)
    private let agentNoon = AgentTime(milliseconds: 1_777_896_000_000)
    private let instance = InstanceKey(name: "production", epoch: 1)
    private let words = "mark tagged it with seen at 2026-05-04T11:50:00.000Z, and nothing is left to do"

    private var set: PolicySet { edited("v") }

    private func edited(_ version: String) -> PolicySet {
        let failed = Condition.test(FieldTest(.status, [.anyOf([.wildcard("error")])]))
        var policy = Policy(
            name: "mark", mode: .enforce, match: failed, remediation: nil, guards: Guards(maxActions: []))
        policy.tags = ["seen"]
        policy.version = version
        return PolicySet(
            policies: [policy], instance: "production", tagIDs: ["seen": "1"],
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
    }

    private var snapshot: Snapshot {
        var snapshot = Snapshot(instance: instance, now: noon, baseline: noon - .days(90))
        for (id, status) in [("1", ExecutionStatus.error), ("2", .canceled)] {
            let time = noon - .minutes(30)
            snapshot.executions[ExecutionID(id)] = Execution(
                id: ExecutionID(id), workflow: "w", status: status, createdAt: time, startedAt: time, stoppedAt: time)
        }
        return snapshot
    }

    private var view: LedgerView {
        var draft = IntentDraft(
            instance: instance, action: .tag, execution: "1", root: "1", workflow: "w", policy: "mark",
            policyVersion: "v")
        draft.tags = ["seen"]
        return LedgerView(
            intents: [
                Intent(id: IntentID(1), draft: draft, state: .applied, reservedAt: agentNoon - .minutes(10))
            ])
    }

    @Test("is explained by that: the policy matches, and has nothing left to do")
    func explained() throws {
        let it = try #require(
            Explanation(of: "1", in: snapshot, view: view, dryRunView: view, policies: set, url: "https://n8n"))
        #expect(it.outcomes.map(\.why) == [words])
        #expect(
            it.policies.first?.wordsOfMatch
                == "matches, and has nothing left to do: tagged with seen at 2026-05-04T11:50:00.000Z")
    }

    @Test("is told as the doing of a former text once the policy was edited")
    func edited() throws {
        let set = edited("w")
        let former = words.replacing(", and", with: " under its former text, and")
        let it = try #require(
            Explanation(of: "1", in: snapshot, view: view, dryRunView: view, policies: set, url: "https://n8n"))
        #expect(it.outcomes.map(\.why) == [former])
        let header = PlanReport.Header(instance: "production", url: "https://n8n", now: noon, mode: .enforce)
        let plan = Planner(set).plan(snapshot, view)
        var report = PlanReport(header: header, plan: plan, dryRunPlan: Plan(), workflows: nil)
        report.tellTagged(view, .zero, set.policies)
        #expect(report.held.first { $0.execution == "1" }?.why == former)
    }

    @Test("is told apart from what no policy matches")
    func planned() {
        let plan = Planner(set).plan(snapshot, view)
        let header = PlanReport.Header(instance: "production", url: "https://n8n", now: noon, mode: .enforce)
        var report = PlanReport(header: header, plan: plan, dryRunPlan: Plan(), workflows: nil)
        report.tellTagged(view, .zero, set.policies)
        #expect(report.held.first { $0.execution == "1" }?.why == words)
        #expect(report.notActed.map(\.words) == [words])
    }
}
