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

@Suite("A host that is told to read its files anew")
struct ReloadNowTests {
    private static let start = AgentTime(milliseconds: 1_793_606_400_000)

    /// Two n8n, and files that change.
    private struct World: Sendable {
        let simulation: Simulation
        let other: SimulatorBox
        let disk = MemoryDisk()
        let events = Events()
        let files = MemoryFiles([
            "/m/mendflow.yaml": """
            policies: policies/
            poll_interval: 1h
            instances:
              - {name: main, url: "http://n8n", api_key_env: KEY}
              - {name: other, url: "http://other", api_key_env: KEY}
            """,
            "/m/policies/p.yaml": Folder.policy("retry", "*"),
        ])

        init() {
            func n8n() -> Simulator {
                var n8n = Simulator(now: start.milliseconds)
                n8n.configuration.keys = [.init(key: "key", name: "agent")]
                return n8n
            }
            let simulation = Simulation(seed: 5, start: start, n8n())
            self.simulation = simulation
            other = SimulatorBox(n8n()) { simulation.clock.now().milliseconds }
        }

        func environment(_ process: Int) -> Environment {
            let (box, other) = (simulation.box, other)
            return Environment(
                clock: simulation.clock, files: files, variables: ["KEY": "key"], user: "operator",
                connect: { SimulatedTransport($0.address.contains("other") ? other : box) },
                ledgers: disk.ledgers(process: process), log: { [events] _, _ in events }, signals: { _ in () })
        }

        func initialise(_ name: String, _ url: String) async throws {
            let request = Initialise.Request(
                folder: "/m", name: name, url: url, keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: environment(0))
        }

        /// The policies that the ledger says came into force, and which requests n8n and the other one got.
        func requests() -> [Int] {
            [simulation.box, other].map { $0.withSimulator { $0.requests.count } }
        }
    }

    /// Writes policies to an agent that has looked, and tells it of them; then a second passes.
    private func reload(_ policies: String, in world: World) throws {
        try world.simulation.run {
            try await world.initialise("main", "http://n8n")
            try await world.initialise("other", "http://other")
            let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: world.environment(1))
            let host = MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
            let task = Task(executorPreference: world.simulation.executor) { try? await host.run(once: false) }
            try await world.simulation.clock.sleep(for: .minutes(5))
            let before = world.requests()
            world.files.write("/m/policies/p.yaml", policies)
            host.reload()
            try await world.simulation.clock.sleep(for: .seconds(1))
            #expect(zip(before, world.requests()).allSatisfy { $0 < $1 }, "\(before) \(world.requests())")
            host.stop()
            await task.value
        }
    }

    @Test("stays up where no instance is to be looked at, says so, and asks for a restart once one is")
    func off() throws {
        let world = World()
        let text = String(decoding: try world.files.read("/m/mendflow.yaml", limit: 10_000).get(), as: UTF8.self)
        try world.simulation.run {
            try await world.initialise("main", "http://n8n")
            try await world.initialise("other", "http://other")
            let before = world.requests()
            world.files.write(
                "/m/mendflow.yaml", text.replacing("api_key_env: KEY}", with: "api_key_env: KEY, mode: off}"))
            let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: world.environment(1))
            let host = MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
            let task = Task(executorPreference: world.simulation.executor) { try? await host.run(once: false) }
            try await world.simulation.clock.sleep(for: .hours(5))
            #expect(world.events.named("idle").count == 1 && world.events.named("stopped").isEmpty)
            world.files.write("/m/mendflow.yaml", text)
            try await world.simulation.clock.sleep(for: .hours(4))
            #expect(world.events.named("stopped").isEmpty && world.requests() == before)
            let asked = world.events.named("restart.needed").map(\.message)
            #expect(asked.contains { $0.contains("`instances`") }, "\(asked)")
            host.stop()
            await task.value
        }
    }

    @Test("does it at once, and looks at every instance with what it read, long before a tick is due")
    func atOnce() throws {
        let world = World()
        try reload(Folder.policy("retry", "*", retries: 2), in: world)
        #expect(world.events.named("policies.reloaded").count == 1)
    }

    @Test("says at once what is wrong with them, and looks all the same")
    func bad() throws {
        let world = World()
        try reload("policies: [{nmae: retry}]\n", in: world)
        #expect(!world.events.named("policies.kept").isEmpty)
    }
}
