public import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowOperations
public import MendflowSimulator
public import MendflowTestKit
import MendflowWorkspace
private import Synchronization

/// A whole host, its disk and an n8n, in one thread, in virtual time: what happens follows from a plan alone.
public final class SeedWorld: Sendable {
    /// 2026-11-02T08:00:00Z
    public static let start = AgentTime(milliseconds: 1_793_606_400_000)
    static let ledger = "/m/mendflow.sqlite"

    /// What befalls it.
    public let plan: SeedPlan
    /// Whether a script stands in the agent's place.
    let isScripted: Bool
    let simulation: Simulation
    let files = MemoryFiles([:])
    let disk: MemoryDisk
    let record = SeedRecord()
    let door = HintDoor()
    /// Where people are told of what needs them.
    let hook: SeedHook
    private let process = Mutex(Process())
    private let waiting = Mutex<SeedEvent.Hand?>(nil)

    /// The host's process of the moment.
    private struct Process {
        var number = 0
        var life = SimulatedProcess()
        var host: MendflowHost?
        var tasks: [Task<Void, Never>] = []
        var dead: [SimulatedProcess] = []
    }

    /// The hand that moves as soon as the agent decides to act.
    var hand: SeedEvent.Hand? {
        get { waiting.withLock { $0 } }
        set { waiting.withLock { $0 = newValue } }
    }

    /// How many records the ledger has, and what their bytes add up to: the same for the same plan, in every process.
    ///
    /// - Throws: why the ledger cannot be read.
    public func digest() async throws -> String {
        let records = try await disk.ledger(SeedWorld.ledger)?.records(after: 0, limit: .max) ?? []
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in records.lazy.map(\.bytes).joined() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "\(records.count) records, \(String(hash, radix: 16))"
    }

    /// All that was done to n8n, and all that the ledger says of it, in the order in which it came about.
    ///
    /// - Throws: why the ledger cannot be read.
    public func chronicle() async throws -> [String] {
        let records = try await disk.ledger(SeedWorld.ledger)?.records(after: 0, limit: .max) ?? []
        let written = try records.map { (try $0.entry().at, String(decoding: $0.bytes, as: UTF8.self)) }
        let done = box.withSimulator { n8n in
            n8n.deeds.map { deed in
                let at = AgentTime(milliseconds: deed.at)
                return (at, "\(at) n8n: \(deed.what) by \(deed.by)")
            }
        }
        return (done + written).sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The clock of everybody.
    public var clock: VirtualClock { simulation.clock }
    /// The n8n.
    public var box: SimulatorBox { simulation.box }

    /// Makes the world of a plan; with a script in the agent's place (`RetryScript`) where it is `scripted`.
    public init(_ plan: SeedPlan, scripted isScripted: Bool = false) {
        self.plan = plan
        self.isScripted = isScripted
        disk = MemoryDisk(torn: plan.isOnTornDisk ? plan.seed : nil)
        var simulator = Simulator(now: SeedWorld.start.milliseconds, configuration: plan.kind)
        simulator.configuration.keys = [.init(key: "key", name: "agent")]
        simulator.add(tag: "Tag0000000000001", name: "needs-human")
        simulator.add(tag: "Tag0000000000002", name: "looked-at")
        simulator.add(tag: "Tag0000000000003", name: "seen")
        for workflow in SeedCast.allCases { simulator.add(workflow.workflow(plan)) }
        simulator.faults = plan.faults
        simulation = Simulation(seed: plan.seed, start: SeedWorld.start, simulator)
        hook = SeedHook(seed: plan.seed, simulation.clock)
        let configuration =
            SeedPlan.tellsHints(plan.seed) ? SeedWorld.configurationWithHints : SeedWorld.configuration
        files.write("/m/mendflow.yaml", configuration + plan.furtherConfiguration)
        files.write("/m/policies/retry.yaml", SeedWorld.policies(of: plan))
        for workflow in SeedCast.allCases { record.note(workflow, .zero) }
    }

    /// Everything outside, as a process of a number sees it.
    private func environment(_ number: Int, _ files: MemoryFiles? = nil) -> Environment {
        let (box, disk, record, clock, hook) = (box, disk, record, clock, hook)
        var environment = Environment(
            clock: clock, files: files ?? self.files, variables: ["KEY": "key", "HINTS": SeedWorld.hintToken],
            user: "operator",
            connect: { connection in
                if connection.address == SeedHook.url { return hook.door(of: number, disk, record) }
                return WitnessedTransport(
                    base: SimulatedTransport(box), box: box, disk: disk, record: record, clock: clock)
            },
            ledgers: number == 0
                ? disk.ledgers(process: number) : MeddledLedgers(base: disk.ledgers(process: number), world: self),
            log: { _, _ in Silence() }, signals: { _ in () })
        environment.listen = door.listening
        return environment
    }

    /// The configuration as an operator's command loads it.
    func workspace(_ number: Int = 0, files: MemoryFiles? = nil) throws -> Workspace? {
        try Workspace.load(path: "/m/mendflow.yaml", environment: environment(number, files)).workspace
    }
}

private struct Silence: EventSink {
    func emit(_ event: AgentEvent) {}
}

extension SeedWorld {
    /// Runs the plan: `init`, hours of turmoil, hours of peace.
    ///
    /// - Throws: `Simulation.Standstill` or `Deadlock`, which are faults of the agent's.
    public func run() throws {
        defer { bury() }
        try simulation.run { [self] in
            try await initialise()
            box.withSimulator { n8n in
                for workflow in SeedCast.allCases {
                    guard let (every, first) = workflow.schedule else { continue }
                    n8n.trigger(workflow.rawValue, every: every, from: SeedWorld.start.milliseconds + first)
                }
            }
            startHost()
            tellHints()
            var last = Period.zero
            for event in plan.events {
                try await clock.sleep(for: event.at - last)
                last = event.at
                await happen(event.what)
            }
            try await clock.sleep(for: SeedPlan.turmoil - last)
            await makePeace()
            try await clock.sleep(for: SeedPlan.turmoil)
            process.withLock { $0.life.kill() }
        }
    }

