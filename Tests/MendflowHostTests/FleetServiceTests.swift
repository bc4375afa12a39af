import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowHost

@Suite("Agents that share a ledger, as each of them shows it", .timeLimit(.minutes(30)))
struct FleetServiceTests {
    /// Two hosts with a service each, one database for both, and one n8n.
    private struct World: Sendable {
        static let start = AgentTime(milliseconds: 1_793_606_400_000)
        let simulation: Simulation
        let database: SimulatedDatabase
        let listeners = [MemoryListeners(), MemoryListeners(), MemoryListeners()]
        let files: MemoryFiles

        init() {
            var n8n = Simulator(now: World.start.milliseconds)
            n8n.configuration.keys = [.init(key: "key", name: "agent")]
            simulation = Simulation(seed: 7, start: World.start, n8n)
            database = SimulatedDatabase(simulation.clock, seed: 7)
            files = MemoryFiles([
                "/m/mendflow.yaml": """
                mode: enforce
                policies: policies/
                instances: [{name: main, url: "http://n8n", api_key_env: KEY}]
                service: {listen: "127.0.0.1:9464"}
                """,
                "/m/policies/p.yaml": Folder.policy("retry", "*"),
            ])
        }

        func environment(_ process: Int) -> Environment {
            let box = simulation.box
            var environment = Environment(
                clock: simulation.clock, files: files, variables: ["KEY": "key", "HOSTNAME": "agent\(process)"],
                user: "operator", connect: { _ in SimulatedTransport(box) },
                ledgers: database.ledgers(host: process), log: { _, _ in Events() }, signals: { _ in () })
            environment.listen = listeners[process].listening
            environment.random = { UInt64(process) }
            return environment
        }

        func workspace(_ process: Int) throws -> Workspace {
            let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment(process))
            return try #require(loaded.workspace, "\(loaded.report)")
        }

        func begin(_ process: Int) throws -> (host: MendflowHost, task: Task<Void, Never>) {
            let host = MendflowHost(try workspace(process), asked: nil)
            return (host, Task(executorPreference: simulation.executor) { try? await host.run(once: false) })
        }

        func initialise() async throws {
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: environment(0))
        }

        func ask(_ target: String, of process: Int) async -> String {
            let request = HTTPRequest(.get, target, headers: ["Accept": "text/plain"])
            return await listeners[process].ask(request).map { String(decoding: $0.body, as: UTF8.self) } ?? ""
        }

        func rest(_ period: Period) async throws { try await simulation.clock.sleep(for: period) }
    }

    @Test("metrics of each say whether it leads, and the console who does; when the leader stops the other one leads")
    func handover() throws {
        let world = World()
        try world.simulation.run {
            try await world.initialise()
            let first = try world.begin(1)
            try await world.rest(.seconds(40))
            let second = try world.begin(2)
            try await world.rest(.seconds(40))
            var (one, two) = await (world.ask("/metrics", of: 1), world.ask("/metrics", of: 2))
            #expect(
                one.contains("mendflow_leads{n8n=\"main\"} 1\n") && two.contains("mendflow_leads{n8n=\"main\"} 0\n"))
            #expect(one.contains("mendflow_agents 2\n") && two.contains("mendflow_agents 2\n"))
            #expect(
                two.contains("mendflow_lease_epoch{n8n=\"main\"} 1\n") && two.contains("mendflow_instances_unled 0\n"))
            // Only who leads it has looked at it.
            #expect(
                one.contains("mendflow_last_tick_timestamp_seconds{") && !two.contains("mendflow_last_tick_timestamp"))
            let page = await world.ask("/", of: 2)
            #expect(page.contains("<h2>Agents</h2>") && page.contains("agent1-0001") && page.contains("agent2-0002"))
            #expect(page.contains("Only the agent that leads it has looked"), "\(page)")
            let fleet = try #require(try await Fleet.read(try world.workspace(0)))
            #expect(fleet.lead(of: "main").leader == AgentName("agent1-0001"))
            first.host.stop()
            await first.task.value
            try await world.rest(.seconds(10))
            two = await world.ask("/metrics", of: 2)
            #expect(two.contains("mendflow_leads{n8n=\"main\"} 1\n") && two.contains("mendflow_agents 1\n"))
            #expect(two.contains("mendflow_lease_epoch{n8n=\"main\"} 2\n"))
            let status = try #require(try await StatusQuery.run(try world.workspace(0), instance: nil).first)
            #expect(status.lead?.leader == AgentName("agent2-0002") && status.life == .running)
            second.host.stop()
            await second.task.value
            one = await world.ask("/metrics", of: 1)
            #expect(one.isEmpty)
        }
    }

    @Test("an agent that is cut off from the ledger is not ready, and alive: nobody has to restart it")
    func cutOff() throws {
        let world = World()
        try world.simulation.run {
            try await world.initialise()
            let first = try world.begin(1)
            try await world.rest(.seconds(40))
            world.database.cut(1, .whole)
            try await world.rest(.minutes(30))
            let ready = await world.ask("/readyz?verbose", of: 1)
            #expect(ready.contains("no agent leads it"), "\(ready)")
            let healthy = await world.ask("/healthz", of: 1)
            #expect(healthy == "ok\n")
            world.database.cut(1, nil)
            try await world.rest(.minutes(2))
            let again = await world.ask("/readyz", of: 1)
            #expect(again == "ok\n")
            first.host.stop()
            await first.task.value
        }
    }
}
