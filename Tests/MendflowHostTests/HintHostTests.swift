import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowHost

@Suite("An agent that takes hints in")
struct HintHostTests {
    private static let start = AgentTime(milliseconds: 1_793_606_400_000)
    private static let token = "0123456789abcdef-hints"

    /// A host in memory beside an n8n that tells of what it does.
    private struct World: Sendable {
        let simulation: Simulation
        let listeners = MemoryListeners()
        let events = Events()
        let disk = MemoryDisk()
        let files: MemoryFiles

        init(_ extra: String = "", _ set: (inout Simulator) -> Void) {
            var simulator = Simulator(now: start.milliseconds)
            simulator.configuration.keys = [.init(key: "key", name: "agent")]
            simulator.configuration.telling = .init(batch: 300)
            set(&simulator)
            simulation = Simulation(seed: 1, start: start, simulator)
            files = MemoryFiles([
                "/m/mendflow.yaml": """
                policies: policies/
                instances: [{name: main, url: "http://n8n", api_key_env: KEY, hints: {token_env: HINTS}}\(extra)]
                service: {listen: "127.0.0.1:9464"}
                """,
                "/m/policies/p.yaml": Folder.policy("retry", "*"),
            ])
        }

        func environment(_ process: Int, _ token: String = token) -> Environment {
            let box = simulation.box
            var environment = Environment(
                clock: simulation.clock, files: files, variables: ["KEY": "key", "HINTS": token], user: "operator",
                connect: { _ in SimulatedTransport(box) }, ledgers: disk.ledgers(process: process),
                log: { [events] _, _ in events }, signals: { _ in () })
            environment.listen = listeners.listening
            return environment
        }

        func initialise() async throws {
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: environment(0))
        }

        /// Runs a host, and what carries n8n's messages to it, while something happens.
        func live(_ token: String = token, _ story: @escaping @Sendable () async throws -> Void) throws {
            try simulation.run {
                try await initialise()
                let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment(1, token))
                let host = MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
                let told = ToldMessages(simulation, token: HintHostTests.token) { await listeners.ask($0) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await host.run(once: false) }
                    group.addTask { await told.carry() }
                    group.addTask {
                        try await story()
                        host.stop()
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
        }

        func records() async throws -> [AuditRecord] {
            let store = try await disk.ledgers(process: 9).open("/m/mendflow.sqlite", .read)
            return try await store.records(after: 0, limit: 10_000).map { try CanonicalRecord(bytes: $0.bytes).record }
        }
    }

    private static let workflow = Simulator.Workflow(
        id: "Wf00000000000001", name: "Orders", nodes: [.webhook("orders"), .http(url: "http://shop.example")],
        script: .init(next: Array(repeating: .error(.http(503), after: 100), count: 20)))

    @Test("decides about each of twenty failures within two seconds, and puts on record that hints arrive")
    func prompt() throws {
        let world = World { $0.add(Self.workflow) }
        try world.live { try await Self.expectPrompt(world, try await Self.failures(world)) }
        #expect(world.events.named("hints.arrive").count == 1)
    }

    /// A run that fails every seven seconds, and when it had failed.
    private static func failures(_ world: World) async throws -> [(id: ExecutionID, end: AgentTime)] {
        var failed: [(id: ExecutionID, end: AgentTime)] = []
        for _ in 0..<20 {
            try await world.simulation.clock.sleep(for: .milliseconds(7_300))
            let now = world.simulation.clock.now()
            let id = world.simulation.box.withSimulator { $0.trigger(workflow.id, now: now.milliseconds) } ?? 0
            failed.append((ExecutionID("\(id)"), now + .milliseconds(100)))
        }
        try await world.simulation.clock.sleep(for: .seconds(10))
        return failed
    }

    private static func expectPrompt(_ world: World, _ failed: [(id: ExecutionID, end: AgentTime)]) async throws {
        let records = try await world.records()
        for (id, end) in failed {
            let decision = records.first { $0.kind == .decision && $0.execution == id }
            let decided = try #require(decision?.at)
            #expect(decided - end <= .seconds(2), "\(id): \(decided - end)")
        }
        let hinted = records.filter { $0.fields["what"] == "hints_arrive" }
        let releases = hinted.map { $0.fields["release"] ?? .null }
        #expect(releases == [.null] || releases == [.text("2.41.1")] || releases == [.null, .text("2.41.1")])
    }

    @Test("does not start with a token that is missing, too short, or another instance's")
    func tokens() throws {
        for (token, extra, words) in [
            ("", "", "cannot be had"), ("short", "", "needs 16"),
            (
                Self.token, ", {name: b, url: \"http://b\", api_key_env: KEY, mode: off, hints: {token_env: HINTS}}",
                "have one token"
            ),
        ] {
            let world = World(extra) { $0.add(Self.workflow) }
            do {
                try world.live(token) { try await world.simulation.clock.sleep(for: .seconds(5)) }
                Issue.record("it started: \(words)")
            } catch let failure as MendflowFailure {
                #expect(failure.message.contains(words), "\(failure.message)")
            }
        }
    }
}
