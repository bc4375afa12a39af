import MendflowCore
import MendflowLedger
import MendflowTestKit
import Testing

@testable import MendflowMetrics

@Suite("What records add up to")
struct LedgerTallyTests {
    static let key = InstanceKey(name: "production", epoch: 1)

    static func draft(
        _ id: ExecutionID, _ policy: String = "retry", _ action: ActionKind = .retry, shadow: Bool = false
    ) -> IntentDraft {
        IntentDraft(
            instance: key, action: action, execution: id, root: id, workflow: "w", policy: policy, policyVersion: "v",
            isShadow: shadow)
    }

    static func reserved(_ draft: IntentDraft) -> LedgerEvent {
        .reserved(
            Reservation(ProposedAction(draft: draft, attempts: 3, due: .noon), isShadow: draft.isShadow))
    }

    static func outcome(_ number: Int64, _ draft: IntentDraft, _ state: IntentState) -> LedgerEvent {
        .outcome(IntentRef(IntentID(number), draft), Settlement(state))
    }

    func tally(_ events: [LedgerEvent]) -> LedgerTally {
        var tally = LedgerTally(LedgerState(), instances: [Self.key])
        for (place, event) in events.enumerated() {
            tally.note(LedgerEntry(event, at: .noon), number: Int64(place + 1))
        }
        return tally
    }

    func chains(_ tally: LedgerTally) -> [String] {
        tally.chains.map { "\($0.key.policy) \($0.key.outcome.rawValue) \($0.value)" }.sorted()
    }

    @Test("tells what was sent from what dry-run would have sent, and keeps what is not settled")
    func actions() {
        let (one, two) = (Self.draft("1"), Self.draft("2"))
        let tally = tally([
            Self.reserved(one), Self.reserved(two), Self.reserved(Self.draft("3", shadow: true)),
            .sending(IntentRef(IntentID(1), one), watermark: nil, look: "whole"), Self.outcome(2, two, .void),
        ])
        #expect(tally.records == 5)
        #expect(tally.acted.map { "\($0.key.mode.rawValue) \($0.value)" }.sorted() == ["dry_run 1", "enforce 2"])
        #expect(tally.open.mapValues(\.state) == [IntentID(1): .sending])
        #expect(tally.settled.map { "\($0.key.outcome.rawValue) \($0.value)" } == ["void 1"])
    }

    @Test("tells how it went with the chains that a policy has retried, each once, and not of others")
    func chains() {
        let healed = Self.draft("1"), exhausted = Self.draft("2"), lost = Self.draft("3")
        let latch = { (fact: Latch.Fact, id: ExecutionID) -> LedgerEvent in
            .latched(Self.key, Latch(fact, id, at: .noon), shadow: false)
        }
        let tally = tally([
            Self.reserved(healed), Self.reserved(exhausted), Self.reserved(lost), Self.outcome(1, healed, .applied),
            Self.outcome(2, exhausted, .applied), Self.outcome(3, lost, .unresolved), latch(.healed, "1"),
            latch(.healed, "1"), latch(.exhausted(policy: "other"), "2"), latch(.exhausted(policy: "retry"), "2"),
            latch(.healed, "2"), latch(.healed, "9"), latch(.exhausted(policy: "retry"), "8"),
        ])
        #expect(chains(tally) == ["retry given_up 1", "retry healed 1", "retry unresolved 1"])
        #expect(tally.open.mapValues(\.state) == [IntentID(3): .unresolved])
    }

    @Test("a person's word settles an unresolved request; the chain may heal later still")
    func resolved() {
        let draft = Self.draft("1")
        let tally = tally([
            Self.reserved(draft), Self.outcome(1, draft, .unresolved),
            .resolved(IntentRef(IntentID(1), draft), ran: true, by: "a", reason: "seen"),
            .latched(Self.key, Latch(.healed, "1", at: .noon), shadow: false),
        ])
        #expect(tally.open.isEmpty)
        #expect(chains(tally) == ["retry healed 1", "retry unresolved 1"])
    }

