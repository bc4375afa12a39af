import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowCycle

@Suite("Reconciling")
struct ReconcilerTests {
    @Test("settles an intent once in a cycle, by what was found first")
    func settledOnce() {
        let key = InstanceKey(name: "main", epoch: 1)
        let now = ServerTime(milliseconds: 1_793_620_800_000)
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "1", root: "1", workflow: "w", policy: "p", policyVersion: "v")
        let intent = Intent(id: IntentID(1), draft: draft, state: .unresolved, reservedAt: ClockOffset.zero.agent(now))
        let baseline = InstanceBaseline(
            instance: key, url: "", since: now, highest: nil, fingerprints: [], at: now)
        var reconciler = Reconciler(
            observed: ObservedExecutions(EpochWatch(baseline, nil)), poll: PollOutcome(), instance: key, now: now,
            view: LedgerView(intents: [intent]), asked: Cycle.Answers())
        reconciler.settle(intent, Settlement(.applied, child: "2"))
        reconciler.settle(intent, Settlement(.void))
        #expect(reconciler.events == [.outcome(IntentRef(intent), Settlement(.applied, child: "2"))])
    }
}
