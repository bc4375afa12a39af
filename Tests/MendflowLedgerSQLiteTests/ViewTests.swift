import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowLedgerSQLite

@Suite("The view of the ledger")
struct ViewTests {
    @Test("is empty where nothing was written, and is not memoryless")
    func empty() throws {
        #expect(try memoryLedger().view(of: production, since: at(0), shadow: true) == LedgerView())
    }

    @Test("leaves out what is older, unless it is open or unresolved")
    func since() throws {
        let ledger = try memoryLedger()
        for (execution, state) in [("9", IntentState.applied), ("2", .sending), ("3", .unresolved), ("4", .reserved)] {
            _ = try ledger.intent(state, of: ExecutionID(execution))
        }
        try ledger.settle(try ledger.reserve(draft("5"), at: 100), .void, at: 100)
        let view = try ledger.view(of: production, since: at(100), shadow: false)
        #expect(view.intents.map(\.draft.execution) == ["2", "3", "4", "5"])
        #expect(try ledger.view(of: production, since: at(101), shadow: false).intents.count == 3)
        #expect(try ledger.view(of: production, since: at(1), shadow: false).intents.count == 5)
    }

    @Test("shows old intents of runs that the caller still sees, however old they are")
    func oldIntents() throws {
        let ledger = try memoryLedger()
        try ledger.settle(try ledger.reserve(draft("9"), at: 1), .void, at: 1)
        try ledger.settle(try ledger.reserve(draft("8"), at: 1), .void, at: 1)
        let view = try ledger.view(of: production, since: at(100), shadow: false, chains: ["9"])
        #expect(view.intents.map(\.draft.execution) == ["9"])
    }

    @Test("keeps dry-run's facts from enforce, and shows dry-run both")
    func shadow() throws {
        let ledger = try memoryLedger()
        try ledger.commit(
            [
                .reserve(draft("1")), .reserve(draft("2", shadow: true)),
                .latch(production, Latch(.healed, "10", at: at(1)), shadow: false),
                .latch(production, Latch(.healed, "11", at: at(1)), shadow: true),
                .own(production, root: "10", policy: "real", shadow: false),
                .own(production, root: "11", policy: "dry", shadow: true),
                .verdict(production, "20", LedgerView.RecordedVerdict(policy: "p", key: "real"), shadow: false),
                .verdict(production, "20", LedgerView.RecordedVerdict(policy: "p", key: "dry"), shadow: true),
            ], audit: [], at: at(1))
        let real = try ledger.view(of: production, since: at(0), shadow: false)
        #expect(real.intents.map(\.draft.execution) == ["1"])
        #expect(real.healed == ["10"] && real.owners == ["10": "real"] && real.verdicts["20"]?.key == "real")
        let dry = try ledger.view(of: production, since: at(0), shadow: true)
        #expect(dry.intents.map(\.draft.execution) == ["1", "2"])
        #expect(dry.healed == ["10", "11"] && dry.verdicts["20"]?.key == "dry")
        #expect(dry.owners == ["10": "real", "11": "dry"])
    }

    @Test("shows dry-run the later of a chain's real and its shadow owner")
    func laterOwner() throws {
        let ledger = try memoryLedger()
        try ledger.commit([.own(production, root: "1", policy: "dry", shadow: true)], audit: [], at: at(1))
        try ledger.commit([.own(production, root: "1", policy: "real", shadow: false)], audit: [], at: at(2))
        #expect(try ledger.view(of: production, since: at(0), shadow: true).owners == ["1": "real"])
        try ledger.commit([.own(production, root: "1", policy: "next", shadow: true)], audit: [], at: at(3))
        #expect(try ledger.view(of: production, since: at(0), shadow: true).owners == ["1": "next"])
        #expect(try ledger.view(of: production, since: at(0), shadow: false).owners == ["1": "real"])
    }

