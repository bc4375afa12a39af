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
import Synchronization

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
    /// The database in its place, where several hosts share one.
    let database: SimulatedDatabase?
    let network = SharedNetwork()
    let watched = Mutex(SharedMemory())
    let record = SeedRecord()
    let door = HintDoor()
    /// Where people are told of what needs them.
    let hook: SeedHook
    let machines: Mutex<Machines>
    private let random: Mutex<SplitMix64>
    /// What operators' commands loaded last, with a digest of what it was loaded from.
    private let loaded = Mutex<(workspace: Workspace, contents: [UInt8])?>(nil)
    private let waiting = Mutex<SeedEvent.Hand?>(nil)
    /// Whether what agents log is kept for the chronicle.
    private let keepsLog: Bool

    /// The hand that moves as soon as the agent decides to act.
    var hand: SeedEvent.Hand? {
        get { waiting.withLock { $0 } }
        set { waiting.withLock { $0 = newValue } }
    }

    /// How many records the ledger has, and what their bytes add up to: the same for the same plan, in every process.
    ///
    /// - Throws: why the ledger cannot be read.
    public func digest() async throws -> String {
        let records = try await ledger?.records(after: 0, limit: .max) ?? []
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in records.lazy.map(\.bytes).joined() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "\(records.count) records, \(String(hash, radix: 16))"
    }

    /// All that was done to n8n, all that the ledger says of it, and what agents logged where that was kept, in the order in which
    /// it came about.
    ///
    /// - Throws: why the ledger cannot be read.
    public func chronicle() async throws -> [String] {
        let records = try await ledger?.records(after: 0, limit: .max) ?? []
        let written = try records.map { (try $0.entry().at, String(decoding: $0.bytes, as: UTF8.self)) }
        let done = box.withSimulator { n8n in
            n8n.deeds.map { deed in
                let at = AgentTime(milliseconds: deed.at)
                return (at, "\(at) n8n: \(deed.what) by \(deed.by)")
            }
        }
        return (done + written + record.contents.log.map { ($0.at, $0.line) }).sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// The clock of everybody.
    public var clock: VirtualClock { simulation.clock }
    /// The n8n.
    public var box: SimulatorBox { simulation.box }

    /// Makes the world of a plan; with a script in the agent's place (`RetryScript`) where it is `scripted`.
    public init(_ plan: SeedPlan, scripted isScripted: Bool = false, keepsLog: Bool = false) {
        self.plan = plan
        self.keepsLog = keepsLog
        self.isScripted = isScripted
        machines = Mutex(Machines(plan.shared.map { $0.hosts + 1 } ?? 1))
        random = Mutex(SplitMix64(seed: plan.seed ^ 0x4E0))
        disk = MemoryDisk(torn: plan.isOnTornDisk ? plan.seed : nil)
        var simulator = Simulator(now: SeedWorld.start.milliseconds, configuration: plan.kind)
        simulator.configuration.keys = [.init(key: "key", name: "agent")]
        simulator.add(tag: "Tag0000000000001", name: "needs-human")
        simulator.add(tag: "Tag0000000000002", name: "looked-at")
        simulator.add(tag: "Tag0000000000003", name: "seen")
        for workflow in SeedCast.allCases { simulator.add(workflow.workflow(plan)) }
        simulator.faults = plan.faults
        simulation = Simulation(seed: plan.seed, start: SeedWorld.start, simulator, plan.shared?.otherServers ?? [])
        database = plan.shared?.database(simulation.clock, seed: plan.seed)
        hook = SeedHook(seed: plan.seed, simulation.clock)
        let configuration =
            plan.shared != nil
            ? SeedWorld.configurationOfSeveral
            : SeedPlan.tellsHints(plan.seed) ? SeedWorld.configurationWithHints : SeedWorld.configuration
        files.write("/m/mendflow.yaml", configuration + plan.furtherConfiguration)
        files.write("/m/policies/retry.yaml", SeedWorld.policies(of: plan))
        for workflow in SeedCast.allCases { record.note(workflow, .zero) }
    }

    /// The ledger, as it would be found now.
    var ledger: (any LedgerStore)? {
        get throws(LedgerFailure) {
            if let database { return database.ledger }
            return try disk.ledger(SeedWorld.ledger)
        }
    }

    /// Everything outside, as a process of a number on a machine sees it.
    func environment(_ number: Int, on machine: Int = 0, _ files: MemoryFiles? = nil) -> Environment {
        let base = database?.ledgers(host: number == 0 ? -1 : machine, process: number) ?? disk.ledgers(process: number)
        var environment = Environment(
            clock: plan.shared == nil ? clock : MachineClock(world: self, machine: number == 0 ? nil : machine),
            files: files ?? self.files,
            variables: ["KEY": "key", "HINTS": SeedWorld.hintToken, "HOSTNAME": "p\(number)"], user: "operator",
            connect: { [self] in connect($0, number, machine) },
            ledgers: number == 0 ? base : MeddledLedgers(base: base, world: self, machine: machine),
            log: { [record, clock, keepsLog] _, _ in
                Listener(record: record, clock: clock, process: keepsLog ? number : nil)
            }, signals: { _ in () })
        environment.listen = door.listening
        environment.random = { [self] in random.withLock { $0.next() } }
        return environment
    }

    private func connect(_ connection: Connection, _ number: Int, _ machine: Int) -> any Transport {
        guard database != nil else {
            return connection.address == SeedHook.url
                ? hook.door(of: number, self)
                : WitnessedTransport(base: SimulatedTransport(box), world: self)
        }
        let isHook = connection.address == SeedHook.url
        let place = SharedWorld.others.firstIndex { connection.address.hasSuffix($0) }.map { $0 + 1 } ?? 0
        let base: any Transport = isHook ? hook.door(of: number, self) : SimulatedTransport(simulation.boxes[place])
        let witnessed = SharedTransport(
            base: base, world: self, process: number, machine: machine,
            lease: isHook ? LeaseBoard.desk : place == 0 ? "main" : SharedWorld.others[place - 1])
        return place == 0 && !isHook ? WitnessedTransport(base: witnessed, world: self) : witnessed
    }

    /// How long a request is under way: together with what a database's clock may jump ahead by, less than `send_within`.
    var delay: Period { .milliseconds(Int64(random.withLock { $0.below(1900) })) }

    /// The configuration as an operator's command loads it; it asks again and again, and the files seldom change.
    func workspace() throws -> Workspace? {
        if let (workspace, contents) = loaded.withLock({ $0 }), workspace.contents == contents { return workspace }
        let found = try workspace(0, files)
        loaded.withLock { loaded in loaded = found.map { ($0, $0.contents) } }
        return found
    }

    /// Lets go of what was loaded, which holds the world.
    func forgetWorkspace() { loaded.withLock { $0 = nil } }

    /// The configuration as a process of a number loads it, from some files.
    func workspace(_ number: Int, _ files: MemoryFiles) throws -> Workspace? {
        try Workspace.load(path: "/m/mendflow.yaml", environment: environment(number, on: 0, files)).workspace
    }
}

