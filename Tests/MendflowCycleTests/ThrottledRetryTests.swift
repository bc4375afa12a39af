import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowCycle

@Suite("A retry that n8n refused for its limit of requests")
struct ThrottledRetryTests {
    private static let key = InstanceKey(name: "main", epoch: 1)
    private static let now = ServerTime(milliseconds: 1_793_620_800_000)
    private static let agentNow = ClockOffset.zero.agent(now)

    /// A retry of execution 1 that was refused a minute ago, when 5 was the highest id.
    private static func refused(_ number: Int64 = 1, proof: Proof = .throttled) -> Intent {
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "1", root: "1", workflow: "w", policy: "p", policyVersion: "v")
        let sent = agentNow - .minutes(1)
        return Intent(
            id: IntentID(number), draft: draft, state: .void, reservedAt: sent, sendingAt: sent, watermark: "5",
            key: RequestKey(IntentID(1), reservedAt: sent), settledAt: sent,
            evidence: .proof(proof, status: 429, message: "too many requests"))
    }

    private static func child(_ id: ExecutionID, made ago: Period) -> Execution {
        Execution(
            id: id, workflow: "w", status: .error, mode: .retry, retryOf: "1", createdAt: now - ago,
            startedAt: now - ago, stoppedAt: now - ago)
    }

    private static func settled(_ intents: [Intent], _ children: [Execution]) throws -> [LedgerEvent] {
        let baseline = InstanceBaseline(
            instance: key, url: "", since: now - .days(1), highest: nil, fingerprints: [], at: now - .days(1))
        var observed = ObservedExecutions(EpochWatch(baseline, nil))
        for child in children { try observed.note(child, at: now) }
        var reconciler = Reconciler(
            observed: observed, poll: PollOutcome(), instance: key, now: now, view: LedgerView(intents: intents),
            asked: Cycle.Answers(), requestGrace: .minutes(15))
        reconciler.reconcileRetries()
        return reconciler.events.filter {
            if case .latched(_, let latch, _) = $0, case .child = latch.fact { false } else { true }
        }
    }

    @Test("counts as done by a run that was made by the time of that answer: it was sent twice on its way")
    func ran() throws {
        let intent = Self.refused()
        let settlement = Settlement(.applied, .child("6", .error, isDoubtful: true), child: "6")
        #expect(
            try Self.settled([intent], [Self.child("6", made: .seconds(61))]) == [
                .outcome(IntentRef(intent), settlement)
            ])
    }

    @Test("did nothing where the run is a later one, was there before, or n8n refused it for another reason")
    func ranNot() throws {
        func persons(_ child: ExecutionID, _ ago: Period) -> [LedgerEvent] {
            [.latched(Self.key, Latch(.personRetried(child), "1", at: Self.now - ago), shadow: false)]
        }
        let later = Self.child("6", made: .seconds(30))
        #expect(try Self.settled([Self.refused()], [later]) == persons("6", .seconds(30)))
        let earlier = Self.child("4", made: .seconds(70))
        #expect(try Self.settled([Self.refused()], [earlier]) == persons("4", .seconds(70)))
        let gone = Self.refused(proof: .refusal("retry.gone"))
        #expect(try Self.settled([gone], [Self.child("6", made: .seconds(61))]) == persons("6", .seconds(61)))
    }

    @Test("did nothing where a later request of ours counts for that run")
    func claimed() throws {
        var later = Self.refused(2)
        (later.state, later.child) = (.applied, "6")
        later.evidence = .answered(.error)
        #expect(try Self.settled([Self.refused(), later], [Self.child("6", made: .seconds(61))]).isEmpty)
    }

    /// The next retry of the same execution, before it is sent.
    private static func next(_ intents: [Intent], _ change: (inout Intent) -> Void = { _ in }) -> Intent {
        var intent = Intent(id: IntentID(9), draft: refused().draft, state: .reserved, reservedAt: agentNow)
        change(&intent)
        return intent.underItsFormerKey(intents)
    }

    @Test(
        "is sent again under the key that it had, and its run is looked for from the highest id that is known by then")
    func sameKey() {
        let refused = Self.refused()
        let next = Self.next([refused])
        #expect(next.key == refused.key && next.key != nil)
        var run = ActionRun(next, judged: nil, facts: ChangeableFacts(), tagIDs: [:])
        _ = run.next(.begin(isCancelled: false))
        guard case .append(let events, _, _) = run.next(.looked(objection: nil, watermark: "8", extent: "complete")),
            case .sending(_, let watermark, _, let key, _)? = events.first
        else {
            Issue.record("it is not sent")
            return
        }
        #expect(key == refused.key && watermark == "8")
    }

    @Test("has a key of its own where it is another request, or the key so old that n8n may have forgotten it")
    func anotherKey() {
        #expect(Self.next([]).key == nil)
        #expect(Self.next([Self.refused(proof: .startingUp)]).key == nil)
        #expect(Self.next([Self.refused()]) { $0.draft.loadWorkflow = true }.key == nil)
        #expect(Self.next([Self.refused()]) { $0.draft.execution = "2" }.key == nil)
        #expect(Self.next([Self.refused()]) { $0.reservedAt = Self.agentNow + .hours(12) }.key == nil)
        let often = Self.next([Self.refused(1), Self.refused(2), Self.refused(3)])
        #expect(often.key == Self.refused().key, "however often it was refused under it: each time it may have run")
    }
}
