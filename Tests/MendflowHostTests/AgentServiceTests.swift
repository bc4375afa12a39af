import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowHost

@Suite("The service of an agent that runs")
struct AgentServiceTests {
    /// A host in memory with a service.
    struct World {
        static let start = AgentTime(milliseconds: 1_793_606_400_000)
        let simulation: Simulation
        let listeners = MemoryListeners()
        let events = Events()
        let disk = MemoryDisk()
        let files: MemoryFiles

        init(service: String) {
            var simulator = Simulator(now: Self.start.milliseconds)
            simulator.configuration.keys = [.init(key: "key", name: "agent")]
            simulation = Simulation(seed: 1, start: Self.start, simulator)
            files = MemoryFiles([
                "/m/mendflow.yaml": """
                mode: enforce
                policies: policies/
                instances: [{name: main, url: "http://n8n", api_key_env: KEY}]
                service: \(service)
                """,
                "/m/policies/p.yaml": Folder.policy("retry", "*"),
            ])
        }

        func environment(_ process: Int, variables: [String: String] = [:]) -> Environment {
            let box = simulation.box
            var environment = Environment(
                clock: simulation.clock, files: files,
                variables: variables.merging(["KEY": "key"]) { first, _ in first }, user: "operator",
                connect: { _ in SimulatedTransport(box) }, ledgers: disk.ledgers(process: process),
                log: { [events] _, _ in events }, signals: { _ in () })
            environment.listen = listeners.listening
            return environment
        }

        func host(_ process: Int, variables: [String: String] = [:]) throws -> MendflowHost {
            let environment = environment(process, variables: variables)
            let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment)
            return MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
        }

