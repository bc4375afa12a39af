import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("What was decided")
struct DecidedTests {
    private static let key = InstanceKey(name: "main", epoch: 1)
    private static let noon = ServerTime(milliseconds: 1_777_896_000_000)

    private static func policies(_ name: String = "stop") -> PolicySet {
        let match = Condition.all([
            .test(FieldTest(.status, [.anyOf([.wildcard("running")])])),
            .test(FieldTest(.age, [.period(.gt, .hours(2))])),
        ])
        return PolicySet(
            policies: [Policy(name: name, mode: .enforce, match: match, remediation: .stop, version: "v")],
            instance: "main", tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
    }

    private static var snapshot: Snapshot {
        var snapshot = Snapshot(instance: key, now: noon, baseline: noon - .days(1))
        snapshot.executions = [
            "1": Execution(id: "1", workflow: "w", status: .running, startedAt: noon - .minutes(90)),
            "5": Execution(id: "5", workflow: "x", status: .running, startedAt: noon - .seconds(1)),
        ]
        snapshot.workflows = [
            "w": WorkflowInfo(id: "w", name: "Order sync"), "x": WorkflowInfo(id: "x", name: "Import"),
        ]
        return snapshot
    }

    private let set = policies()

    private func later(
        after period: Period = .minutes(1), _ policies: PolicySet? = nil,
        _ change: (inout Snapshot, inout LedgerView) -> Void = { _, _ in }
    ) -> Decided {
        var (snapshot, view) = (DecidedTests.snapshot, LedgerView())
        var first = Decided(set, snapshot, view, view)
        first.noteRecord(of: [])
        snapshot.now = snapshot.now + period
        change(&snapshot, &view)
        return Decided(policies ?? set, snapshot, view, view, since: first)
    }

    @Test("is taken over as long as nothing but time has gone on")
    func onlyTime() {
        let first = Decided(set, DecidedTests.snapshot, LedgerView(), LedgerView())
        #expect(!first.isTakenOver)
        #expect(later().isTakenOver)
        #expect(later().plan == first.plan)
        #expect(later().snapshot.now == DecidedTests.noon + .minutes(1))
        #expect(!later(after: .minutes(-1)).isTakenOver)
        #expect(later(after: .minutes(61)).plan.actions.count == 1)
    }

    @Test("is decided anew about a workflow in which anything has changed, and about no other")
    func seen() {
        let changes: [(inout Snapshot) -> Void] = [
            { $0.executions["2"] = Execution(id: "2", workflow: "w", status: .running) },
            { $0.executions["1"]?.status = .waiting }, { $0.executions["1"] = nil },
            {
                $0.executions["3"] = Execution(
                    id: "3", workflow: "w", status: .success, startedAt: $0.now, stoppedAt: $0.now)
            },
            { $0.firstSeen["1"] = $0.now }, { $0.lastSeenWaiting["1"] = $0.now }, { $0.seenLive = ["1"] },
            { $0.details["1"] = ExecutionDetail() }, { $0.tags["1"] = [] }, { $0.unreadableTags = ["1"] },
            { $0.newestSuccess["w"] = "1" }, { $0.runTimes["w"] = RunTimes(samples: 20, p95: .seconds(5)) },
        ]
        for (index, change) in changes.enumerated() {
            let decided = later { snapshot, _ in change(&snapshot) }
            #expect(decided.isTakenOver, "change \(index)")
            #expect(decided.judged?.contains("1") == true, "change \(index)")
            #expect(decided.judged?.contains("5") == false, "change \(index)")
        }
        #expect(later { snapshot, _ in snapshot.highest = "9" }.judged == [])
    }

    @Test("is decided anew about everything where something has changed that all decisions go by")
    func seenByAll() {
        let changes: [(inout Snapshot) -> Void] = [
            { $0.completeness = .partial(["a list ended early"]) }, { $0.baseline = $0.baseline + .hours(1) },
            { $0.workflows = nil }, { $0.workflows?["w"]?.active.toggle() }, { $0.coverage.unknownIDs = 1 },
            { $0.coverage.retriesKnownFrom = "1" }, { $0.instance.epoch = 2 },
            { $0.clockOffset = ClockOffset(ahead: .seconds(5)) },
        ]
        for (index, change) in changes.enumerated() {
            #expect(!later { snapshot, _ in change(&snapshot) }.isTakenOver, "change \(index)")
        }
    }

    @Test("is decided anew when the past or the policies are others")
    func past() {
        let changes: [(inout LedgerView) -> Void] = [
            { $0.paused = "maintenance" }, { $0.alarm = "another database" }, { $0.healed = ["1"] },
            { $0.exhausted["1"] = ["stop"] }, { $0.closed["1"] = [.stop] }, { $0.gone = ["7"] },
            { $0.children["1"] = ["2"] }, { $0.owners["1"] = "stop" }, { $0.suspended[.stop] = "no scope" },
        ]
        for (index, change) in changes.enumerated() {
            #expect(!later { _, view in change(&view) }.isTakenOver, "change \(index)")
        }
        #expect(!later(DecidedTests.policies("other")).isTakenOver)
        var learned = set
        learned.learn(["needs-human": "4"])
        #expect(!later(learned).isTakenOver)
    }

    @Test("is compared with the ledger where something else is decided, and where it was not on record")
    func unrecorded() {
        var first = Decided(set, DecidedTests.snapshot, LedgerView(), LedgerView())
        #expect(first.unrecorded == nil)
        first.noteRecord(of: ["7"])
        var snapshot = DecidedTests.snapshot
        snapshot.now = snapshot.now + .minutes(31)
        let next = Decided(set, snapshot, LedgerView(), LedgerView(), since: first)
        #expect(next.unrecorded == ["1", "7"])
        // It is looked at again, and nothing else comes of it.
        snapshot.tags["5"] = []
        let same = Decided(set, snapshot, LedgerView(), LedgerView(), since: first)
        #expect(same.judged == ["1", "5"] && same.unrecorded == ["1", "7"])
        snapshot.completeness = .partial(["a list ended early"])
        #expect(Decided(set, snapshot, LedgerView(), LedgerView(), since: first).unrecorded == nil)
    }
}
