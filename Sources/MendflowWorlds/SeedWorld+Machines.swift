import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowHostKit
import MendflowTestKit
import MendflowWorkspace
import Synchronization

/// The machines of a world: one, or several that share a database.
struct Machines {
    /// A machine, and the host that lives on it.
    struct Place {
        var number = 0
        var life = SimulatedProcess()
        var host: MendflowHost?
        /// Since when it has lived without anything being wrong with it, as far as anybody looked.
        var isWellSince: Period?
        /// How far ahead its clock is.
        var ahead = Period.zero
    }
    var places: [Place]
    /// Counts processes.
    var number = 0
    var tasks: [Task<Void, Never>] = []
    var dead: [SimulatedProcess] = []
    /// What befalls machines and is not over yet.
    var troubles = 0

    init(_ count: Int) { places = Array(repeating: Place(), count: count) }
}

extension SeedWorld {
    /// Lets everything end that still holds the world.
    func bury() {
        let (lives, tasks) = machines.withLock { machines in
            defer { machines = Machines(machines.places.count) }
            return (machines.dead + machines.places.map(\.life), machines.tasks)
        }
        for life in lives { life.bury() }
        for task in tasks { task.cancel() }
        simulation.drain()
        forgetWorkspace()
    }

    /// Starts a process with a host in it; it lives until it is killed.
    func startHost(_ machine: Int = 0, diesAfter effects: Int? = nil) {
        let begun = machines.withLock { machines -> (number: Int, life: SimulatedProcess)? in
            let place = machines.places[machine]
            // Of several events one may have started it again already: a second process would find the ledger locked, end,
            // and be what later events befall in place of the first.
            if place.host != nil, !place.life.isDead { return nil }
            machines.number += 1
            machines.dead.append(place.life)
            machines.places[machine].life = SimulatedProcess(diesAfter: effects)
            machines.places[machine].number = machines.number
            return (machines.number, machines.places[machine].life)
        }
        guard let (number, life) = begun else { return }
        // When it dies nobody knows.
        if effects != nil { noteEnd(machine) }
        let environment = life.environment(environment(number, on: machine))
        guard !isScripted else { return startScript(environment) }
        guard let loaded = try? Workspace.load(path: "/m/mendflow.yaml", environment: environment),
            let workspace = loaded.workspace
        else { return }
        // What it keeps in memory it tells those who look for faults.
        let host = MendflowHost(workspace, asked: nil, logLevel: .debug)
        let task = Task(executorPreference: simulation.executor) { [self] in
            var hasFailed = false
            do { try await host.run(once: false) } catch { hasFailed = true }
            // It has ended by itself.
            machines.withLock { if $0.places[machine].number == number { $0.places[machine].host = nil } }
            record.noteEnd(of: number, clock.monotonic())
            if hasFailed { await startAgain(machine, after: number) }
        }
        machines.withLock {
            $0.places[machine].host = host
            $0.tasks.append(task)
        }
    }

    /// Where several share a database, whatever watches over a machine starts again what could not start.
    private func startAgain(_ machine: Int, after number: Int) async {
        guard plan.shared != nil else { return }
        await pass(.seconds(10))
        let isGone = machines.withLock { $0.places[machine].number == number && !$0.places[machine].life.isDead }
        if isGone { startHost(machine) }
    }

    private func startScript(_ environment: Environment) {
        let connection = Connection(.mutations, address: "http://n8n", caFile: nil, usesProxy: false)
        let script = RetryScript(transport: environment.connect(connection), clock: environment.clock)
        let task = Task(executorPreference: simulation.executor) { await script.run() }
        machines.withLock { $0.tasks.append(task) }
    }

    /// The process is gone, with all that it held; on a disk that can lose something most of them die of the power.
    func killHost(_ machine: Int = 0, _ why: String = "killed", losingPower: Bool = false) {
        let (number, life) = machines.withLock { machines in
            machines.places[machine].life.kill()
            machines.places[machine].host = nil
            return (machines.places[machine].number, machines.places[machine].life)
        }
        noteEnd(machine)
        door.shut()
        if let effect = life.lastEffect { record.count(why, at: effect.rawValue) }
        disk.release(process: number, losingPower: losingPower || number % 3 > 0)
        examineDisk()
    }

    /// The process of the moment ends, or is told to.
    func noteEnd(_ machine: Int) {
        record.noteEnd(of: machines.withLock { $0.places[machine].number }, clock.monotonic())
    }

    /// The host of the moment on a machine, if it lives.
    func host(_ machine: Int = 0) -> MendflowHost? {
        machines.withLock { $0.places[machine].life.isDead ? nil : $0.places[machine].host }
    }

    /// Freezes the process of the moment, or lets it freeze after so many more effects; gives it back, to be thawed.
    func freezeHost(_ machine: Int = 0, after effects: Int? = nil) -> SimulatedProcess {
        let life = machines.withLock { $0.places[machine].life }
        if let effect = life.lastEffect { record.count("frozen", at: effect.rawValue) }
        if let effects { life.freeze(after: effects) } else { life.freeze() }
        return life
    }

    /// Lets the process of the moment die after so many more effects, and starts another one a while later.
    func die(_ machine: Int = 0, after effects: Int) {
        let life = machines.withLock { $0.places[machine].life }
        life.die(after: effects)
        noteEnd(machine)
        inPassing { world in
            await world.pass(.minutes(2))
            guard world.machines.withLock({ $0.places[machine].life === life }) else { return }
            world.killHost(machine, "died while sending")
            world.startHost(machine)
        }
    }

    /// Lets something happen while all else goes on.
    func inPassing(_ body: @escaping @Sendable (SeedWorld) async -> Void) {
        let task = Task(executorPreference: simulation.executor) { [self] in await body(self) }
        machines.withLock { $0.tasks.append(task) }
    }

    func pass(_ period: Period) async { try? await clock.sleep(for: period) }
}
