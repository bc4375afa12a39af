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

@Suite("Instances that come and go while an agent runs", .timeLimit(.minutes(30)))
struct ComingAndGoingTests {
    /// One n8n at `http://n8n`, another one at `http://other`, and files that change.
    private struct World: Sendable {
        static let start = AgentTime(milliseconds: 1_793_606_400_000)
        let simulation: Simulation
        let other: SimulatorBox
        let disk = MemoryDisk()
        let database: SimulatedDatabase
        let events = Events()
        let listeners = [MemoryListeners(), MemoryListeners(), MemoryListeners()]
        let files: MemoryFiles

        init() {
            func n8n() -> Simulator {
                var n8n = Simulator(now: World.start.milliseconds)
                n8n.configuration.keys = [.init(key: "key", name: "agent")]
                return n8n
            }
            let simulation = Simulation(seed: 11, start: World.start, n8n())
            self.simulation = simulation
            other = SimulatorBox(n8n()) { simulation.clock.now().milliseconds }
            database = SimulatedDatabase(simulation.clock, seed: 11)
            files = MemoryFiles([
                "/m/mendflow.yaml":
                    """
                mode: enforce
                policies: policies/
                poll_interval: 5s
                instances_from: instances/
                service: {listen: "127.0.0.1:9464"}
                """,
                "/m/policies/p.yaml": Folder.policy("retry", "*"),
                "/m/instances/main.yaml": World.instance("main", "http://n8n"),
            ])
        }

        static func instance(_ name: String, _ url: String, _ more: String = "") -> String {
            "name: \(name)\nurl: \(url)\napi_key_env: KEY\n\(more)"
        }

        func environment(_ process: Int, isShared: Bool) -> Environment {
            let (box, other) = (simulation.box, other)
            var environment = Environment(
                clock: simulation.clock, files: files,
                variables: [
                    "KEY": "key", "HOSTNAME": "agent\(process)", "HINTS": "key-of-hints-0123456789",
                ],
                user: "operator",
                connect: { SimulatedTransport($0.address.contains("other") ? other : box) },
                ledgers: isShared ? database.ledgers(host: process) : disk.ledgers(process: process),
                log: { [events] _, _ in events }, signals: { _ in () })
            environment.random = { UInt64(process) }
            environment.listen = listeners[process].listening
            return environment
        }

        func begin(_ process: Int, isShared: Bool = false) throws -> (host: MendflowHost, task: Task<Void, Never>) {
            let loaded = try Workspace.load(
                path: "/m/mendflow.yaml", environment: environment(process, isShared: isShared))
            let host = MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
            return (host, Task(executorPreference: simulation.executor) { try? await host.run(once: false) })
        }

        func initialise(_ name: String, _ url: String, isShared: Bool = false) async throws {
            let request = Initialise.Request(
                folder: "/m", name: name, url: url, keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: environment(0, isShared: isShared))
        }

        func rest(_ period: Period) async throws { try await simulation.clock.sleep(for: period) }
    }

    @Test("one that comes waits for its baseline and is looked after then; one that goes is left alone")
    func alone() throws {
        let world = World()
        try world.simulation.run {
            try await world.initialise("main", "http://n8n")
            let agent = try world.begin(1)
            try await world.rest(.seconds(30))
            world.files.write("/m/instances/other.yaml", World.instance("other", "http://other", "mode: dry_run\n"))
            try await world.rest(.seconds(30))
            #expect(world.events.named("instance.added").count == 1)
            let waits = world.events.named("instance.waits")
            #expect(waits.first?.instance == "other")
            #expect(waits.first?.message.contains("mendflow init --name other") == true)
            try await world.initialise("other", "http://other")
            try await world.rest(.seconds(90))
            let instance = await agent.host.status.instance("other")
            #expect(instance?.mode == .dryRun && (instance?.ticks ?? 0) > 0)
            let before = await agent.host.status.instance("other")?.ticks ?? 0
            world.files.write("/m/instances/other.yaml", World.instance("other", "http://other", "mode: off\n"))
            try await world.rest(.seconds(30))
            #expect(await agent.host.status.instance("other") == nil)
            world.files.write("/m/instances/other.yaml", World.instance("other", "http://other"))
            try await world.rest(.seconds(30))
            let again = await agent.host.status.instance("other")
            #expect(again?.mode == .enforce && (again?.ticks ?? 0) > 0 && before > 0)
            world.files.write("/m/instances/other.yaml", nil)
            try await world.rest(.seconds(30))
            #expect(world.events.named("instance.removed").map(\.message).allSatisfy { $0.contains("'other' is gone") })
            #expect(await agent.host.status.values.instances.map(\.name) == ["main"])
            let main = await agent.host.status.instance("main")
            #expect((main?.ticks ?? 0) > 30)
            agent.host.stop()
            await agent.task.value
        }
    }

