import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Synchronization
import Testing

@testable import MendflowHost

/// Several hosts that share a database, beside several n8n's in which something fails now and then.
final class SharedLedgerWorld: Sendable {
    static let start = AgentTime(milliseconds: 1_793_606_400_000)
    static let period = Period.seconds(20)

    let simulation: Simulation
    let database: SimulatedDatabase
    let names: [String]
    private let files: MemoryFiles
    private let machines = Mutex<[Int: Machine]>([:])
    private let random = Mutex(SplitMix64(seed: 7))
    /// Which hosts do not reach which n8n.
    private let cuts = Mutex<[Int: Set<String>]>([:])
    /// What the hosts log.
    let events = Events()

    /// A host's process.
    struct Machine: Sendable {
        var life: SimulatedProcess
        var host: MendflowHost
        var task: Task<Void, Never>
    }

    var clock: VirtualClock { simulation.clock }

    /// As many n8n's as are said, each with a workflow that fails every five minutes.
    init(instances: Int, seed: UInt64 = 1, keeping copies: Int = 0) throws {
        let names = (1...instances).map { "n8n-\($0)" }
        let simulators = names.indices.map { SharedLedgerWorld.simulator($0) }
        self.names = names
        simulation = Simulation(
            seed: seed, start: SharedLedgerWorld.start, try #require(simulators.first), Array(simulators.dropFirst()))
        database = SimulatedDatabase(simulation.clock, seed: seed, ahead: .seconds(-40), keeping: copies)
        let entries = names.map { "  - {name: \($0), url: \"http://\($0)\", api_key_env: KEY}" }
        files = MemoryFiles([
            "/m/mendflow.yaml": """
            mode: enforce
            policies: policies/
            poll_interval: 30s
            cluster: {lease: 20s, send_within: 5s}
            instances:
            \(entries.joined(separator: "\n"))
            """,
            "/m/policies/p.yaml": Folder.policy("retry", "*"),
        ])
    }

    /// No two have the same rows, by which entries for one server are told.
    private static func simulator(_ place: Int) -> Simulator {
        var simulator = Simulator(now: start.milliseconds)
        simulator.configuration.keys = [.init(key: "key", name: "agent")]
        let failed = Simulator.Outcome.error(.http(503, method: "GET"), after: 100)
        simulator.add(
            Simulator.Workflow(
                id: "Wf00000000000001", name: "Orders",
                nodes: [.webhook("hook"), .http("Get order", method: "GET", url: "http://shop.example/orders")],
                script: .init(thenAlways: [failed], retries: Array(repeating: .success(after: 30_000), count: 500))))
        simulator.trigger("Wf00000000000001", every: 300_000, from: start.milliseconds + 60_000 + 7_000 * Int64(place))
        return simulator
    }

    func environment(_ host: Int) -> Environment {
        let servers = Dictionary(uniqueKeysWithValues: zip(names.map { "http://\($0)" }, simulation.boxes))
        var environment = Environment(
            clock: clock, files: files, variables: ["KEY": "key", "HOSTNAME": "machine\(host)"], user: "operator",
            connect: { connection in
                guard let box = servers[connection.address] else { preconditionFailure("no such server") }
                return CutTransport(base: SimulatedTransport(box)) { [self] in
                    cuts.withLock { $0[host]?.contains(connection.address) ?? false }
                }
            }, ledgers: database.ledgers(host: host), log: { [events] _, _ in events }, signals: { _ in () })
        environment.random = { [self] in random.withLock { $0.next() } }
        return environment
    }

    /// What lies between a host and an n8n lets nothing through from now on, or everything.
    func cut(_ host: Int, from instance: String, _ isCut: Bool = true) {
        cuts.withLock { cuts in
            if isCut {
                cuts[host, default: []].insert("http://\(instance)")
            } else {
                cuts[host]?.remove("http://\(instance)")
            }
        }
    }

    private struct CutTransport: Transport {
        let base: any Transport
        let isCut: @Sendable () -> Bool

        func send(
            _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
        ) async throws(TransportFailure) -> TransferSummary {
            guard !isCut() else { throw TransportFailure(.unconnected, bytesSent: 0, message: "no route to host") }
            return try await base.send(request, observer: observer)
        }
    }

    /// Starts a host.
    func begin(_ host: Int) throws {
        let life = SimulatedProcess()
        let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: life.environment(environment(host)))
        let process = MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
        let task = Task(executorPreference: simulation.executor) {
            do { try await process.run(once: false) } catch { Issue.record("machine\(host): \(error)") }
        }
        machines.withLock { $0[host] = Machine(life: life, host: process, task: task) }
    }

    func machine(_ host: Int) throws -> Machine { try #require(machines.withLock { $0[host] }) }

    /// Runs a story with some hosts.
    func live(hosts: Int, _ story: @escaping @Sendable () async throws -> Void) throws {
        defer {
            for machine in machines.withLock({ $0.values }) {
                machine.life.bury()
                machine.task.cancel()
            }
            simulation.drain()
        }
        try simulation.run { [self] in
            let since = ClockOffset.zero.server(clock.now())
            let ledger = try await Ledger(database.ledger, LedgerScope())
            for name in names {
                let baseline = InstanceBaseline(
                    instance: InstanceKey(name: name, epoch: 1), url: "http://\(name)", since: since, highest: nil,
                    fingerprints: [], at: since)
                try await ledger.append([LedgerEntry(.began(baseline, .initialised(by: "test")), at: clock.now())])
            }
            for host in 1...hosts { try begin(host) }
            try await story()
        }
    }

    // What the database says.

    /// Which host leads an instance now.
    func leader(_ instance: String) -> Int? {
        database.board.held(instance).flatMap { SharedLedgerWorld.host($0.holder) }
    }

    /// How many instances each host leads now.
    var shares: [Int: Int] {
        names.compactMap(leader).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func host(_ name: AgentName) -> Int? {
        name.text.split(separator: "-").first.flatMap { Int($0.drop { !$0.isNumber }) }
    }

    /// What was retried more than once, or never though it failed long ago.
    func faults(_ place: Int) -> [String] {
        simulation.boxes[place].withSimulator { n8n in
            var retries: [Int: Int] = [:]
            for deed in n8n.deeds { if case .retried(let id, _) = deed.what { retries[id, default: 0] += 1 } }
            let twice = retries.filter { $0.value > 1 }.keys.sorted().map {
                "\($0) was retried \(retries[$0] ?? 0) times"
            }
            let limit = n8n.now - 300_000
            let missed = n8n.database.ids.filter { id in
                guard let row = n8n.database[id], row.status == .error, row.stoppedAt ?? .max < limit else {
                    return false
                }
                return retries[id] == nil
            }
            return twice + missed.sorted().map { "\($0) was never retried" }
        }
    }
}
