import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

@Suite("A line of audit tail")
struct AuditTextTests {
    private func line(_ decisions: [Decision], shadow: Bool = false) -> String {
        let decided = DecidedExecution(
            decisions, instance: FixedWorld.instance, isShadow: shadow, now: FixedWorld.noon, evidence: nil)
        let record = LedgerEntry(.decided(decided), at: FixedWorld.agentNoon).record(
            after: FixedWorld.agentNoon)
        return AuditText.line(Audit.Entry(sequence: 7, record: record, line: []))
    }

    private func decision(_ verdict: Verdict, _ policy: Policy? = FixedWorld.policies[0]) -> Decision {
        Decision(
            execution: "101", root: "101", workflow: "w1", status: .error, since: FixedWorld.noon, policy: policy,
            verdict: verdict)
    }

    private var retry: ProposedAction {
        ProposedAction(
            draft: IntentDraft(
                instance: FixedWorld.instance, action: .retry, execution: "101", root: "101", workflow: "w1",
                policy: "retry-orders", policyVersion: "v1"), due: FixedWorld.noon)
    }

    private let head = "7  \(FixedWorld.noon.rfc3339Seconds)  decision  production  101  [retry-orders]  "
    private let request = "POST /executions/101/retry {\"loadWorkflow\":false}"

    @Test("says of a decision what is done, until when it waits and for what, and what holds it")
    func verdicts() {
        #expect(line([decision(.act(retry))]) == head + "act: \(request)")
        let until = FixedWorld.noon + .minutes(5)
        #expect(
            line([decision(.wait(retry, until: until, .backoff))])
                == head + "waits (backoff) until \(until.rfc3339Seconds): \(request)")
        #expect(line([decision(.wait(retry, until: nil, .maxInFlight))]) == head + "waits (max_in_flight): \(request)")
        #expect(
            line([decision(.held(.mayRepeat, "5 items"))], shadow: true)
                == head + "dry-run  held by may_repeat: 5 items")
    }

    @Test("tells both times where the clock was ahead before, by which records are dated on")
    func bothTimes() {
        func line(at time: AgentTime, after last: AgentTime) -> String {
            let record = LedgerEntry(.resumed(instance: nil, by: "me"), at: time).record(after: last)
            return AuditText.line(Audit.Entry(sequence: 8, record: record, line: []))
        }
        let (now, ahead) = (FixedWorld.agentNoon, FixedWorld.agentNoon + .days(1))
        #expect(line(at: now, after: now).hasPrefix("8  \(now.rfc3339Seconds)  command"))
        #expect(
            line(at: now, after: ahead).hasPrefix("8  \(now.rfc3339Seconds) (dated \(ahead.rfc3339Seconds))  command"))
    }

    @Test("names the policy of each part where several had something to say")
    func several() {
        let text = line([decision(.act(retry)), decision(.held(.mayRepeat, "5 items"), FixedWorld.policies[1])])
        #expect(text.hasSuffix("101  [retry-orders] act: \(request); [stop-stale-waiting] held by may_repeat: 5 items"))
    }
}
