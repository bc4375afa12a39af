import MendflowCore
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowLedger
@testable import MendflowOperations

@Suite("What a person is told who said yes")
struct ApprovalTextTests {
    private let noon = FixedWorld.agentNoon

    private func told(_ pause: LedgerState.Pause?) -> String {
        let draft = IntentDraft(
            instance: InstanceKey(name: "production", epoch: 1), action: .retry, execution: "7", root: "7",
            workflow: "w", policy: "a", policyVersion: "v")
        let ask = ApprovalAsk(draft: draft, request: "POST", attempts: 1, expiresAt: noon + .hours(4))
        var approval = Approval(ApprovalID(5), ask, at: noon)
        approval.state = .given
        var outcome = Approving.Outcome(answered: [.init(approval: approval)])
        outcome.paused["production"] = pause
        return ApprovalText.render(outcome).text()
    }

    private func pause(until end: AgentTime?) -> LedgerState.Pause {
        LedgerState.Pause(instance: nil, reason: "lunch", by: "ana", at: noon, until: end)
    }

    @Test("is by when it is sent, or that acting is paused, and whether the yes outlives that")
    func sent() {
        #expect(told(nil).contains("; it is sent once an agent runs, if nothing has changed"))
        let short = told(pause(until: noon + .hours(1)))
        #expect(short.contains("; acting is paused, lunch (until ") && short.contains("it is sent once that is over"))
        let long = told(pause(until: noon + .hours(5)))
        #expect(long.contains("the yes expires before that, at \((noon + .hours(4)).rfc3339): it is not sent unless"))
        #expect(told(pause(until: nil)).contains("it is sent if `mendflow resume` comes before the yes expires"))
    }
}
