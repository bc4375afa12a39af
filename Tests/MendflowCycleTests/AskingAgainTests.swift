import MendflowCore
import MendflowCycle
import MendflowLedger
import Testing

@Suite("Whether a lost retry may be asked for again")
struct AskingAgainTests {
    private static let instance = InstanceKey(name: "main", epoch: 1)
    private static let sent = AgentTime(milliseconds: 1_793_606_400_000)
    private static let witness = KeyWitness(RequestKey(probeAt: sent), takenAt: sent - .hours(1))

    /// A retry of execution 10 that was sent when 20 was the highest id, and lost a second later.
    private static func intent(_ change: (inout Intent) -> Void = { _ in }) -> Intent {
        let draft = IntentDraft(
            instance: instance, action: .retry, execution: "10", root: "10", workflow: "w", policy: "p",
            policyVersion: "v")
        var intent = Intent(
            id: IntentID(1), draft: draft, state: .unresolved, reservedAt: sent - .seconds(1), sendingAt: sent,
            watermark: "20", key: RequestKey(IntentID(1), reservedAt: sent), settledAt: sent + .seconds(1),
            evidence: .unanswered(status: nil, message: "cut off"))
        intent.witness = witness
        change(&intent)
        return intent
    }

    private static func row(
        _ id: ExecutionID, retryOf: ExecutionID? = nil, mode: ExecutionMode = "trigger", named: ExecutionID? = nil,
        hides: Bool = false
    ) -> Execution {
        Execution(
            id: id, workflow: "w", status: .error, mode: mode, retryOf: retryOf, retrySuccess: named,
            hidesRetryOf: hides)
    }

    private static let rows = [row("10"), row("21"), row("22")]

    private static func judged(
        _ intent: Intent, _ rows: [Execution] = rows, children: [ExecutionID: Set<ExecutionID>] = [:],
        highest: ExecutionID? = "22", after period: Period = .seconds(5)
    ) -> AskingAgain {
        AskingAgain.evaluate(intent, ExecutionTable(rows), children: children, highest: highest, now: sent + period)
    }

    @Test("it may, where every id since is another run")
    func accounted() {
        #expect(Self.judged(Self.intent()) == .ask(accountedTo: "22"))
        #expect(Self.judged(Self.intent(), [Self.row("10")], highest: "20") == .ask(accountedTo: "20"))
    }

