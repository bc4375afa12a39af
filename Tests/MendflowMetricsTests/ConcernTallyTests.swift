import MendflowCore
import MendflowLedger
import MendflowTestKit
import Testing

@testable import MendflowMetrics

@Suite("What somebody should know of, from records")
struct ConcernTallyTests {
    static let key = InstanceKey(name: "production", epoch: 1)

    func tally(_ events: [LedgerEvent]) -> ConcernTally {
        var tally = ConcernTally(LedgerState(), instances: [Self.key])
        for (place, event) in events.enumerated() { tally.note(event, number: Int64(place + 1)) }
        return tally
    }

    static let draft = IntentDraft(
        instance: key, action: .retry, execution: "7", root: "7", workflow: "w", policy: "ask", policyVersion: "v")
    static let ask = LedgerEvent.approvalAsked(
        ApprovalAsk(draft: draft, request: "POST", attempts: 1, expiresAt: .noon + .hours(4)))

    static func ref(_ number: Int64) -> ApprovalRef {
        ApprovalRef(id: ApprovalID(number), instance: key, topic: ApprovalTopic("7", .retry, "ask"), root: "7")
    }

    @Test("an ask is open until it is answered or over, and each is counted")
    func approvals() {
        let tally = tally([
            Self.ask, Self.ask, Self.ask,
            .approvalAnswered(Self.ref(1), ApprovalAnswer(isYes: true, by: "ada", note: "")),
            .approvalClosed(Self.ref(2), ApprovalEnd(.expired, why: "")),
        ])
        #expect(tally.count(.approval, of: "production") == 1 && tally.count(.approval, of: "other") == 0)
        let found = tally.asked.map { "\($0.key.policy) \($0.key.event) \($0.value)" }.sorted()
        #expect(found == ["ask asked 3", "ask expired 1", "ask given 1"])
    }

    @Test("a missing run is open until the workflow runs; that of dry-run is nobody's concern")
    func absences() {
        let absence = { (policy: String, isShadow: Bool) in
            Absence(
                AbsenceKey(policy, "w"), version: "v", workflowName: "Backup", within: .hours(26), since: .noon,
                last: "1", lastStatus: .success, lastEnded: .noon - .hours(26), isShadow: isShadow)
        }
        let begun: [LedgerEvent] = [
            .absenceBegan(Self.key, absence("nightly", false)), .absenceBegan(Self.key, absence("dry", true)),
        ]
        #expect(tally(begun).count(.absence, of: "production") == 1)
    }

    @Test("a policy that went back to dry-run stays there in that version until a person lets it act")
    func demotions() {
        let demoted = LedgerEvent.demoted(
            Self.key,
            Demotion(policy: "bad", version: "v1", expected: ">= 50", rate: 10, healed: 1, settled: 10, since: .noon))
        let promoted = LedgerEvent.promoted(Self.key, Promotion(policy: "bad", version: "v1", by: "ada", reason: "x"))
        let policy = ConcernTally.PolicyOf(instance: "production", policy: "bad")
        #expect(tally([demoted]).demoted == [policy: "v1"])
        #expect(tally([demoted, promoted]).demoted.isEmpty)
    }

    @Test("a channel fails until a message is delivered; what was told and given up is counted by notices")
    func channels() {
        let entry = { (kind: ChannelEntry.Kind, keys: [String]) -> LedgerEvent in
            .notified(ChannelEntry("chat", kind, through: 0, keys: keys))
        }
        let begun = tally([entry(.began, [])])
        #expect(begun.failing == ["chat": false] && begun.told.isEmpty)
        let failing = tally([entry(.failing, ["a"]), entry(.abandoned, ["a"])])
        #expect(failing.failing == ["chat": true])
        let told = tally([entry(.failing, ["a"]), entry(.abandoned, ["a"]), entry(.delivered, ["b", "c"])])
        #expect(told.failing == ["chat": false])
        #expect(told.told.map { "\($0.key.outcome) \($0.value)" }.sorted() == ["abandoned 1", "delivered 2"])
    }
}