    @Test("folds every kind of latch, each once, and the newest end of a person's retry")
    func latches() throws {
        let ledger = try memoryLedger()
        let latches = [
            Latch(.healed, "1", at: at(1)), Latch(.exhausted, "2", policy: "p", at: at(1)),
            Latch(.exhausted, "2", policy: "q", at: at(1)), Latch(.closed, "3", at: at(1)),
            Latch(.gone, "4", at: at(1)),
            Latch(.child, "5", value: "6", at: at(1)), Latch(.child, "5", value: "7", at: at(1)),
            Latch(.personRetried, "8", value: "9", at: at(30)), Latch(.personRetried, "8", value: "9", at: at(40)),
            Latch(.personRetried, "8", value: "9", at: at(20)),
        ]
        try ledger.commit((latches + latches).map { .latch(production, $0, shadow: false) }, audit: [], at: at(1))
        let view = try ledger.view(of: production, since: at(0), shadow: false)
        #expect(
            view
                == LedgerView(
                    healed: ["1"], exhausted: ["2": ["p", "q"]], closed: ["3": Set(ActionKind.allCases)], gone: ["4"],
                    children: ["5": ["6", "7"], "8": ["9"]], personRetried: ["8": at(40)]))
        let other = InstanceKey(name: "production", epoch: 2)
        #expect(try ledger.view(of: other, since: at(0), shadow: true) == LedgerView())
    }

    @Test("shows suspensions and pauses until they are lifted")
    func suspensionsAndPauses() throws {
        let ledger = try memoryLedger()
        func view() throws -> LedgerView { try ledger.view(of: production, since: at(0), shadow: false) }
        try ledger.commit(
            [
                .suspend(production, .retry, reason: "403"), .suspend(production, .tag, reason: "401"),
                .pause(instance: "production", reason: "one"), .pause(instance: "other", reason: "other"),
            ], audit: [], at: at(1))
        #expect(try view().suspended == [.retry: "403", .tag: "401"])
        #expect(try view().paused == "one")
        try ledger.commit(
            [.suspend(production, .tag, reason: nil), .pause(instance: nil, reason: "all")], audit: [], at: at(2))
        #expect(try view().suspended == [.retry: "403"])
        #expect(try view().paused == "all")
        try ledger.commit([.pause(instance: nil, reason: nil)], audit: [], at: at(3))
        #expect(try view().paused == "one")
        try ledger.commit([.pause(instance: "production", reason: nil)], audit: [], at: at(4))
        #expect(try view().paused == nil)
    }

    @Test("keeps the last tick, whole")
    func tick() throws {
        let ledger = try memoryLedger()
        #expect(try ledger.tickState(of: production) == nil)
        let live = Execution(
            id: "12", workflow: "w", status: .queued, mode: "trigger", retryOf: "3", retrySuccess: "4",
            createdAt: at(1), startedAt: at(2), stoppedAt: at(3), waitTill: at(4))
        var state = TickState(
            tick: 7, at: at(70), accounted: "11", sweptAt: at(60), rows: 250,
            live: [
                .init(execution: live, firstSeen: at(5), lastSeenWaiting: at(6)),
                .init(execution: Execution(id: "13", workflow: "w", status: .waiting), firstSeen: at(8)),
            ], clockOffset: .milliseconds(-120), missing: IDRanges([9...10]),
            sightings: [.init(id: "12", at: at(9))],
            fingerprints: [
                .init(id: "3", workflow: "w", startedAt: at(4)), .init(id: "2", workflow: "w", startedAt: nil),
            ])
        try ledger.commit([.tick(production, state)], audit: [], at: at(70))
        #expect(try ledger.tickState(of: production) == state)
        state = TickState(
            tick: 8, at: at(80), accounted: nil, sweptAt: nil, rows: 0, live: [], clockOffset: .zero)
        try ledger.commit([.tick(production, state)], audit: [], at: at(80))
        #expect(try ledger.tickState(of: production) == state)
    }

    @Test("keeps baselines by epoch, and answers the newest")
    func baseline() throws {
        let ledger = try memoryLedger()
        #expect(try ledger.baseline(of: "production") == nil)
        var baseline = InstanceBaseline(
            instance: production, url: "https://n8n.example.com", since: at(1), highest: "99",
            fingerprints: [
                .init(id: "99", workflow: "w", startedAt: at(1)), .init(id: "98", workflow: "v", startedAt: nil),
            ], at: at(2))
        try ledger.commit([.baseline(baseline)], audit: [], at: at(2))
        #expect(try ledger.baseline(of: "production") == baseline)
        baseline.fingerprints = []
        baseline.highest = nil
        try ledger.commit([.baseline(baseline)], audit: [], at: at(3))
        #expect(try ledger.baseline(of: "production") == baseline)
        baseline.instance.epoch = 2
        try ledger.commit([.baseline(baseline)], audit: [], at: at(4))
        #expect(try ledger.baseline(of: "production")?.instance.epoch == 2)
        #expect(try ledger.baseline(of: "other") == nil)
    }

    @Test("keeps a policy's text once by its version")
    func policyText() throws {
        let ledger = try memoryLedger()
        try ledger.commit([.policyText(version: "v1", name: "p", text: "retry: {}")], audit: [], at: at(1))
        try ledger.commit([.policyText(version: "v1", name: "p", text: "other")], audit: [], at: at(1))
        #expect(try ledger.policyText(version: "v1")?.text == "retry: {}")
        #expect(try ledger.policyText(version: "v2") == nil)
    }

    @Test(
        "reads by an index, however much there is",
        arguments: [
            "SELECT id FROM intent WHERE instance = 'a' AND epoch = 1 AND shadow = 0 AND reserved_at >= 5",
            "SELECT id FROM intent WHERE state = 'sending' AND instance = 'a' AND epoch = 1",
            "SELECT at FROM latch WHERE instance = 'a' AND epoch = 1 AND shadow = 0",
            "SELECT sequence FROM audit WHERE instance = 'a' AND epoch = 1 AND execution = '5'",
            "SELECT sequence FROM audit WHERE instance = 'a' AND epoch = 1 AND root = '5'",
        ])
    func indexed(sql: String) throws {
        let plan = try memoryLedger().database.query("EXPLAIN QUERY PLAN " + sql) { row throws(LedgerFailure) in
            _ = (row.integer(), row.integer(), row.integer())
            return row.text()
        }
        #expect(plan.count == 1 && plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
    }
}
