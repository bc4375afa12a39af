import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("The last look before a request")
struct PreFlightTests {
    private let now = ServerTime(milliseconds: 1_793_620_800_000)
    private let key = InstanceKey(name: "main", epoch: 1)

    private func run(workflow: WorkflowID = "w", startedAt: ServerTime?) -> Execution {
        Execution(
            id: "55", workflow: workflow, status: .crashed, mode: "webhook", startedAt: startedAt,
            stoppedAt: now - .minutes(1))
    }

    /// What is against an action that was decided from one row, where another was observed since and a third is there now.
    private func objection(
        _ action: ActionKind = .tag, judged: Execution, observed: Execution? = nil, row: Execution
    ) throws -> String? {
        let draft = IntentDraft(
            instance: key, action: action, execution: "55", root: "55", workflow: judged.workflow, policy: "p",
            policyVersion: "v")
        let at = ClockOffset.zero.agent(now)
        let baseline = InstanceBaseline(
            instance: key, url: "", since: now - .days(1), highest: nil, fingerprints: [], at: now - .days(1))
        var seen = ObservedExecutions(EpochWatch(baseline, nil))
        if let observed { try seen.note(observed, at: now) }
        return PreFlight(
            intent: Intent(id: IntentID(1), draft: draft, state: .reserved, reservedAt: at), judged: judged,
            facts: ChangeableFacts(), present: ChangeableFacts(), row: row, observed: seen, view: LedgerView(),
            gapsLeft: 0, parentIsThere: false
        ).objection
    }

    @Test("finds nothing against a row that is as it was judged, also where only now it tells when it began")
    func same() throws {
        let judged = run(startedAt: nil)
        #expect(try objection(judged: judged, observed: judged, row: judged) == nil)
        #expect(try objection(judged: judged, observed: judged, row: run(startedAt: now - .minutes(2))) == nil)
    }

    @Test(
        "refuses a row that is another run's under the same id, as where n8n's database was put back, whatever was observed since",
        arguments: [ActionKind.tag, .retry, .stop, .delete])
    func another(_ action: ActionKind) throws {
        let judged = run(startedAt: now - .minutes(2))
        let other = run(workflow: "another", startedAt: now - .minutes(2))
        let later = run(startedAt: now - .minutes(1))
        for observed in [nil, judged] {
            #expect(
                try objection(action, judged: judged, observed: observed, row: other)
                    == "another database: its workflow differs")
            #expect(
                try objection(action, judged: judged, observed: observed, row: later)
                    == "another database: its start differs")
        }
        // The look before it may have seen the other run already.
        #expect(
            try objection(action, judged: judged, observed: other, row: other)
                == "another database: its workflow differs")
    }
}
