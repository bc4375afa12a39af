public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowText
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
        /// What the demo left behind.
        public var left: Left
        /// What the demo left behind, to look at with the program's other commands.
        public struct Left: Sendable, Hashable {
            /// Its folder, and the paths of its configuration and its ledger.
            public var folder: String, configuration: String, ledger: String
            /// The simulated n8n: where it is written down, when its past ends, and the port at which it was served.
            public var history: String, until: ServerTime?, port: UInt16
            /// An execution of which there is something to explain.
            public var execution: String?

            /// A command line, and what it is for.
            public struct Command: Sendable, Hashable {
                /// What it shows; the line, which a shell takes as it is.
                public var words: String, line: String
            }

            /// Commands for somebody who wants to look closer; `program` is the path of this program.
            public func commands(program: String) -> [Command] {
                let program = program.asShellWord
                let configuration = "--config \(configuration.asShellWord)"
                let past = until.map { " --until \($0.rfc3339)" } ?? ""
                let simulate = "simulate --history \(history.asShellWord)\(past) --port \(port) & sleep 5"
                return [
                    Command(words: "what waits for a person", line: "\(program) inbox \(configuration)"),
                    Command(
                        words: "the simulated n8n again, in the background; `kill %1` ends it",
                        line: "\(program) \(simulate)"),
                    execution.map {
                        Command(
                            words: "why \($0) was acted on, which asks that n8n",
                            line: "\(program) explain \($0) \(configuration)")
                    } ?? Command(words: "what is due, which asks that n8n", line: "\(program) plan \(configuration)"),
                ]
            }
        }
        /// Whether nothing is wrong.
        public var ok: Bool { audit.isIntact && lines.allSatisfy(\.ok) }
    }
}

extension Demo.Report {
    /// Judges a demo that ran for so long of n8n's time and left what is in the folder.
    init(
        _ server: SimulatorServer, _ folder: DemoFolder, until: ServerTime?, _ ledgers: any LedgerLocker, ran: Period
    ) async throws(MendflowFailure) {
        let intents: [Intent]
        do throws(LedgerFailure) {
            let all = LedgerScope(since: AgentTime(milliseconds: .min))
            intents = try await ledgers.open(folder.ledger, .read).load(all).intents(in: Set(IntentState.allCases))
        } catch { throw MendflowFailure(ledger: error) }
        let (database, deeds) = server.withSimulator { ($0.database, $0.deeds) }
        self.init(
            lines: Self.lines(DemoFacts(database, deeds, intents), ran),
            audit: try await Audit.verify(ledgers, path: folder.ledger),
            left: Left(
                folder: folder.path, configuration: folder.configuration, ledger: folder.ledger,
                history: folder.history, until: until, port: server.port,
                // The one with the most to tell comes last.
                execution: intents.max {
                    ($0.draft.action == .tag ? 1 : 0, $0.id) < ($1.draft.action == .tag ? 1 : 0, $1.id)
                }?
                .draft.execution.text))
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

    private static func times(_ count: Int) -> String { count.words("time", "times") }
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
