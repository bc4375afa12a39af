import MendflowAgent
public import MendflowCore
import MendflowEnvironment
import MendflowHTTPClient
import MendflowHost
import MendflowLedger
import MendflowLedgerSQLite
import MendflowN8N
import MendflowOperations
import MendflowPolicy
import MendflowSimulator
import MendflowText
public import MendflowWorkspace
import MendflowYAML

/// `demo`: the agent against the built-in n8n for about a minute, an hour of its time, over loopback, with SQLite.
public enum Demo {
    /// How much faster the demo's clock runs.
    public static let scale = 60

    /// Runs the demo for so many real seconds; the ledger is made in `folder`, and `ready` is told before it begins.
    public static func run(
        seconds: Int, folder: String, logLevel: AgentEvent.Level = .info, ready: () -> Void = {}
    ) async throws(MendflowFailure) -> Report {
        let clock = ScaledClock(scale: scale)
        let path = FilePath.of("mendflow-demo.sqlite", inFolder: folder)
        do {
            try MachineFiles().makeFolder(folder)
            guard !MachineFiles().exists(path) else {
                throw MendflowFailure(.failed, "\(path) is there already; remove it or name another folder with --dir")
            }
            ready()
            let simulator = try DemoWorld.simulator(at: clock.simulatedNow)
            let highest = simulator.database.ids.max().map { ExecutionID("\($0)") }
            let server = try DemoWorld.serve(simulator, clock, port: 0)
            let log = LogWriter(format: .plain, level: logLevel)
            let agent = try await agent(server.url, highest, clock, path, log)
            let began = clock.now()
            DemoWorld.begin(server.box, clock.simulatedNow)
            await StopSignals.untilStopped {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await agent.run() }
                    group.addTask { do { try await SystemClock().sleep(for: .seconds(Int64(seconds))) } catch {} }
                    await group.next()
                    group.cancelAll()
                }
            }
            let report = try await Report(server, ledger: path, ran: clock.now() - began)
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
    ) async throws -> InstanceAgent {
        let store = try SQLiteLedgerStore.open(path: path, create: true)
        let now = clock.now()
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "demo", epoch: 1), url: url, since: clock.simulatedNow, highest: highest,
            fingerprints: [], at: clock.simulatedNow)
        try await Ledger(store, LedgerScope())
            .append([LedgerEntry(.began(baseline, .initialised(by: "demo")), at: now)])
        let loaded = PolicyLoader().load([PolicyFile(name: "demo.yaml", bytes: Array(DemoPolicies.text.utf8))])
        guard !loaded.hasErrors else {
            throw MendflowFailure(.findings, FindingRenderer().render(loaded.findings))
        }
        let protections = [
            Protection(match: .test(FieldTest(.workflowTag, [.anyOf([.wildcard("no-auto-retry")])])))
        ]
        let set = PolicySet(
            policies: loaded.policies, instance: "demo", protections: protections,
            tagIDs: [DemoWorld.tagName: DemoWorld.tagID],
            tables: JudgementTables(
                classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge()))
        let connection = try N8NConnection(url: try ServerURL(url)) { "test-key" }
        let deadlines = clock.forDeadlines
        return try await InstanceAgent(
            configuration: AgentConfiguration(instance: "demo", mode: .enforce),
            reader: N8NReader(
                connection: connection, transport: CurlTransport(CurlTransport.Configuration(role: .reads)),
                clock: deadlines
            ) { SecretScrubber.scrub($0) },
            writer: N8NWriter(
                connection: connection, transport: CurlTransport(CurlTransport.Configuration(role: .mutations)),
                clock: deadlines),
            store: store, clock: clock, events: log, policies: set)
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
