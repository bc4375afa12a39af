import FoundationEssentials
import Glibc
import MendflowHTTP
import MendflowHTTPServer
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Testing

/// Prometheus and promtool: those in the folder that `MENDFLOW_PROMETHEUS` names, else Debian's.
private enum Prometheus {
    static let folder: String? = {
        let folder = ProcessInfo.processInfo.environment["MENDFLOW_PROMETHEUS"] ?? "/usr/bin"
        return ["prometheus", "promtool"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 } ? folder : nil
    }()
    static let hint: Comment = "no Prometheus: scripts/setup monitoring installs one"
    static let examples = Repository.root + "examples/monitoring"

    /// Runs promtool to its end; `file` is its standard input.
    static func tool(_ words: String..., file: String? = nil) async throws -> Child.End {
        let shell = file.map { "exec \"$0\" \"$@\" < '\($0)'" } ?? "exec \"$0\" \"$@\""
        let all = ["/bin/sh", "-c", shell, "\(folder ?? "")/promtool"] + words
        return try await Child(all, environment: ["PATH": "/usr/bin:/bin"], seconds: 200).end()
    }
}

@Suite("Monitoring", .timeLimit(.minutes(30)))
struct MonitoringTests {
    @Test(
        "by a real Prometheus: it scrapes the agent, series arrive, and the example's alert fires",
        .enabled(if: Prometheus.folder != nil, Prometheus.hint))
    func scrape() async throws {
        let world = try World()
        _ = world.failure()
        try await world.initialise()
        // The key may read, and no retry: n8n refuses what is due, and that kind of action is suspended.
        let scopes: Set = ["execution:list", "execution:read", "workflow:list", "workflow:read"]
        world.server.withSimulator {
            $0.configuration.keys = [.init(key: World.key, name: "agent", scopes: scopes)]
        }
        let (port, other) = (try await Self.freePort(), try await Self.freePort())
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url) + "service: {listen: \"127.0.0.1:\(port)\"}\n")
        let agent = try world.start("run", seconds: 120)
        defer { agent.signal(SIGKILL) }
        try await agent.wrote("event=service.started ")

        try world.write("prometheus.yml", Self.configuration(port))
        let prometheus = try Child(
            [
                "\(Prometheus.folder ?? "")/prometheus", "--config.file=\(world.folder)/prometheus.yml",
                "--storage.tsdb.path=\(world.folder)/series", "--web.listen-address=127.0.0.1:\(other)",
            ], environment: ["PATH": "/usr/bin:/bin"], seconds: 120)
        defer { prometheus.signal(SIGKILL) }
        try await prometheus.wrote("Server is ready to receive web requests")
        for query in [
            "up{job=\"mendflow\"} == 1", "mendflow_ticks_total{n8n=\"production\"} > 1",
            "mendflow_n8n_requests_total{endpoint=\"retry\",status=\"4xx\"} > 0",
            "mendflow_actions_total{mode=\"enforce\",policy=\"retry-orders\"} > 0",
            "mendflow_suspended{action=\"retry\"} == 1",
            "ALERTS{alertname=\"MendflowSuspended\",alertstate=\"firing\",action=\"retry\"}",
        ] {
            while try await !Self.isTrue(query, other) { try await Task.sleep(for: .milliseconds(200)) }
        }
        #expect(try await !Self.isTrue("ALERTS{alertname!=\"MendflowSuspended\",severity=\"critical\"}", other))

        let answer = await RawClient(port: port).exchange(
            "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        let body = answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
        try world.write("metrics", body)
        let check = try await Prometheus.tool("check", "metrics", file: world.folder + "/metrics")
        #expect(check.code == 0, "\(check.out)\(check.err)")
        #expect(try await world.run("health").code == 0)
        #expect(try await world.run("health", "--ready").code == 0)
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        #expect(try await world.run("health").code == 69)
        prometheus.signal(SIGTERM)
        _ = await prometheus.end()
        try await world.remove()
    }

    @Test(
        "rules that promtool finds good, and whose tests pass",
        .enabled(if: Prometheus.folder != nil, Prometheus.hint))
    func rules() async throws {
        for words in [
            ["check", "config", "prometheus.yml"], ["check", "rules", "mendflow.rules.yml"],
            ["test", "rules", "mendflow.rules.test.yml"],
        ] {
            let end = try await Prometheus.tool(words[0], words[1], Prometheus.examples + "/" + words[2])
            #expect(end.code == 0, "\(end.out)\(end.err)")
        }
    }

    @Test("an agent whose port is taken ends at once and says what to do")
    func taken() async throws {
        let world = try World()
        try await world.initialise()
        let server = try HTTPServer.start { _ in .close }
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url) + "service: {listen: \"127.0.0.1:\(server.port)\"}\n")
        let end = try await world.run("run")
        #expect(end.code == 1)
        #expect(end.err.contains("cannot listen on 127.0.0.1:\(server.port): Address already in use"), "\(end.err)")
        #expect(end.err.contains("name another port in `service.listen`"))
        await server.stop()
        try await world.remove()
    }

    @Test("clients that are slow or many hold up no tick, and nobody else once they are gone")
    func slowClients() async throws {
        let world = try World()
        try await world.initialise()
        let port = try await Self.freePort()
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url) + "service: {listen: \"127.0.0.1:\(port)\"}\n")
        let agent = try world.start("run", seconds: 60)
        defer { agent.signal(SIGKILL) }
        try await agent.wrote("event=service.started ")
        let client = RawClient(port: port)
        let open = (0..<200).map { _ in client.open() }
        for descriptor in open { client.send(descriptor, "GET /healthz HTTP/1.1\r\nHost: loc") }
        try await agent.wrote("msg=\"tick 4\"")
        for descriptor in open { close(descriptor) }
        // The agent may learn a moment later that they are gone.
        var code: Int32 = 1
        for _ in 1...20 where code != 0 { code = try await world.run("health").code }
        #expect(code == 0)
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        try await world.remove()
    }

    /// A port that nobody listened on a moment ago.
    private static func freePort() async throws -> UInt16 {
        let server = try HTTPServer.start { _ in .close }
        await server.stop()
        return server.port
    }

    /// Scrapes and evaluates the example's rules every second.
    private static func configuration(_ port: UInt16) -> String {
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["\(Prometheus.examples)/mendflow.rules.yml"]
        scrape_configs:
          - job_name: mendflow
            static_configs: [{targets: ["127.0.0.1:\(port)"]}]

        """
    }

    /// Whether a query has an answer.
    private static func isTrue(_ query: String, _ port: UInt16) async throws -> Bool {
        let encoded = query.utf8.map { byte in
            let isPlain = (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (0x30...0x39).contains(byte) || byte == 0x5F
            return isPlain
                ? String(decoding: [byte], as: UTF8.self) : "%" + String(Int(byte) | 0x100, radix: 16).suffix(2)
        }.joined()
        let answer = await RawClient(port: port).exchange(
            "GET /api/v1/query?query=\(encoded) HTTP/1.0\r\nHost: localhost\r\n\r\n")
        try #require(answer.contains("\"status\":\"success\""), "\(answer)")
        return !answer.contains("\"result\":[]")
    }
}