    @Test("begins with what stands: open requests, and the chains whose end is not known; nothing of it is counted")
    func begins() throws {
        let (one, two) = (Self.draft("1"), Self.draft("2", "retry", .stop))
        var state = LedgerState()
        let baseline = InstanceBaseline(
            instance: Self.key, url: "http://n8n", since: .noon, highest: nil, fingerprints: [], at: .noon)
        let events: [LedgerEvent] = [
            .began(baseline, .initialised(by: "test")), Self.reserved(one), Self.reserved(two),
        ]
        _ = try state.append(events.map { LedgerEntry($0, at: .noon) })
        var tally = LedgerTally(state, instances: [Self.key])
        #expect(tally.records == 3 && tally.acted.isEmpty && tally.open.count == 2)
        tally.note(
            LedgerEntry(.latched(Self.key, Latch(.healed, "1", at: .noon), shadow: false), at: .noon), number: 4)
        #expect(chains(tally) == ["retry healed 1"])
    }

    @Test("a request that is sent again in another's place is open once, and what it replaces is over")
    func sentAgain() {
        let first = Self.draft("1"), second = Self.draft("1", "again")
        var again = Reservation(ProposedAction(draft: second, attempts: 3, due: .noon), isShadow: false)
        again.supersedes = IntentID(1)
        let tally = tally([Self.reserved(first), Self.outcome(1, first, .unresolved), .reserved(again)])
        #expect(tally.open.mapValues(\.state) == [IntentID(3): .reserved])
        let settled = tally.settled.map { "\($0.key.policy) \($0.key.outcome.rawValue) \($0.value)" }.sorted()
        #expect(settled == ["retry superseded 1", "retry unresolved 1"])
    }

    @Test("a request that is asked for again under its key is under way, and those of a former epoch are nobody's")
    func askedAgain() {
        let draft = Self.draft("1")
        let witness = KeyWitness(RequestKey(IntentID(1), reservedAt: .noon), takenAt: .noon)
        let proof = AskingProof(witness, refusedAt: .noon, status: 422, message: "", accountedTo: "1")
        let asked: [LedgerEvent] = [
            Self.reserved(draft), Self.outcome(1, draft, .unresolved), .asked(IntentRef(IntentID(1), draft), proof),
        ]
        #expect(tally(asked).open.mapValues(\.state) == [IntentID(1): .sending])
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: Self.key.name, epoch: 2), url: "", since: .noon, highest: nil,
            fingerprints: [], at: .noon)
        #expect(tally(asked + [.began(baseline, .initialised(by: "a"))]).open.isEmpty)
    }

    @Test("counts decisions by policy, mode and reason, each time one changes")
    func decisions() {
        let part = { (phase: LedgerView.RecordedVerdict.Phase, request: String?) in
            DecidedExecution.Part(
                verdict: .init(policy: "retry", version: "v", status: .error, phase: phase), label: phase.rawValue,
                request: request, until: nil, why: nil, takenFrom: nil, bulkHeld: nil)
        }
        let decided = { (shadow: Bool, parts: [DecidedExecution.Part]) -> LedgerEvent in
            .decided(
                DecidedExecution(
                    instance: Self.key, execution: "1", root: "1", isShadow: shadow, now: .noon, parts: parts,
                    evidence: nil))
        }
        let tally = tally([
            decided(false, [part(.act, "POST")]), decided(true, [part(.held(.backoff), "POST")]),
            decided(false, [part(.held(.mayRepeat), nil)]),
        ])
        let found = tally.decided.map { "\($0.key.mode.rawValue) \($0.key.verdict) \($0.key.reason)" }.sorted()
        #expect(found == ["dry_run wait backoff", "enforce act ", "enforce held may_repeat"])
    }
}