        func initialise() async throws {
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: environment(0))
        }

        func ask(_ target: String, _ headers: HTTPHeaders = [:]) async -> (Int, String)? {
            await listeners.ask(HTTPRequest(.get, target, headers: headers)).map {
                ($0.status, String(decoding: $0.body, as: UTF8.self))
            }
        }
    }

    @Test("listens as long as it runs, tells that it lives and is ready, and why it is not")
    func health() throws {
        let world = World(service: "{listen: 127.0.0.1:9464}")
        try world.simulation.run {
            try await world.initialise()
            let host = try world.host(1)
            let task = Task(executorPreference: world.simulation.executor) { try? await host.run(once: false) }
            try await world.simulation.clock.sleep(for: .seconds(40))
            #expect(await world.ask("/healthz")?.0 == 200)
            #expect(try #require(await world.ask("/readyz")) == (200, "ok\n"))
            let verbose = try #require(await world.ask("/readyz?verbose"))
            #expect(verbose.0 == 200 && verbose.1.contains("\"read_seconds_ago\": 10"), "\(verbose)")
            #expect(await world.ask("/elsewhere")?.0 == 404)
            world.simulation.box.withSimulator { $0.configuration.keys = [] }
            try await world.simulation.clock.sleep(for: .minutes(4))
            #expect(await world.ask("/healthz")?.0 == 200)
            let unready = try #require(await world.ask("/readyz"))
            #expect(unready.0 == 503 && unready.1.hasPrefix("main: it was not read for "), "\(unready)")
            host.stop()
            await task.value
            #expect(world.listeners.ports.isEmpty)
            #expect(world.events.named("service.started").count == 1)
        }
    }

    @Test("keeps its reasons for whoever has the token, and needs a good one")
    func token() throws {
        let world = World(service: "{token_env: TOKEN, listen: \"0.0.0.0:9464\"}")
        let token = "a-token-that-nobody-guesses"
        try world.simulation.run {
            try await world.initialise()
            for (variables, words) in [([:], "is not set"), (["TOKEN": "short"], "openssl rand")] {
                let host = try world.host(1, variables: variables)
                let failure = await #expect(throws: MendflowFailure.self) { try await host.run(once: false) }
                #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
                world.disk.release(process: 1)
            }
            world.simulation.box.withSimulator { $0.configuration.keys = [] }
            let host = try world.host(1, variables: ["TOKEN": token])
            let task = Task(executorPreference: world.simulation.executor) { try? await host.run(once: false) }
            try await world.simulation.clock.sleep(for: .minutes(4))
            #expect(try #require(await world.ask("/readyz?verbose")) == (503, "not ok\n"))
            let told = try #require(await world.ask("/readyz?verbose", ["Authorization": "Bearer \(token)"]))
            #expect(told.1.contains("it was not read since the start"), "\(told)")
            host.stop()
            await task.value
        }
    }

    @Test("does not start where the port is taken, and says what to do; what runs once does not listen")
    func taken() throws {
        let world = World(service: "{hosts: [mendflow.example.com]}")
        try world.simulation.run {
            try await world.initialise()
            let other = try await world.listeners.listening(.init(number: 0, port: 9464), 0) { _ in .init(status: 200) }
            let host = try world.host(1)
            let failure = await #expect(throws: MendflowFailure.self) { try await host.run(once: false) }
            #expect(
                failure?.message
                    == "cannot listen on 127.0.0.1:9464: Address already in use; is another program there, or an agent "
                    + "that was started twice? Stop it, or name another port in `service.listen` of /m/mendflow.yaml")
            world.disk.release(process: 1)
            try await world.host(2).run(once: true)
            await other.close()
        }
    }

    @Test("counts what happens, from the ledger and on the way, and begins again with its process")
    func metrics() throws {
        let world = World(service: "{listen: 127.0.0.1:9464}")
        try world.simulation.run {
            try await world.initialise()
            let now = world.simulation.clock.now().milliseconds
            world.simulation.box.withSimulator { n8n in
                n8n.add(
                    Simulator.Workflow(
                        id: "Wf00000000000001", name: "Order sync",
                        nodes: [.webhook("orders"), .http(method: "POST", url: "http://shop.example/orders")],
                        script: .init(retriesThenAlways: [.success(after: 10)])))
                _ = n8n.addExecution(
                    of: "Wf00000000000001", status: .error, startedAt: now + 1_000, stoppedAt: now + 2_000,
                    error: .http(503, method: "POST"))
            }
            let host = try world.host(1)
            let task = Task(executorPreference: world.simulation.executor) { try? await host.run(once: false) }
            try await world.simulation.clock.sleep(for: .minutes(5))
            let lines = try await world.metrics()
            for line in [
                "mendflow_build_info{version=\"\(Version.text)\"} 1", "mendflow_instance_enforced{n8n=\"main\"} 1",
                "mendflow_instance_ready{n8n=\"main\"} 1", "mendflow_instance_stalled{n8n=\"main\"} 0",
                "mendflow_actions_total{n8n=\"main\",policy=\"retry\",action=\"retry\",mode=\"enforce\"} 1",
                "mendflow_action_outcomes_total{n8n=\"main\",policy=\"retry\",action=\"retry\",outcome=\"applied\"} 1",
                "mendflow_chain_outcomes_total{n8n=\"main\",policy=\"retry\",outcome=\"healed\"} 1",
                "mendflow_chain_outcomes_total{n8n=\"main\",policy=\"retry\",outcome=\"given_up\"} 0",
                "mendflow_open_intents{n8n=\"main\",state=\"unresolved\"} 0",
                "mendflow_n8n_requests_total{n8n=\"main\",endpoint=\"retry\",status=\"2xx\"} 1",
                "mendflow_known_executions{n8n=\"main\"} 2", "mendflow_policies{mode=\"enforce\"} 1",
                "mendflow_suspended{n8n=\"main\",action=\"retry\"} 0", "mendflow_paused{n8n=\"main\"} 0",
                "mendflow_ledger_readable 1", "mendflow_policy_reload_errors 0",
            ] { #expect(lines.contains(line), "\(line)\n\(lines.joined(separator: "\n"))") }
            world.files.write("/m/policies/p.yaml", "policies: [{name: retry, actoins: [retry]}]")
            try await world.simulation.clock.sleep(for: .minutes(2))
            #expect(
                try await world.metrics().contains {
                    $0.hasPrefix("mendflow_policy_reload_errors ") && !$0.hasSuffix(" 0")
                })
            world.files.write("/m/policies/p.yaml", Folder.policy("retry", "*"))
            host.stop()
            await task.value
            world.disk.release(process: 1)
            let second = try world.host(2)
            let next = Task(executorPreference: world.simulation.executor) { try? await second.run(once: false) }
            try await world.simulation.clock.sleep(for: .minutes(1))
            let again = try await world.metrics()
            #expect(again.contains("mendflow_chain_outcomes_total{n8n=\"main\",policy=\"retry\",outcome=\"healed\"} 0"))
            #expect(!again.contains { $0.hasPrefix("mendflow_actions_total") })
            second.stop()
            await next.value
        }
    }
}

extension AgentServiceTests.World {
    /// The lines of `/metrics`.
    func metrics() async throws -> [String] {
        let answer = try #require(await ask("/metrics"))
        #expect(answer.0 == 200)
        return answer.1.split(separator: "\n").map(String.init)
    }
}
