import MendflowCore
import MendflowReview
import Testing

@testable import MendflowOperations

@Suite("What the doctor says")
struct DoctorCheckTests {
    @Test("of executions whose data cannot be read: how many, why, and one of them")
    func unreadable() {
        let troubles: [PlanReport.Unreadable] = [
            .init("7", why: "n8n hid the run's data"), .init("8", why: "GET /executions/8: 500"),
            .init("9", why: "GET /executions/9: 500"),
        ]
        let checks = DoctorChecks.unreadable(troubles)
        #expect(checks.map(\.level) == [.warning, .warning])
        #expect(
            checks[0].message.hasPrefix(
                "the data of 2 executions cannot be read, for example 8: GET /executions/ID: 500")
        )
        #expect(
            checks[1].message.hasPrefix("the data of 1 execution cannot be read, for example 7: n8n hid the run's data")
        )
        #expect(DoctorChecks.unreadable([]).isEmpty)
    }

    @Test("of actions that the server has no request for: what is not there, and that a policy that acts cannot work")
    func notOffered() {
        let checks = DoctorChecks.capabilities(ServerCapabilities(era: .a, notOffered: [.stop, .tag]), 50)
        let words = checks.filter { $0.level == .note }.map(\.message)
        #expect(
            words.contains(
                "this n8n has no request to stop an execution: what policies want of it is held as not_offered"))
        #expect(words.contains { $0.hasPrefix("this n8n has no request to tag an execution") })
        let remark = ServerRemark(
            id: "not-offered", message: "", policy: "p", place: SourcePlace(file: "p.yaml", line: 1, column: 1))
        let set = PolicySet(
            policies: [Policy(name: "p", mode: .enforce, match: nil)], instance: "production",
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        #expect(DoctorChecks.policy(remark, set, .enforce).level == .wrong)
        #expect(DoctorChecks.policy(remark, set, .dryRun).level == .warning)
    }

    @Test("of workflows whose tags or project n8n does not tell")
    func hiddenTags() {
        var workflow = WorkflowInfo(id: "w", name: "Orders")
        #expect(DoctorChecks.workflows(["w": workflow]).map(\.level) == [.ok])
        workflow.hidesTags = true
        #expect(
            DoctorChecks.workflows(["w": workflow]).contains { $0.level == .warning && $0.message.contains("'Orders'") }
        )
    }
}
