import MendflowAgent
public import MendflowCore
import MendflowHTTPClient
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy
import MendflowSimulator
import MendflowSimulatorServer
import MendflowYAML

/// `demo`: the agent against the built-in n8n for about a minute, an hour of its time, over loopback, with SQLite.
public enum Demo {
    /// What happened, judged from n8n's own record and from the ledger.
    public struct Report: Sendable, Encodable {
        /// A line of the report.
        public struct Line: Sendable, Encodable {
            /// What it is about, what was seen, and whether it is as it should be.
            public var topic: String, seen: String, ok: Bool
        }
        /// The lines.
        public var lines: [Line]
        /// The check of the audit chain.
        public var audit: Audit.Verification
        /// The ledger's path.
        public var ledger: String
        /// Whether everything is as it should be.
        public var ok: Bool { audit.intact && lines.allSatisfy(\.ok) }
    }

    /// How much faster the demo's clock runs.
    public static let scale = 60

    /// Runs the demo for so many real seconds; the ledger is made in `folder`.
    public static func run(
        seconds: Int, folder: String, logLevel: AgentEvent.Level = .info
    ) async throws(MendflowFailure) -> Report {
        let clock = ScaledClock(scale: scale)
        let path = TextFile.path("mendflow-demo.sqlite", inFolder: folder)
        do {
            try TextFile.makeFolder(folder)
            guard !TextFile.exists(path) else {
                throw MendflowFailure(.failed, "\(path) is there already; remove it or name another folder with --dir")
            }
            let simulator = try DemoWorld.simulator(at: clock.now())
            let highest = simulator.database.ids.max().map { ExecutionID("\($0)") }
            let server = try DemoWorld.serve(simulator, clock, port: 0)
            let log = LogWriter(format: .logfmt, level: logLevel)
            let agent = try agent(server.url, highest, clock, path, log)
            DemoWorld.begin(server.box, clock.now())
            await RunAgent.untilStopped {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await agent.run() }
                    group.addTask { do { try await SystemClock().sleep(for: .seconds(Int64(seconds))) } catch {} }
                    await group.next()
                    group.cancelAll()
                }
            }
            let report = try report(server, path)
            await server.stop()
            return report
        } catch let failure as MendflowFailure {
            throw failure
        } catch let failure as LedgerFailure {
            throw MendflowFailure(ledger: failure)
        } catch {
            throw MendflowFailure(.failed, "\(error)")
        }
    }

    private static func agent(
        _ url: String, _ highest: ExecutionID?, _ clock: ScaledClock, _ path: String, _ log: LogWriter
    ) throws -> InstanceAgent {
        let ledger = try SQLiteLedger.open(path: path, create: true)
        let now = clock.now()
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "demo", epoch: 1), url: url, since: now, highest: highest, fingerprints: [],
            at: now)
        try ledger.commit(
            [.baseline(baseline)],
            audit: [AuditRecord(.command, instance: baseline.instance, at: now, fields: ["command": "demo"])],
            at: now)
        let loaded = PolicyLoader().load([PolicyFile(name: "demo.yaml", bytes: Array(DemoPolicies.text.utf8))])
        guard !loaded.hasErrors else {
            throw MendflowFailure(.findings, FindingRenderer().render(loaded.findings))
        }
        let protections = [
            Protection(match: .test(FieldTest(.workflowTag, [.anyOf([.wildcard("no-auto-retry")])])))
        ]
        let set = PolicySet(
            policies: loaded.policies, instance: "demo", protections: protections,
            tagIDs: ["needs-human": "DemoTag000000001"],
            tables: JudgementTables(
                classifier: ErrorClassifier(rules: try BuiltInRules.compiled()), risks: RepeatRiskJudge()))
        let connection = try N8NConnection(url: url) { "test-key" }
        let deadlines = clock.forDeadlines
        return try InstanceAgent(
            configuration: AgentConfiguration(instance: "demo", mode: .enforce),
            reader: N8NReader(
                connection: connection, transport: CurlTransport(CurlTransport.Configuration(role: .reads)),
                clock: deadlines
            ) { SecretScrubber.scrub($0) },
            writer: N8NWriter(
                connection: connection, transport: CurlTransport(CurlTransport.Configuration(role: .mutations)),
                clock: deadlines),
            ledger: ledger, clock: clock, events: log, policies: set)
    }

    private static func report(_ server: SimulatorServer, _ path: String) throws(MendflowFailure) -> Report {
        let intents: [Intent]
        do throws(LedgerFailure) {
            intents = try SQLiteLedger.openReading(path: path).intents(in: Set(IntentState.allCases), instance: nil)
        } catch { throw MendflowFailure(ledger: error) }
        let database = server.withSimulator { $0.database }
        let deeds = server.withSimulator { $0.deeds }
        var retried: [Int: Int] = [:]
        for case .retried(let id, _) in deeds.map(\.what) { retried[id, default: 0] += 1 }
        func rows(_ workflow: String) -> [Simulator.Execution] {
            database.ids.compactMap { database[$0] }.filter { $0.workflowID == workflow }
        }
        let orders = rows(DemoWorld.orders)
        let healed = orders.filter { $0.retryOf != nil && $0.status == .success }.count
        let roots = orders.filter { $0.retryOf == nil }.count
        let exhausted = rows(DemoWorld.invoices)
        let stale = rows(DemoWorld.reminders).filter { $0.status == .canceled }.count
        let unresolved = intents.filter { $0.state == .unresolved }
        let payments = rows(DemoWorld.payments)
        let touched = payments.filter { retried[$0.id] != nil }.count
        let twice = retried.values.filter { $0 > 1 }.count
        let acted = Set(intents.map(\.draft.workflow.text))
        let past = acted.subtracting([DemoWorld.orders, DemoWorld.invoices, DemoWorld.reports, DemoWorld.reminders])
        return Report(
            lines: [
                .init(topic: "retries that heal", seen: "\(healed) of \(roots) failed order syncs", ok: healed > 0),
                .init(
                    topic: "exhausted and tagged",
                    seen:
                        "invoice export failed \(exhausted.count) times, tagged \(exhausted.flatMap(\.tags).count) time",
                    ok: exhausted.count == 3 && exhausted.flatMap(\.tags).count == 1),
                .init(
                    topic: "stale waits stopped", seen: "\(stale) of 3 reminders that waited over two hours",
                    ok: stale == 3),
                .init(
                    topic: "a lost answer", seen: "\(unresolved.count) unresolved, not sent again, in the inbox",
                    ok: unresolved.count == 1),
                .init(
                    topic: "protected", seen: "\(payments.count) card payments failed, \(touched) touched",
                    ok: payments.count > 0 && touched == 0),
                .init(topic: "never twice", seen: "\(twice) executions retried more than once", ok: twice == 0),
                .init(
                    topic: "the past",
                    seen:
                        "\(database.ids.count) executions in n8n, \(past.count) workflows of the recorded month acted on",
                    ok: past.isEmpty),
            ], audit: try Audit.verify(path: path), ledger: path)
    }
}

/// The demo's policies, in the language of every policy file.
enum DemoPolicies {
    static let text = """
        policies:
          - name: retry-order-sync
            mode: enforce
            match: {status: error, workflow: "Demo: order sync", error: {class: [transient, rate_limit]}}
            actions: [{retry: {max_retries: 3, backoff: {initial_interval: 1m}, repeats: allow}}]
          - name: retry-invoice-export
            mode: enforce
            match: {status: error, workflow: "Demo: invoice export"}
            actions: [{retry: {max_retries: 2, backoff: {initial_interval: 2m}, repeats: allow}}]
            on_exhausted: [{tag: [needs-human]}]
          - name: retry-nightly-report
            mode: enforce
            match: {status: error, workflow: "Demo: nightly report"}
            actions: [{retry: {max_retries: 3, backoff: {initial_interval: 1m, jitter: none}, repeats: allow}}]
          - name: retry-everything-else
            mode: enforce
            match: {status: error, workflow: "Demo: *", error: {class: transient}}
            actions: [{retry: {max_retries: 1, repeats: allow}}]
          - name: stop-stale-waiting
            mode: enforce
            match: {status: waiting, older_than: 2h, workflow: "Demo: *"}
            actions: [stop]
        """
}