    @Test("not where a run is its own, or may be, or an id is missing")
    func found() {
        let rows: [[Execution]] = [
            [Self.row("10"), Self.row("21", retryOf: "10", mode: .retry), Self.row("22")],
            [Self.row("10"), Self.row("21", mode: .retry), Self.row("22")],
            [Self.row("10"), Self.row("21", hides: true), Self.row("22")],
            [Self.row("10"), Self.row("22")], [Self.row("21"), Self.row("22")],
            [Self.row("10", named: "21"), Self.row("21"), Self.row("22")],
        ]
        for rows in rows { #expect(Self.judged(Self.intent(), rows) == .open) }
        #expect(Self.judged(Self.intent(), highest: nil) == .open)
        #expect(Self.judged(Self.intent(), highest: "19") == .open)
    }

    @Test("one that is on record as asked for again, or may be, and was not sent is written down as open again")
    func dropped() {
        let now = ServerTime(milliseconds: Self.sent.milliseconds) + .minutes(5)
        func effect(_ failure: LedgerFailure?, sinceLook age: Period) -> ActionRun.Effect {
            var run = ActionRun(Self.intent(), judged: nil, facts: ChangeableFacts(), tagIDs: [:])
            _ = run.next(.begin(isCancelled: false))
            _ = run.next(.looked(objection: nil, watermark: "22", extent: "complete"))
            _ = run.next(.proved(.refused(status: 422, message: "another request"), at: Self.sent + .seconds(9)))
            return run.next(.appended(failure, sinceLook: age, at: now))
        }
        for (failure, age) in [(nil, .minutes(4)), (.unusable("the disk"), .seconds(1))] as [(LedgerFailure?, Period)] {
            guard case .append(let events, isOutcome: true, _) = effect(failure, sinceLook: age),
                case .outcome(_, let settlement)? = events.last
            else {
                Issue.record("nothing is written down after \(age)")
                continue
            }
            #expect(settlement.state == .unresolved && settlement.answeredAt == now)
        }
        guard case .leave = effect(.refused(.paused("maintenance")), sinceLook: .seconds(1)) else {
            Issue.record("a pause lets nothing be written, and there is nothing to take back")
            return
        }
    }

    @Test("where an id without a row is known to be the retry of another execution, and of no other")
    func retriesOfOthers() {
        let rows = [Self.row("10"), Self.row("22")]
        #expect(Self.judged(Self.intent(), rows, children: ["9": ["21"]]) == .ask(accountedTo: "22"))
        #expect(Self.judged(Self.intent(), rows, children: ["10": ["21"]]) == .open)
        #expect(Self.judged(Self.intent(), rows, children: ["9": ["21"], "10": ["21"]]) == .open)
        let hiding = [Self.row("10"), Self.row("21", hides: true), Self.row("22")]
        #expect(Self.judged(Self.intent(), hiding, children: ["9": ["21"]]) == .ask(accountedTo: "22"))
        let own = [Self.row("10"), Self.row("21", retryOf: "10", mode: .retry), Self.row("22")]
        #expect(Self.judged(Self.intent(), own, children: ["9": ["21"]]) == .open)
    }

    @Test("not where the id that was the highest then is another run now")
    func putBack() {
        for (start, isOpen) in [(Period.minutes(-1), false), (.minutes(6), true)] {
            var watermark = Self.row("20")
            watermark.startedAt = ServerTime(milliseconds: Self.sent.milliseconds) + start
            let judged = Self.judged(Self.intent(), Self.rows + [watermark])
            #expect(judged == (isOpen ? .open : .ask(accountedTo: "22")))
        }
    }

    @Test("not without a key, or where the server was not known to honour keys, or what came is an answer")
    func unfit() {
        let changes: [(inout Intent) -> Void] = [
            { $0.key = nil }, { $0.witness = nil }, { $0.watermark = nil }, { $0.state = .sending },
            { $0.state = .applied }, { $0.child = "21" }, { $0.draft.action = .stop }, { $0.draft.isShadow = true },
            { $0.evidence = .unanswered(status: 422, message: "used with another request") },
            { $0.evidence = .unanswered(status: 401, message: "no") }, { $0.evidence = nil },
            { $0.evidence = .resolved(by: "me", reason: "it ran") }, { $0.asked = AskingProof.mostTimes },
        ]
        for change in changes { #expect(Self.judged(Self.intent(change)) == .open) }
    }

    @Test("in place of an answer that a proxy, a broken connection or a dead agent took the place of")
    func lost() {
        let evidence: [OutcomeEvidence] = [
            .agentEnded, .failed(message: "500"), .unanswered(status: nil, message: ""),
            .unanswered(status: 502, message: ""), .unanswered(status: 524, message: ""),
            .unanswered(status: 409, message: "is being processed"), .unanswered(status: 200, message: "cut off"),
        ]
        for evidence in evidence {
            #expect(Self.judged(Self.intent { $0.evidence = evidence }) == .ask(accountedTo: "22"))
        }
    }

    @Test("for eleven hours")
    func horizon() {
        #expect(Self.judged(Self.intent(), after: .hours(11) - .milliseconds(1)) == .ask(accountedTo: "22"))
        #expect(Self.judged(Self.intent(), after: .hours(11)) == .open)
        #expect(Self.judged(Self.intent(), after: .seconds(-1)) == .open)
    }

    @Test("again after half a minute, a minute, and so on to half an hour")
    func backoff() {
        for (asked, seconds) in [(1, 30), (2, 60), (3, 120), (6, 960), (7, 1800), (11, 1800)] {
            let intent = Self.intent { $0.asked = asked }
            let due = Self.sent + .seconds(1) + .seconds(Int64(seconds))
            #expect(Self.judged(intent, after: due - Self.sent - .milliseconds(1)) == .wait(until: due))
            #expect(Self.judged(intent, after: due - Self.sent) == .ask(accountedTo: "22"))
        }
        let asked = Self.sent + .minutes(10)
        let told = Self.intent { ($0.asked, $0.notBefore) = (1, asked) }
        #expect(Self.judged(told, after: .minutes(5)) == .wait(until: asked))
    }
}

@Suite("The proof that asking again runs nothing twice")
struct AskingProofTests {
    private static let sent = AgentTime(milliseconds: 1_793_606_400_000)
    private static let witness = KeyWitness(RequestKey(probeAt: sent), takenAt: sent - .hours(1))

    private static func objection(
        at time: AgentTime = sent + .minutes(1), witness: KeyWitness = witness, refused: AgentTime = sent + .minutes(1),
        to last: ExecutionID = "22", _ change: (inout Intent) -> Void = { _ in }
    ) -> String? {
        let draft = IntentDraft(
            instance: InstanceKey(name: "main", epoch: 1), action: .retry, execution: "10", root: "10", workflow: "w",
            policy: "p", policyVersion: "v")
        var intent = Intent(
            id: IntentID(1), draft: draft, state: .unresolved, reservedAt: sent, sendingAt: sent, watermark: "20",
            key: RequestKey(IntentID(1), reservedAt: sent))
        intent.witness = self.witness
        change(&intent)
        return AskingProof(witness, refusedAt: refused, status: 422, message: "", accountedTo: last)
            .objection(to: intent, at: time)
    }

    @Test("holds where the server has the key still that it had before the request left")
    func holds() { #expect(Self.objection() == nil) }

    @Test("does not hold with a key that it took later, with another one, or an old refusal")
    func witnesses() {
        let later = KeyWitness(RequestKey(probeAt: Self.sent), takenAt: Self.sent + .seconds(1))
        #expect(Self.objection(witness: later) { $0.witness = later } != nil)
        #expect(Self.objection(witness: later) != nil)
        #expect(Self.objection { $0.witness = nil } != nil)
        #expect(Self.objection(at: Self.sent + .minutes(3)) != nil)
        #expect(Self.objection(refused: Self.sent + .minutes(2)) != nil)
    }

    @Test("does not hold eleven hours later, for what bore no key, whose run is known or was not looked for")
    func intents() {
        let late = Self.sent + .hours(11) + .seconds(1)
        #expect(Self.objection(at: late, refused: late) != nil)
        #expect(Self.objection(to: "19") != nil)
        let changes: [(inout Intent) -> Void] = [
            { $0.key = nil }, { $0.watermark = nil }, { $0.sendingAt = nil }, { $0.child = "21" },
            { $0.draft.action = .stop }, { $0.draft.isShadow = true }, { $0.asked = AskingProof.mostTimes },
        ]
        for change in changes { #expect(Self.objection(change) != nil) }
    }
}
