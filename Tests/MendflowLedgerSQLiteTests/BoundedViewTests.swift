import FoundationEssentials
import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowLedgerSQLite

@Suite("The view reads the chains that matter")
struct BoundedViewTests {
    /// What was written at 1 about old chains, seen from 100 on.
    func view(_ ledger: SQLiteLedger, shadow: Bool = false, chains: Set<ExecutionID> = []) throws -> LedgerView {
        try ledger.view(of: production, since: at(100), shadow: shadow, chains: chains)
    }

    func ledger() throws -> SQLiteLedger {
        let ledger = try memoryLedger()
        try ledger.commit(
            [
                .latch(production, Latch(.child, "1", value: "2", at: at(1)), shadow: false),
                .latch(production, Latch(.child, "2", value: "3", at: at(1)), shadow: false),
                .latch(production, Latch(.healed, "1", at: at(1)), shadow: false),
                .latch(production, Latch(.exhausted, "1", policy: "p", at: at(1)), shadow: false),
                .latch(production, Latch(.closed, "3", at: at(1)), shadow: false),
                .own(production, root: "1", policy: "p", shadow: false),
                .verdict(production, "3", LedgerView.RecordedVerdict(policy: "p", key: "k"), shadow: false),
                .latch(production, Latch(.healed, "50", at: at(1)), shadow: false),
                .own(production, root: "50", policy: "p", shadow: false),
                .verdict(production, "50", LedgerView.RecordedVerdict(policy: "p", key: "k"), shadow: false),
            ], audit: [], at: at(1))
        return ledger
    }

    @Test("leaves out chains that were not touched since and that nobody asks for")
    func untouched() throws {
        #expect(try view(try ledger()) == LedgerView())
    }

    @Test("is whole for a chain of which one run is asked for, whichever it is", arguments: ["1", "2", "3"])
    func asked(id: String) throws {
        let view = try view(try ledger(), chains: [ExecutionID(id)])
        #expect(view.children == ["1": ["2"], "2": ["3"]])
        #expect(view.healed == ["1"] && view.exhausted == ["1": ["p"]] && view.isClosed("3", for: .retry))
        #expect(view.owners == ["1": "p"] && Set(view.verdicts.keys) == ["3"])
    }

    @Test("is whole for a chain about which anything was written since")
    func touched() throws {
        let touches: [LedgerChange] = [
            .latch(production, Latch(.child, "3", value: "4", at: at(100)), shadow: false),
            .latch(production, Latch(.personRetried, "2", value: "4", at: at(100)), shadow: false),
            .own(production, root: "1", policy: "p", shadow: false),
            .verdict(production, "2", LedgerView.RecordedVerdict(policy: "p", key: "k"), shadow: false),
        ]
        for touch in touches {
            let ledger = try ledger()
            try ledger.commit([touch], audit: [], at: at(100))
            let view = try view(ledger)
            #expect(view.healed == ["1"] && view.owners == ["1": "p"] && view.isClosed("3", for: .retry), "\(touch)")
        }
    }

    @Test("is whole for the chain of an unresolved request, however old it is")
    func unresolved() throws {
        let ledger = try ledger()
        let id = try ledger.reserve(draft("3"), at: 2)
        try ledger.commit([.sending(id, watermark: "3")], audit: [], at: at(2))
        try ledger.settle(id, .unresolved, at: 2)
        let view = try view(ledger)
        #expect(view.intents.map(\.id) == [id])
        #expect(view.healed == ["1"] && view.children["1"] == ["2"])
    }

    @Test("shows dry-run's touches to dry-run alone")
    func shadow() throws {
        let ledger = try ledger()
        try ledger.commit(
            [.verdict(production, "50", LedgerView.RecordedVerdict(policy: "p", key: "dry"), shadow: true)],
            audit: [], at: at(100))
        #expect(try view(ledger) == LedgerView())
        let dry = try view(ledger, shadow: true)
        #expect(dry.healed == ["50"] && dry.owners == ["50": "p"] && dry.verdicts["50"]?.key == "dry")
    }

    @Test("forbids a second retry also of a chain that no view shows")
    func neverTwice() throws {
        let ledger = try ledger()
        let id = try ledger.reserve(draft("50"), at: 2)
        try ledger.commit([.sending(id, watermark: nil)], audit: [], at: at(2))
        try ledger.settle(id, .applied, at: 2)
        #expect(try view(ledger).intents.isEmpty)
        #expect(throws: LedgerFailure.alreadyIntended("50")) {
            try ledger.commit([.reserve(draft("50"))], audit: [], at: at(200))
        }
    }

    @Test("reads by an index, whatever it reads")
    func indexed() throws {
        let queries = [
            SQLiteLedger.membersQuery, SQLiteLedger.latchesQuery, SQLiteLedger.verdictsQuery, SQLiteLedger.ownersQuery,
        ]
        let ledger = try memoryLedger()
        for query in queries {
            let plan = try ledger.database.query("EXPLAIN QUERY PLAN " + query) { row throws(LedgerFailure) in
                _ = (row.integer(), row.integer(), row.integer())
                return row.text()
            }
            for table in ["latch", "owner", "verdict"] {
                #expect(!plan.contains { $0.hasPrefix("SCAN \(table)") }, "\(plan)")
            }
            #expect(plan.contains { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }
}

@Suite("Rows whose past a view must be asked for")
struct ChainsToReadTests {
    func row(
        _ id: ExecutionID, _ status: ExecutionStatus = .error, retryOf: ExecutionID? = nil, began: Timestamp?
    ) -> Execution {
        Execution(id: id, workflow: "w", status: status, mode: "webhook", retryOf: retryOf, startedAt: began)
    }

    @Test("are retries and their parents, what is live, and what began before; not the many young ones")
    func rows() {
        let old = at(0), young = at(0) + .hours(2)
        let rows = [
            row("1", began: young), row("2", retryOf: "9", began: young), row("3", .running, began: young),
            row("4", began: old), row("5", began: nil),
        ]
        #expect(LedgerView.chainsToRead(rows, since: old) == ["2", "9", "3", "4", "5"])
    }
}
