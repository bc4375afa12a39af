import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Synchronization

/// A whole host, its disk and an n8n, in one thread, in virtual time: what happens follows from a plan alone.
final class SeedWorld: Sendable {
    /// 2026-11-02T08:00:00Z
    static let start = AgentTime(milliseconds: 1_793_606_400_000)
    static let workflow = "Wf00000000000001"
    static let shielded = "Wf00000000000002"
    static let ledger = "/m/mendflow.sqlite"

    let plan: SeedPlan
    let simulation: Simulation
    let files: MemoryFiles
    let disk = MemoryDisk()
    private let process = Mutex<(number: Int, life: SimulatedProcess, host: MendflowHost?)>(
        (0, SimulatedProcess(), nil))
    /// When acting was paused and resumed, as the operator's command was done.
    let pauses = Mutex<[(from: AgentTime, to: AgentTime)]>([])
    /// Hosts that should have been refused and were not.
    let intruders = Mutex(0)

    var clock: VirtualClock { simulation.clock }
    var box: SimulatorBox { simulation.box }

    init(_ plan: SeedPlan) {
        self.plan = plan
        var simulator = Simulator(now: SeedWorld.start.milliseconds, configuration: plan.kind)
        simulator.configuration.keys = [.init(key: "key", name: "agent")]
        simulator.add(tag: "Tag0000000000001", name: "needs-human")
        simulator.add(SeedWorld.workflow(SeedWorld.workflow, "Order sync", plan))
        simulator.add(SeedWorld.workflow(SeedWorld.shielded, "Payments", plan))
        simulator.faults = plan.faults.map { .init($0.0, at: [$0.1]) }
        simulation = Simulation(seed: plan.seed, start: SeedWorld.start, simulator)
        files = MemoryFiles([
            "/m/mendflow.yaml": SeedWorld.configuration, "/m/policies/retry.yaml": SeedWorld.policies(0),
        ])
    }

    private static func workflow(_ id: String, _ name: String, _ plan: SeedPlan) -> Simulator.Workflow {
        var random = SplitMix64(seed: plan.seed ^ 0x5EED)
        let failed = Simulator.Outcome.error(.http(503, method: "GET"), after: 100)
        let good = Simulator.Outcome.success(after: 500)
        return Simulator.Workflow(
            id: id, name: name,
            nodes: [.webhook("hook-\(id)"), .http("Get order", method: "GET", url: "http://shop.example/orders")],
            settings: ["saveDataSuccessExecution": plan.keepsSuccesses ? "all" : "none"],
            script: .init(
                next: (0..<200).map { _ in random.below(10) < plan.failing ? failed : good }, thenAlways: [good],
                retries: (0..<200).map { _ in random.below(10) < plan.healing ? good : failed }))
    }

    static let configuration = """
        mode: enforce
        policies: [policies/]
        ledger: mendflow.sqlite
        poll_interval: 5m
        look_back: 12h
        protect: [{workflow: {name: Payments}}]
        instances:
          - name: main
            url: http://n8n
            api_key_env: KEY
            mode: enforce
            tags: {needs-human: Tag0000000000001}
        """

    static func policies(_ variant: Int) -> String {
        """
        policies:
          - name: retry-orders
            mode: enforce
            match: {status: [error, crashed], workflow: "*"}
            actions: [{retry: {max_retries: \(2 + variant), repeats: allow, backoff: {initial_interval: 1m, jitter: none}}}]
            guards: {max_actions: [{amount: 12, per: 1h}]}
            on_exhausted: [{tag: [needs-human]}]
        """
    }

