import MendflowCore
import MendflowEnvironment
import MendflowHost
public import MendflowLedger
import MendflowLedgerSQLite
import MendflowOperations
import MendflowSimulator
import MendflowWorkspace

extension Demo {
    /// What happened, judged from n8n's own record and from the ledger.
    public struct Report: Sendable {
        /// A line of the report.
        public struct Line: Sendable {
            /// What it is about, and what was seen.
            public var topic: String, seen: String
            /// Whether nothing is wrong with it.
            public var ok: Bool
            /// Whether it came to what it should; false also where there was no time for it.
            public var reached: Bool
        }
        /// The lines.
        public var lines: [Line]
        /// The check of the audit chain.
        public var audit: AuditVerification
        /// The ledger's path.
        public var ledger: String
        /// Whether nothing is wrong.
        public var ok: Bool { audit.isIntact && lines.allSatisfy(\.ok) }
    }
}

extension Demo.Report {
    /// Judges a demo that ran for so long of n8n's time.
    init(_ server: SimulatorServer, ledger path: String, ran: Period) async throws(MendflowFailure) {
        let intents: [Intent]
        do throws(LedgerFailure) {
            let all = LedgerScope(since: AgentTime(milliseconds: .min))
            intents = try await SQLiteLedgerStore.openReading(path: path).load(all)
                .intents(in: Set(IntentState.allCases))
        } catch { throw MendflowFailure(ledger: error) }
        let (database, deeds) = server.withSimulator { ($0.database, $0.deeds) }
        self.init(
            lines: Self.lines(DemoFacts(database, deeds, intents), ran),
            audit: try await Audit.verify(Environment.machine([:]).ledgers, path: path),
            ledger: path)
    }

    static func lines(_ facts: DemoFacts, _ ran: Period) -> [Line] {
        /// What must have come about after so many minutes, and what never may.
        func line(_ topic: String, _ seen: String, _ reached: Bool, by minutes: Int64, wrong: Bool = false) -> Line {
            Line(topic: topic, seen: seen, ok: !wrong && (reached || ran < .minutes(minutes)), reached: reached)
        }
        let failed = facts.invoicesFailed, tagged = facts.invoicesTagged
        return [
            line(
                "retries that heal", "\(facts.ordersHealed) of \(facts.orders) failed order syncs",
                facts.ordersHealed > 0, by: 15),
            line(
                "exhausted and tagged", "invoice export failed \(times(failed)), tagged \(times(tagged))",
                failed == 3 && tagged == 1, by: 40, wrong: failed > 3 || tagged > 1),
            line(
                "stale waits stopped", "\(facts.remindersStopped) of 3 reminders that waited over two hours",
                facts.remindersStopped == 3, by: 10),
            line(
                "a lost answer", "\(facts.unresolved) unresolved, not sent again, in the inbox", facts.unresolved == 1,
                by: 30, wrong: facts.unresolved > 1),
            line(
                "protected",
                "\(facts.payments) card \(facts.payments == 1 ? "payment" : "payments") failed, \(facts.paymentsTouched) touched",
                facts.payments > 0, by: 6, wrong: facts.paymentsTouched > 0),
            line(
                "never twice", "\(facts.twice) executions retried more than once", facts.twice == 0, by: 0,
                wrong: facts.twice > 0),
            line(
                "the past",
                "\(facts.executions) executions in n8n, \(facts.pastTouched) workflows of the recorded month acted on",
                facts.pastTouched == 0, by: 0, wrong: facts.pastTouched > 0),
        ]
    }

    private static func times(_ count: Int) -> String { count == 1 ? "1 time" : "\(count) times" }
}

/// What is counted after a demo.
struct DemoFacts: Sendable {
    var executions = 0
    var orders = 0, ordersHealed = 0
    var invoicesFailed = 0, invoicesTagged = 0
    var remindersStopped = 0, unresolved = 0
    var payments = 0, paymentsTouched = 0
    var twice = 0, pastTouched = 0

    init() {}

    init(_ database: Simulator.Database, _ deeds: [Simulator.Deed], _ intents: [Intent]) {
        var retried: [Int: Int] = [:]
        for case .retried(let id, _) in deeds.map(\.what) { retried[id, default: 0] += 1 }
        func rows(_ workflow: String) -> [Simulator.Execution] {
            database.ids.compactMap { database[$0] }.filter { $0.workflowID == workflow }
        }
        executions = database.ids.count
        orders = rows(DemoWorld.orders).count { $0.retryOf == nil }
        ordersHealed = rows(DemoWorld.orders).count { $0.retryOf != nil && $0.status == .success }
        invoicesFailed = rows(DemoWorld.invoices).count { $0.status == .error }
        invoicesTagged = rows(DemoWorld.invoices).flatMap(\.tags).count
        remindersStopped = rows(DemoWorld.reminders).count { $0.status == .canceled }
        unresolved = intents.count { $0.state == .unresolved }
        payments = rows(DemoWorld.payments).count { $0.status == .error }
        paymentsTouched = rows(DemoWorld.payments).count { retried[$0.id] != nil }
        twice = retried.values.count { $0 > 1 }
        let acted = Set(intents.map(\.draft.workflow.text))
        pastTouched =
            acted.subtracting([DemoWorld.orders, DemoWorld.invoices, DemoWorld.reports, DemoWorld.reminders]).count
    }
}