    @Test("one whose baseline was just made is looked after at once where a person says so")
    func asked() throws {
        let world = World()
        try world.simulation.run {
            try await world.initialise("main", "http://n8n")
            let agent = try world.begin(1)
            world.files.write("/m/instances/other.yaml", World.instance("other", "http://other"))
            try await world.rest(.seconds(30))
            #expect(world.events.named("instance.waits").count == 1)
            try await world.initialise("other", "http://other")
            agent.host.reload()
            try await world.rest(.seconds(2))
            let other = await agent.host.status.instance("other")
            #expect((other?.ticks ?? 0) > 0)
            agent.host.stop()
            await agent.task.value
        }
    }

    @Test("the hints of one that comes are taken in from then on, and those of one that goes are refused")
    func hints() throws {
        let world = World()
        let post: @Sendable () async -> Int? = {
            let headers: HTTPHeaders = ["Authorization": "Bearer key-of-hints-0123456789"]
            let line = try? Repository.text("Tests/Fixtures/hints/error-trigger.jsonl").split(separator: "\n").first
            let body = Array((line ?? "").utf8)
            return await world.listeners[1].ask(
                HTTPRequest(.post, "/hints/error-trigger", headers: headers, body: body))?.status
        }
        try world.simulation.run {
            try await world.initialise("main", "http://n8n")
            let agent = try world.begin(1)
            try await world.rest(.seconds(30))
            #expect(await post() == 401)
            let hinted = World.instance("other", "http://other", "hints: {token_env: HINTS}\n")
            world.files.write("/m/instances/other.yaml", hinted)
            try await world.initialise("other", "http://other")
            try await world.rest(.seconds(90))
            #expect(await post() == 200)
            #expect(agent.host.status.looks.hints.map(\.instance) == ["other", ""])
            #expect(world.events.named("restart.needed").isEmpty)
            world.files.write("/m/instances/other.yaml", World.instance("other", "http://other"))
            try await world.rest(.seconds(30))
            #expect(await post() == 401)
            agent.host.stop()
            await agent.task.value
        }
    }

    @Test("when the only one goes the agent stays, and looks after the next that comes")
    func last() throws {
        let world = World()
        try world.simulation.run {
            try await world.initialise("main", "http://n8n")
            let agent = try world.begin(1)
            try await world.rest(.seconds(30))
            world.files.write("/m/instances/main.yaml", World.instance("main", "http://n8n", "mode: off\n"))
            try await world.rest(.minutes(5))
            #expect(await agent.host.status.values.instances.isEmpty)
            #expect(world.events.named("stopped").isEmpty)
            world.files.write("/m/instances/main.yaml", World.instance("main", "http://n8n"))
            try await world.rest(.seconds(40))
            let main = await agent.host.status.instance("main")
            #expect((main?.ticks ?? 0) > 0)
            agent.host.stop()
            await agent.task.value
        }
    }

    @Test("where agents share the ledger each of them takes its share of what comes, and gives back what goes")
    func shared() throws {
        let world = World()
        try world.simulation.run {
            try await world.initialise("main", "http://n8n", isShared: true)
            let agents = [try world.begin(1, isShared: true), try world.begin(2, isShared: true)]
            try await world.rest(.seconds(30))
            world.files.write("/m/instances/other.yaml", World.instance("other", "http://other"))
            try await world.initialise("other", "http://other", isShared: true)
            try await world.rest(.minutes(3))
            var board = try await world.database.ledger.board()
            let leaders = ["main", "other"].map { board.held($0)?.holder.text }
            #expect(Set(leaders) == ["agent1-0001", "agent2-0002"], "\(leaders)")
            world.files.write("/m/instances/other.yaml", nil)
            try await world.rest(.minutes(1))
            board = try await world.database.ledger.board()
            #expect(board.held("other") == nil && board.held("main") != nil)
            for agent in agents {
                agent.host.stop()
                await agent.task.value
            }
        }
    }
}
