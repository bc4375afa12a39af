import MendflowCore
import MendflowReview
import Testing

@Suite("Why a workflow's run is missed, or not")
struct WorkflowExplanationTests {
    private let noon = ServerTime(milliseconds: 1_777_896_000_000)
    private let info = WorkflowInfo(id: "w", name: "Backup")

    private func policy(_ name: String, of workflow: String) -> Policy {
        var policy = Policy(
            name: name, mode: .enforce, match: .test(FieldTest(.workflowName, [.anyOf([.wildcard(workflow)])])))
        policy.absence = AbsenceCondition(within: .hours(26))
        return policy
    }

    /// The explanation of the one workflow, whose last run succeeded so long ago; `told` where the ledger has it as missing.
    private func explained(_ ago: Period?, isLive: Bool = false, told: Bool = false) -> WorkflowExplanation {
        let instance = InstanceKey(name: "production", epoch: 1)
        var snapshot = Snapshot(instance: instance, now: noon, baseline: noon - .days(9))
        snapshot.workflows = ["w": info, "v": WorkflowInfo(id: "v", name: "Mail")]
        snapshot.coverage.lookBack = .hours(72)
        if let ago {
            snapshot.executions["7"] = Execution(
                id: "7", workflow: "w", status: isLive ? .running : .success, startedAt: noon - ago,
                stoppedAt: isLive ? nil : noon - ago)
        }
        let set = PolicySet(
            policies: [policy("nightly", of: "Backup"), policy("mails", of: "Mail")], instance: "production",
            tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
        let found = AbsenceWatch(set, snapshot, LedgerView(), acts: true)
        let began = told ? found.changes([:], set).began : []
        return WorkflowExplanation(
            of: info, on: "production", now: noon, found.findings, set.policies,
            open: Dictionary(uniqueKeysWithValues: began.map { ($0.key, $0) }))
    }

    @Test("says which run was the last, and by when the next one has to be there")
    func ran() throws {
        let found = explained(.hours(2))
        let wish = try #require(found.wishes.first)
        #expect(found.wishes.count == 1 && wish.policy == "nightly" && found.others == ["mails"])
        #expect(wish.finding.last == AbsenceFinding.Run(execution: "7", status: .success, at: noon - .hours(2)))
        #expect(wish.wantedBy == noon + .hours(24) && wish.toldSince == nil)
    }

    @Test("says since when one is missed, and whether that is told already")
    func missed() throws {
        for told in [false, true] {
            let wish = try #require(explained(.hours(30), told: told).wishes.first)
            #expect(wish.finding.label == "absent" && wish.wantedBy == noon - .hours(4))
            #expect(wish.toldSince == (told ? noon - .hours(4) : nil))
        }
    }

    @Test("wants nothing by a time while a run goes on, or where nobody can tell since when one is missing")
    func noTime() throws {
        let live = try #require(explained(.hours(1), isLive: true).wishes.first)
        #expect(live.finding.label == "ran" && live.wantedBy == nil && live.finding.last?.status == .running)
        let never = try #require(explained(nil).wishes.first)
        #expect(never.finding.last == nil && never.wantedBy == nil && never.finding.label != "ran")
    }
}