/// Hears what agents say of their memory, and lets all else pass.
private struct Listener: EventSink {
    let record: SeedRecord
    let clock: VirtualClock
    /// Whose log is kept.
    let process: Int?

    func emit(_ event: AgentEvent) {
        if let process {
            let fields = event.fields.map { " \($0.name)=\($0.value)" }.joined()
            let words = "\(clock.now()) process \(process) \(event.level) \(event.name): \(event.message)\(fields)"
            record.note(clock.now(), words)
        }
        func number(_ name: String) -> Int? { event.fields.first { $0.name == name }.flatMap { Int($0.value) } }
        guard event.name == "tick", event.instance == "main", let rows = number("held_rows"),
            let lookBack = number("look_back_minutes"),
            let details = number("held_details"), let intents = number("held_intents")
        else { return }
        record.note(
            SeedHolding(
                at: clock.now(), lookBack: .minutes(Int64(lookBack)), rows: rows, details: details, intents: intents))
    }
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
            await share()
            for machine in 0..<(plan.shared?.hosts ?? 1) { startHost(machine) }
            tellHints()
            var last = Period.zero
            for event in plan.events {
                try await clock.sleep(for: event.at - last)
                last = event.at
                if plan.shared != nil, event.what.isOfMachines { beside(event.what) } else { await happen(event.what) }
            }
            try await clock.sleep(for: SeedPlan.turmoil - last)
            await waitForMachines()
            await makePeace()
            try await clock.sleep(for: SeedPlan.turmoil)
            machines.withLock { for place in $0.places { place.life.kill() } }
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

    /// Starts a second host, which must be refused.
    func startSecond() async {
        guard host() != nil, let workspace = try? workspace(9999, files) else { return }
        do {
            try await MendflowHost(workspace, asked: nil).run(once: true)
            record.accuse("second-agent", "a second agent acted on the ledger")
        } catch {}
    }
}
