public import MendflowCore
public import MendflowEnvironment
import MendflowHost
import MendflowLedger
import MendflowOperations
import MendflowSimulator
public import MendflowWorkspace

/// `demo`: the agent against the built-in n8n for about a minute, an hour of its time, over loopback, with SQLite.
public enum Demo {
    /// How much faster the demo's clock runs.
    public static let scale = 60
    /// So long before now the demo ends by its clock: what it leaves behind lies in the past, even where it ends late.
    private static let margin = Period.minutes(20)

    /// What is told while it runs.
    public enum Told: Sendable, Hashable {
        /// Something happened.
        case line(String)
        /// How far it is; replaces what was told of that before.
        case progress(String)
    }

    /// Runs the demo for so many real seconds in an environment whose clock is the machine's.
    ///
    /// Configuration, ledger and the simulated n8n are left in `folder`. `tell` hears what happens, in order and one at a
    /// time; with a `log` of one's own that gets the agent's events instead.
    public static func run(
        seconds: Int, folder: String, environment: Environment, log: (any EventSink)? = nil,
        tell: @escaping @Sendable (Told) -> Void
    ) async throws(MendflowFailure) -> Report {
        let behind = Period.seconds(Int64(seconds * (scale - 1))) + margin
        let folder = DemoFolder(folder, environment.files)
        let (clock, server): (ScaledClock, SimulatorServer)
        do {
            let now = ClockOffset.zero.server(environment.clock.now()) - behind
            let simulator = try DemoWorld.simulator(at: now)
            // Begins to run once the month is loaded, which would take minutes of its time.
            clock = ScaledClock(scale: scale, behind: behind)
            server = try DemoWorld.serve(simulator, clock, port: 0)
        } catch {
            throw MendflowFailure(.failed, "n8n cannot be simulated: \(error)")
        }
        let voice = DemoVoice(server, minutes: seconds * scale / 60, tell)
        var environment = environment
        environment.clock = clock
        environment.slowerDeadlines = clock.forDeadlines
        environment.log = { _, _ in log ?? voice }
        try folder.write(url: server.url)
        let workspace = try await setUp(folder, server.url, environment)
        let began = clock.now()
        DemoWorld.begin(server.box, clock.simulatedNow)
        try await run(MendflowHost(workspace, asked: nil), seconds: seconds) {
            if log == nil { voice.progress(after: clock.now() - began) }
        }
        let ran = clock.now() - began
        let left = try folder.keep(server.withSimulator { $0 })
        let report = try await Report(server, folder, until: left, environment.ledgers, ran: ran)
        await server.stop()
        return report
    }

    /// Makes the ledger, as `init` does.
    private static func setUp(
        _ folder: DemoFolder, _ url: String, _ environment: Environment
    ) async throws(MendflowFailure) -> Workspace {
        let outcome = try await Initialise.run(
            Initialise.Request(
                folder: folder.path, name: "demo", url: url, keyVariable: nil, keyFile: "n8n.key", since: nil),
            environment: environment)
        if let failure = outcome.failure { throw failure }
        let loaded = try Workspace.load(path: folder.configuration, environment: environment)
        guard let workspace = loaded.workspace else { throw MendflowFailure(.findings, loaded.report.text()) }
        return workspace
    }

    /// Runs the agent for so many real seconds, or until a signal ends it.
    private static func run(
        _ host: MendflowHost, seconds: Int, look: @escaping @Sendable () -> Void
    ) async throws(MendflowFailure) {
        let failure = await withTaskGroup(of: MendflowFailure?.self) { group in
            group.addTask {
                do throws(MendflowFailure) { try await host.run(once: false) } catch { return error }
                return nil
            }
            // Ends with the agent, which ends with it.
            let watching = Task {
                for _ in 0..<seconds * 2 {
                    guard (try? await SystemClock().sleep(for: .milliseconds(500))) != nil else { return }
                    look()
                }
                host.stop()
            }
            let failure = await group.next() ?? nil
            watching.cancel()
            return failure
        }
        if let failure { throw failure }
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
          - name: retry-card-payments
            mode: enforce
            match: {status: error, workflow: "Demo: card payments", error: {class: transient}}
            actions: [{retry: {max_retries: 1, repeats: allow}}]
          - name: stop-stale-waiting
            mode: enforce
            match: {status: waiting, older_than: 2h, waiting_for: timer, workflow: "Demo: reminders"}
            actions: [stop]
        """
}