    /// Everything outside, as a process of a number sees it.
    private func environment(_ number: Int, _ files: MemoryFiles? = nil) -> Environment {
        let box = box
        return Environment(
            clock: clock, files: files ?? self.files, variables: ["KEY": "key"], user: "operator",
            connect: { _ in SimulatedTransport(box) }, ledgers: disk.ledgers(process: number),
            log: { _, _ in Silence() }, signals: { _ in () })
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
    func run() throws {
        try simulation.run { [self] in
            guard let workspace = try workspace() else { throw Unloadable() }
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
            // Whoever sets it up tries again where n8n did not answer.
            while try await Initialise.run(request, environment: workspace.environment).failure != nil {
                await pass(.seconds(10))
            }
            box.withSimulator { n8n in
                n8n.trigger(SeedWorld.workflow, every: 420_000, from: SeedWorld.start.milliseconds + 60_000)
                n8n.trigger(SeedWorld.shielded, every: 1_800_000, from: SeedWorld.start.milliseconds + 90_000)
            }
            startHost()
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

    /// Starts a process with a host in it; it lives until it is killed.
    private func startHost(diesAfter effects: Int? = nil) {
        let (number, life) = process.withLock { process in
            process.number += 1
            process.life = SimulatedProcess(diesAfter: effects)
            return (process.number, process.life)
        }
        let environment = life.environment(environment(number))
        guard let loaded = try? Workspace.load(path: "/m/mendflow.yaml", environment: environment),
            let workspace = loaded.workspace
        else { return }
        let host = MendflowHost(workspace, asked: nil)
        process.withLock { $0.host = host }
        Task(executorPreference: simulation.executor) {
            do { try await host.run(once: false) } catch {}
        }
    }

    /// The process is gone, with all that it held.
    private func killHost() {
        let number = process.withLock { process in
            process.life.kill()
            process.host = nil
            return process.number
        }
        disk.release(process: number)
    }

    private func happen(_ what: SeedPlan.What) async {
        switch what {
        case .kill(let back):
            killHost()
            await pass(back)
            startHost()
        case .dieAfter(let effects, let back):
            killHost()
            startHost(diesAfter: effects)
            await pass(back)
            killHost()
            startHost()
        case .stop(let back):
            process.withLock { $0.host?.stop() }
            await pass(back)
            killHost()
            startHost()
        case .second: await startSecond()
        case .pause(let period): await pause(period)
        case .resolve(let ran):
            guard let workspace = try? workspace(),
                let id = try? await Inbox.read(workspace).unresolved.first?.intent.id.number
            else {
                return
            }
            try? await ResolveCommand.run(workspace, id: id, ran: ran, reason: "seen in n8n")
        case .policies(let text): files.write("/m/policies/retry.yaml", text)
        case .reload: process.withLock { $0.host?.reload() }
        case .killServer(let back):
            change { $0.kill(now: $1) }
            await pass(back)
            change { $0.start(now: $1, taking: 5000) }
        case .personRetries: person { $0.personRetries($1, now: $2) }
        case .personDeletes: person { $0.personDeletes($1, now: $2) }
        case .jump(let period): clock.jump(by: period)
        case .prune(let period): change { $0.prune(endedBefore: $1 - period.milliseconds) }
        }
    }

    private func pass(_ period: Period) async { try? await clock.sleep(for: period) }

    private func change(_ body: (inout Simulator, Int64) -> Void) {
        let now = clock.now().milliseconds
        box.withSimulator { body(&$0, now) }
    }

    /// A person does something to the newest failed run.
    private func person(_ body: (inout Simulator, Int, Int64) -> Void) {
        change { n8n, now in
            let failed = n8n.database.ids.filter { n8n.database[$0]?.status == .error }.max()
            if let failed { body(&n8n, failed, now) }
        }
    }

    private func startSecond() async {
        guard process.withLock({ !$0.life.isDead && $0.host != nil }) else { return }
        guard let workspace = try? workspace(9999) else { return }
        do {
            try await MendflowHost(workspace, asked: nil).run(once: true)
            intruders.withLock { $0 += 1 }
        } catch {}
    }

    private func pause(_ period: Period) async {
        guard let workspace = try? workspace() else { return }
        guard (try? await KillSwitch.pause(workspace, instance: nil, reason: "maintenance")) != nil else { return }
        let from = clock.now()
        await pass(period)
        pauses.withLock { $0.append((from, clock.now())) }
        _ = try? await KillSwitch.resume(workspace, instance: nil)
    }

    /// No more faults: what can be healed must come right from here on.
    private func makePeace() async {
        files.write("/m/policies/retry.yaml", SeedWorld.policies(0))
        change { n8n, now in
            n8n.faults = []
            if n8n.power != .up { n8n.start(now: now) }
        }
        if let workspace = try? workspace() { _ = try? await KillSwitch.resume(workspace, instance: nil) }
        killHost()
        startHost()
    }
}
