import FoundationEssentials
import Glibc
import MendflowCore
import MendflowHTTP
import MendflowHTTPServer
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Testing

/// A simulated n8n on loopback, a folder with a configuration for it, and the program, run as a process.
final class World: Sendable {
    /// The program: what `MENDFLOW_PROGRAM` names, else the one that is built with the tests.
    static let program =
        getenv("MENDFLOW_PROGRAM").map { String(cString: $0) } ?? Repository.root + ".build/debug/mendflow"
    /// A key that is found again wherever it turns up.
    static let key = "n8n-secret-5c1e9b7d0a64f2"
    static let orders = "Wf00000000000001"
    static let policies = """
        policies:
          - name: retry-orders
            mode: enforce
            match: {status: error, workflow: Order sync, newer_than: 24h}
            actions: [{retry: {max_retries: 3, backoff: {initial_interval: 1s, jitter: none}, repeats: allow}}]
          - name: stop-waiting
            mode: enforce
            match: {status: waiting, older_than: 2h}
            actions: [stop]
        """

    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mendflow-\(UUID().uuidString)").path
    let server: SimulatorServer
    private let changes: AsyncStream<Void>

    var ledger: String { folder + "/mendflow.sqlite" }
    var config: String { folder + "/mendflow.yaml" }

    /// Serves an n8n whose one workflow ends as told, and writes a configuration that may act on it.
    init(
        retries: Simulator.Outcome = .success(after: 10), policies: String = World.policies,
        address: HTTPServerConfiguration.Address = .loopback
    ) throws {
        let now: @Sendable () -> Int64 = { World.now().milliseconds }
        var simulator = Simulator(now: now())
        simulator.configuration.keys = [.init(key: World.key, name: "agent")]
        simulator.add(
            Simulator.Workflow(
                id: World.orders, name: "Order sync",
                nodes: [.webhook("orders"), .http(method: "POST", url: "http://shop.example/orders")],
                script: .init(retriesThenAlways: [retries])))
        let (changes, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.changes = changes
        // Called after every change while something is under way: it is the bell of `until` too.
        let configuration = HTTPServerConfiguration(address: address, bodyBytes: SimulatorServer.bodyBytes)
        server = try SimulatorServer.start(simulator, configuration: configuration, now: now) { time in
            bell.yield()
            try await Task.sleep(for: .milliseconds(max(0, time - now())))
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write("policies.yaml", policies)
        try write("mendflow.yaml", World.configuration(url: server.url))
    }

    static func configuration(url: String, key: String = "api_key_env: N8N_API_KEY") -> String {
        """
        mode: enforce
        policies: [policies.yaml]
        ledger: mendflow.sqlite
        poll_interval: 1s
        instances:
          - {name: production, url: "\(url)", \(key), mode: enforce}
        log: {level: debug}

        """
    }

    static func now() -> AgentTime { AgentTime(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }

    /// A run that failed a minute ago, and is due now; answers its id.
    func failure(_ error: Simulator.ErrorShape = .http(503, method: "POST"), ago: Period = .minutes(1)) -> Int {
        let at = (World.now() - ago).milliseconds
        return server.withSimulator {
            $0.addExecution(of: World.orders, status: .error, startedAt: at, stoppedAt: at + 5, error: error)
        }
    }

    /// A run that has been waiting for three hours, and is to be stopped; answers its id.
    func staleWait() -> Int {
        let now = World.now()
        let at = (now - .hours(3)).milliseconds
        return server.withSimulator {
            $0.addExecution(
                of: World.orders, status: .waiting, startedAt: at, stoppedAt: at,
                waitTill: (now + .hours(20)).milliseconds)
        }
    }

    /// Makes the ledger: what failed within the last hour is the agent's.
    func initialise() async throws {
        let since = (World.now() - .hours(1)).rfc3339
        let end = try await run(
            "init", folder, "--url", server.url, "--key-env", "N8N_API_KEY", "--since", since, config: false)
        try #require(end.code == 0, "\(end.err)")
    }

    /// Starts the program; `shell` is run before it in the same process, to set limits.
    func start(
        _ words: String..., config: Bool = true, environment: [String: String] = [:], shell: String? = nil,
        seconds: Int = 120
    ) throws -> Child {
        try start(words, config, environment, shell, seconds)
    }

    private func start(
        _ words: [String], _ config: Bool, _ environment: [String: String], _ shell: String?, _ seconds: Int = 120
    ) throws -> Child {
        var all = [World.program] + words
        if config { all += ["--config", self.config] }
        if let shell { all = ["/bin/sh", "-c", shell + "; exec \"$0\" \"$@\""] + all }
        let base = ["N8N_API_KEY": World.key, "PATH": "/usr/bin:/bin"]
        return try Child(all, environment: base.merging(environment) { _, new in new }, seconds: seconds)
    }

    /// Runs the program to its end.
    func run(
        _ words: String..., config: Bool = true, environment: [String: String] = [:], shell: String? = nil
    ) async throws -> Child.End {
        let child = try start(words, config, environment, shell)
        return await child.end()
    }

    /// Runs the program to its end.
    func run(_ words: [String], environment: [String: String] = [:]) async throws -> Child.End {
        let child = try start(words, true, environment, nil)
        return await child.end()
    }

    /// Returns when the simulated n8n has come to something.
    func until(_ holds: @Sendable (Simulator) -> Bool) async throws {
        if server.withSimulator({ holds($0) }) { return }
        for await _ in changes where server.withSimulator({ holds($0) }) { return }
        throw CancellationError()
    }

    /// The retries of an execution, by n8n's own record.
    func retries(_ execution: Int) -> [Int] { server.withSimulator { $0.retries(of: execution) } }

    func remove() async throws {
        await server.stop()
        try FileManager.default.removeItem(atPath: folder)
    }
}
