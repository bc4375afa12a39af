import MendflowCore
import MendflowCycle
import Testing

@Suite("Whether a lost retry did nothing")
struct NonExecutionProofRulesTests {
    private static let key = InstanceKey(name: "main", epoch: 1)
    private static let lost = ServerTime(milliseconds: 1_793_606_400_000)

    /// A retry of execution 10 that was sent when 20 was the highest id, and given up at `lost`.
    private static func intent(
        _ evidence: OutcomeEvidence = .unanswered(status: nil, message: "cut off"), noted: ServerTime? = lost
    ) -> Intent {
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "10", root: "10", workflow: "w", policy: "p",
            policyVersion: "v", attempt: 1)
        let own = AgentTime(milliseconds: lost.milliseconds)
        return Intent(
            id: IntentID(1), draft: draft, state: .unresolved, reservedAt: own - .seconds(9),
            sendingAt: own - .seconds(5),
            watermark: "20", settledAt: own, evidence: evidence, answeredAt: noted)
    }

    private static func row(
        _ id: ExecutionID, after period: Period, retryOf: ExecutionID? = nil, mode: ExecutionMode = "trigger",
        hides: Bool = false, named: ExecutionID? = nil
    ) -> Execution {
        Execution(
            id: id, workflow: "w", status: .success, mode: mode, retryOf: retryOf, retrySuccess: named,
            createdAt: lost + period, startedAt: lost + period, stoppedAt: lost + period, hidesRetryOf: hides)
    }

    private static let parent = row("10", after: .hours(-1))

    private static func judged(
        _ rows: [Execution], _ intent: Intent = intent(), children: [ExecutionID: Set<ExecutionID>] = [:],
        clock: ClockOffset = .zero
    ) -> NonExecutionProof {
        NonExecutionProof.evaluate(
            intent, ExecutionTable(rows), children: children, clock: clock, grace: .minutes(15))
    }

    @Test("is proven by a run that was made after the grace time, where every id up to it is another run")
    func proven() {
        let between = Self.row("21", after: .minutes(14))
        #expect(Self.judged([Self.parent, between, Self.row("22", after: .minutes(16))]) == .nothingRan(upTo: "22"))
        #expect(Self.judged([Self.parent, between]) == .open)
        #expect(Self.judged([Self.parent, Self.row("22", after: .minutes(16))]) == .open)
    }

    @Test("does not wait where n8n itself answered 500")
    func answered() {
        let rows = [Self.parent, Self.row("21", after: .seconds(10))]
        #expect(Self.judged(rows, Self.intent(.failed(message: "500"))) == .nothingRan(upTo: "21"))
        #expect(Self.judged(rows) == .open)
    }

    @Test("is open where a row is a retry of it, or may be one")
    func mayBeIts() {
        let last = Self.row("22", after: .minutes(16))
        for doubtful in [
            Self.row("21", after: .minutes(1), retryOf: "10", mode: .retry),
            Self.row("21", after: .minutes(1), hides: true), Self.row("21", after: .minutes(1), mode: .retry),
        ] { #expect(Self.judged([Self.parent, doubtful, last]) == .open) }
        let others = Self.row("21", after: .minutes(1), retryOf: "9", mode: .retry)
        #expect(Self.judged([Self.parent, others, last]) == .nothingRan(upTo: "22"))
    }

    @Test("is proven over an id without a row that n8n named as the retry of another execution")
    func namedByAnswers() {
        let rows = [Self.parent, Self.row("22", after: .minutes(16))]
        #expect(Self.judged(rows, children: ["9": ["21"]]) == .nothingRan(upTo: "22"))
        #expect(Self.judged(rows, children: ["9": ["20"]]) == .open)
        #expect(Self.judged(rows, children: ["10": ["21"]]) == .open)
        // It tells of no time, and so nothing of what was given after it.
        #expect(Self.judged([Self.parent], children: ["9": ["21"]]) == .open)
    }

    @Test("is proven by a run that waits in the queue or was stopped there: it was made all the same")
    func queued() {
        func queued(_ id: ExecutionID, _ status: ExecutionStatus, made: Period?) -> Execution {
            Execution(
                id: id, workflow: "w", status: status, mode: "trigger", createdAt: made.map { Self.lost + $0 },
                stoppedAt: status.isLive ? nil : Self.lost + .hours(1))
        }
        for status in [ExecutionStatus.queued, .canceled] {
            let before = queued("21", status, made: .minutes(14))
            #expect(Self.judged([Self.parent, before]) == .open)
            #expect(
                Self.judged([Self.parent, before, queued("22", status, made: .minutes(16))]) == .nothingRan(upTo: "22"))
            #expect(Self.judged([Self.parent, before, queued("22", status, made: nil)]) == .ask("22"))
        }
    }

    @Test("is open where the id that was the highest then is another run now: n8n's database was put back")
    func putBack() {
        let after = Self.row("21", after: .minutes(16))
        #expect(Self.judged([Self.parent, Self.row("20", after: .minutes(-1)), after]) == .nothingRan(upTo: "21"))
        #expect(Self.judged([Self.parent, Self.row("20", after: .minutes(6)), after]) == .open)
        // It waited in the queue when the request left, or it is another one: only by id n8n tells when it was made.
        var waited = Self.row("20", after: .minutes(6))
        waited.createdAt = nil
        #expect(Self.judged([Self.parent, waited, after]) == .ask("20"))
        waited.createdAt = Self.lost - .minutes(1)
        #expect(Self.judged([Self.parent, waited, after]) == .nothingRan(upTo: "21"))
    }

    @Test("is open where the retried run is gone, or its row names a success")
    func parentTells() {
        let rows = [Self.row("21", after: .minutes(16))]
        #expect(Self.judged(rows) == .open)
        #expect(Self.judged(rows + [Self.row("10", after: .hours(-1), named: "19")]) == .open)
        #expect(Self.judged(rows + [Self.parent]) == .nothingRan(upTo: "21"))
    }

    @Test("is open where nobody could tell when it was lost, or where the agent's clock was set since")
    func clocks() {
        let rows = [Self.parent, Self.row("21", after: .minutes(16))]
        #expect(Self.judged(rows, Self.intent(noted: nil)) == .open)
        let late = rows + [Self.row("22", after: .minutes(25))]
        for ahead in [Period.minutes(6), .minutes(-2)] {
            #expect(Self.judged(late, clock: ClockOffset(ahead: ahead)) == .open)
        }
        #expect(Self.judged(rows, clock: ClockOffset(ahead: .seconds(30))) == .nothingRan(upTo: "21"))
        #expect(Self.judged(rows, clock: ClockOffset(ahead: .zero, .disputed(date: .hours(3)))) == .open)
    }

    @Test("waits from when it was written down that it was lost, where n8n answered slowly meanwhile")
    func writtenLate() {
        let slow = ClockOffset(ahead: .minutes(2))
        #expect(Self.judged([Self.parent, Self.row("21", after: .minutes(16))], clock: slow) == .open)
        let later = Self.row("21", after: .minutes(18))
        #expect(Self.judged([Self.parent, later], clock: slow) == .nothingRan(upTo: "21"))
    }
}
