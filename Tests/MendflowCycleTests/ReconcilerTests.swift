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
            view: LedgerView(intents: [intent]), asked: Cycle.Answers(),
            requestGrace: .minutes(15))
        reconciler.settle(intent, Settlement(.applied, child: "2"))
        reconciler.settle(intent, Settlement(.void))
        #expect(reconciler.events == [.outcome(IntentRef(intent), Settlement(.applied, child: "2"))])
        // A lost answer that came to light is told.
        #expect(reconciler.remarks.map(\.name) == ["action.settled"])
        #expect(reconciler.remarks[0].message == "the retry of 1 (intent 1), whose answer was lost, was done: 2")
    }

    @Test("settles a retry by the success that the retried run's row names, though no row of that one is seen")
    func namedSuccess() throws {
        let key = InstanceKey(name: "main", epoch: 1)
        let now = ServerTime(milliseconds: 1_793_620_800_000)
        func settled(named success: ExecutionID?, watermark: ExecutionID) throws -> [LedgerEvent] {
            let draft = IntentDraft(
                instance: key, action: .retry, execution: "1", root: "1", workflow: "w", policy: "p", policyVersion: "v"
            )
            let at = ClockOffset.zero.agent(now - .minutes(1))
            let intent = Intent(
                id: IntentID(1), draft: draft, state: .sending, reservedAt: at, sendingAt: at, watermark: watermark)
            let baseline = InstanceBaseline(
                instance: key, url: "", since: now - .days(1), highest: nil, fingerprints: [], at: now - .days(1))
            var observed = ObservedExecutions(EpochWatch(baseline, nil))
            try observed.note(
                Execution(
                    id: "1", workflow: "w", status: .error, retrySuccess: success, startedAt: now - .hours(1),
                    stoppedAt: now - .hours(1)), at: now)
            var reconciler = Reconciler(
                observed: observed, poll: PollOutcome(), instance: key, now: now, view: LedgerView(intents: [intent]),
                asked: Cycle.Answers(), requestGrace: .minutes(15))
            reconciler.reconcileRetries()
            return reconciler.events
        }
        let found = try settled(named: "9", watermark: "5")
        guard case .outcome(_, let settlement) = found.first else {
            Issue.record("it is not settled")
            return
        }
        // Its id is accounted for by that, where another retry's run is looked for.
        #expect(found.last == .latched(key, Latch(.child("9"), "1", at: now), shadow: false))
        #expect(settlement.state == .applied && settlement.child == "9")
        #expect(settlement.evidence == .child("9", .success, isDoubtful: true))
        // What was there before it was sent is no run of ours.
        #expect(try settled(named: "4", watermark: "5").isEmpty)
        #expect(try settled(named: nil, watermark: "5").isEmpty)
    }

    @Test("settles a lost retry by what a span tells of its run, unless that had ended before the retry left")
    func told() {
        let key = InstanceKey(name: "main", epoch: 1)
        let now = ServerTime(milliseconds: 1_793_620_800_000)
        let sent = ClockOffset.zero.agent(now - .minutes(1))
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "1", root: "1", workflow: "w", policy: "p", policyVersion: "v")
        let intent = Intent(
            id: IntentID(1), draft: draft, state: .unresolved, reservedAt: sent, sendingAt: sent, watermark: "5")
        func isSettled(endedAt end: ServerTime?, _ clock: ClockOffset = .zero) -> Bool {
            let baseline = InstanceBaseline(
                instance: key, url: "", since: now - .days(1), highest: nil, fingerprints: [], at: now - .days(1))
            var poll = PollOutcome()
            poll.clockOffset = clock
            poll.toldRetries = [Hint(.span, "6", .success, workflow: "w", at: end, mode: .retry, retryOf: "1")]
            var reconciler = Reconciler(
                observed: ObservedExecutions(EpochWatch(baseline, nil)), poll: poll, instance: key, now: now,
                view: LedgerView(intents: [intent]), asked: Cycle.Answers(), requestGrace: .minutes(15))
            reconciler.settleTold()
            return !reconciler.events.isEmpty
        }
        #expect(isSettled(endedAt: now - .seconds(50)) && isSettled(endedAt: now - .seconds(64)))
        #expect(!isSettled(endedAt: now - .seconds(66)), "it is a person's, and n8n kept no row of it")
        #expect(isSettled(endedAt: nil), "when it ended nobody said")
        #expect(isSettled(endedAt: now - .hours(1), ClockOffset(ahead: .zero, .disputed(date: .hours(1)))))
    }

    @Test(
        "takes the first run that may be ours for somebody's; people are yielded to only for one that must be theirs",
        arguments: [IntentState.sending, .unresolved])
    func somebodys(state: IntentState) throws {
        let key = InstanceKey(name: "main", epoch: 1)
        let now = ServerTime(milliseconds: 1_793_620_800_000)
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "1", root: "1", workflow: "w", policy: "p", policyVersion: "v")
        func intent(_ left: Period) -> Intent {
            let at = ClockOffset.zero.agent(now - left)
            return Intent(id: IntentID(1), draft: draft, state: state, reservedAt: at, sendingAt: at, watermark: "5")
        }
        func events(
            _ children: ExecutionID..., made: Period = .zero, othersMade: Period? = nil, left: Period = .minutes(1)
        ) throws -> [LedgerEvent] {
            let baseline = InstanceBaseline(
                instance: key, url: "", since: now - .days(1), highest: nil, fingerprints: [], at: now - .days(1))
            var observed = ObservedExecutions(EpochWatch(baseline, nil))
            for child in children {
                let made = child == children.first ? made : othersMade ?? made
                try observed.note(
                    Execution(
                        id: child, workflow: "w", status: .error, mode: .retry, retryOf: "1", createdAt: now - made,
                        startedAt: now, stoppedAt: now), at: now)
            }
            var reconciler = Reconciler(
                observed: observed, poll: PollOutcome(), instance: key, now: now,
                view: LedgerView(intents: [intent(left)]), asked: Cycle.Answers(), requestGrace: .minutes(15))
            reconciler.reconcileRetries()
            return reconciler.events
        }
        func latched(_ fact: Latch.Fact) -> LedgerEvent {
            .latched(key, Latch(fact, "1", at: now), shadow: false)
        }
        let outcome = LedgerEvent.outcome(
            IntentRef(intent(.minutes(1))), Settlement(.applied, .child("9", .error, isDoubtful: true), child: "9"))
        #expect(try events("9") == [outcome, latched(.child("9"))])
        #expect(
            try events("9", "10") == [
                outcome, latched(.child("9")), latched(.child("10")), latched(.personRetried("10")),
            ])
        #expect(try events("4") == [latched(.child("4")), latched(.personRetried("4"))])
        // What n8n says was made long before it left is no run of ours either, though its id is above the highest that was known.
        let theirs = [latched(.child("9")), latched(.personRetried("9"))]
        #expect(try events("9", made: .minutes(30)) == theirs)
        // A run of minutes before it left may be, for clocks differ; it counts once nothing can hold the request any more.
        #expect(try events("9", made: .minutes(3)) == [latched(.child("9"))])
        #expect(try events("9", made: .minutes(18), left: .minutes(15)) == [outcome, latched(.child("9"))])
        // Where one was made minutes before it left and another one after that, the other one is more likely to be ours.
        let after = LedgerEvent.outcome(
            IntentRef(intent(.minutes(1))), Settlement(.applied, .child("10", .error, isDoubtful: true), child: "10"))
        #expect(
            try events("9", "10", made: .minutes(3), othersMade: .seconds(50)) == [
                after, latched(.child("9")), latched(.personRetried("9")), latched(.child("10")),
            ])
    }
}