    struct Unloadable: Error {}

    /// `init`. Whoever sets it up tries again where n8n did not answer, and says since when where clocks are apart.
    private func initialise() async throws {
        guard let workspace = try workspace() else { throw Unloadable() }
        var request = Initialise.Request(
            folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
        while try await Initialise.run(request, environment: workspace.environment).failure != nil {
            await pass(.seconds(10))
            let ahead = box.withSimulator { $0.configuration.clockAhead }
            request.since = ServerTime(milliseconds: clock.now().milliseconds + ahead)
        }
    }

    /// Lets everything end that still holds the world.
    private func bury() {
        let (lives, tasks) = process.withLock { process in
            defer { process = Process() }
            return (process.dead + [process.life], process.tasks)
        }
        for life in lives { life.bury() }
        for task in tasks { task.cancel() }
        simulation.drain()
    }

    /// Starts a process with a host in it; it lives until it is killed.
    func startHost(diesAfter effects: Int? = nil) {
        let (number, life) = process.withLock { process in
            process.number += 1
            process.dead.append(process.life)
            process.life = SimulatedProcess(diesAfter: effects)
            return (process.number, process.life)
        }
        // When it dies nobody knows.
        if effects != nil { noteEnd() }
        let environment = life.environment(environment(number))
        guard !isScripted else { return startScript(environment) }
        guard let loaded = try? Workspace.load(path: "/m/mendflow.yaml", environment: environment),
            let workspace = loaded.workspace
        else { return }
        let host = MendflowHost(workspace, asked: nil)
        let task = Task(executorPreference: simulation.executor) { [self] in
            do { try await host.run(once: false) } catch {}
            // It has ended by itself.
            process.withLock { if $0.number == number { $0.host = nil } }
            record.noteEnd(of: number, clock.monotonic())
        }
        process.withLock {
            $0.host = host
            $0.tasks.append(task)
        }
    }

    private func startScript(_ environment: Environment) {
        let connection = Connection(.mutations, address: "http://n8n", caFile: nil, usesProxy: false)
        let script = RetryScript(transport: environment.connect(connection), clock: environment.clock)
        let task = Task(executorPreference: simulation.executor) { await script.run() }
        process.withLock { $0.tasks.append(task) }
    }

    /// The process is gone, with all that it held; on a disk that can lose something most of them die of the power.
    func killHost(_ why: String = "killed", losingPower: Bool = false) {
        let (number, life) = process.withLock { process in
            process.life.kill()
            process.host = nil
            return (process.number, process.life)
        }
        noteEnd()
        door.shut()
        if let effect = life.lastEffect { record.count(why, at: effect.rawValue) }
        disk.release(process: number, losingPower: losingPower || number % 3 > 0)
        examineDisk()
    }

    /// The process of the moment ends, or is told to.
    func noteEnd() { record.noteEnd(of: process.withLock { $0.number }, clock.monotonic()) }

    /// The host of the moment, if it lives.
    var host: MendflowHost? { process.withLock { $0.life.isDead ? nil : $0.host } }

    /// Freezes the process of the moment; gives it back, to be thawed.
    func freezeHost() -> SimulatedProcess {
        let life = process.withLock { $0.life }
        if let effect = life.lastEffect { record.count("frozen", at: effect.rawValue) }
        life.freeze()
        return life
    }

    /// Lets the process of the moment die after so many more effects, and starts another one a while later.
    func die(after effects: Int) {
        let life = process.withLock { $0.life }
        life.die(after: effects)
        noteEnd()
        inPassing { world in
            await world.pass(.minutes(2))
            guard world.process.withLock({ $0.life === life }) else { return }
            world.killHost("died while sending")
            world.startHost()
        }
    }

    /// Lets something happen while all else goes on.
    func inPassing(_ body: @escaping @Sendable (SeedWorld) async -> Void) {
        let task = Task(executorPreference: simulation.executor) { [self] in await body(self) }
        process.withLock { $0.tasks.append(task) }
    }

    func pass(_ period: Period) async { try? await clock.sleep(for: period) }

    /// Starts a second host, which must be refused.
    func startSecond() async {
        guard host != nil, let workspace = try? workspace(9999) else { return }
        do {
            try await MendflowHost(workspace, asked: nil).run(once: true)
            record.accuse("second-agent", "a second agent acted on the ledger")
        } catch {}
    }
}
