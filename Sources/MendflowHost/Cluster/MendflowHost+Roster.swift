import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace
import Synchronization

// Instances that come and go while the host runs.
extension MendflowHost {
    /// Looks after the instances that there are, as long as the host is not stopped: those that were there at its start by the
    /// loops that were made for them, others as they come.
    func attend(
        _ runs: [String: InstanceRun], _ hold: any LedgerHold, _ errand: Errand, _ loop: InstanceLoop, _ meters: Meters?
    ) async -> MendflowFailure? {
        let made = MadeRuns(runs)
        let cluster = Cluster(
            LoneTable(clock: clock), .alone, roster(errand, isShared: false, meters, loop.hints), clock: clock,
            log: log,
            status: nil
        ) { [self] name, led, _ in
            if let run = made.take(name) { return .done(await errand.carryOut(run)) }
            guard let instance = led.instance else { return .done(nil) }
            return await lead(instance, errand, loop) { (loop, instance) throws(MendflowFailure) in
                try await loop.run(instance, hold, hold.marks)
            }
        }
        return await cluster.run()
    }

    /// Leads an instance by a loop that is made now, of what is in force.
    func lead(
        _ instance: Configuration.Instance, _ errand: Errand, _ loop: InstanceLoop,
        _ make: (InstanceLoop, Configuration.Instance) async throws(MendflowFailure) -> InstanceRun
    ) async -> Cluster.Ending {
        let name = instance.name
        do throws(MendflowFailure) {
            guard errand.goesOn else { return .done(await errand.carryOut(try await make(loop, instance))) }
            let fresh = await loop.fresh(for: name)
            let current = fresh.workspace.configuration.instances.first { $0.name == name } ?? instance
            if let obstacle = try await obstacle(to: name, fresh.workspace) {
                await tell(obstacle, of: name)
                return .notNow
            }
            return .done(await errand.carryOut(try await make(fresh, current)))
        } catch {
            log.emit(AgentEvent(at: clock.now(), .error, "agent.failed", instance: name, error.message))
            return errand.goesOn ? .notNow : .done(error)
        }
    }

    /// Why an instance that came later cannot be led yet; nil where nothing is in the way.
    private func obstacle(to name: String, _ workspace: Workspace) async throws(MendflowFailure) -> String? {
        // What was there at the start was looked at then.
        guard workspace.configuration.instancesFrom != nil, let ledger = try await workspace.readLedger(LedgerScope())
        else { return nil }
        guard ledger.baseline(of: name) != nil else {
            return
                "the ledger does not know it: `mendflow init --name \(name)` makes its baseline, and until then nothing is "
                + "looked at there"
        }
        let pairs = DuplicateInstances.pairs(workspace.instanceNames, ledger)
        return pairs.first { [$0.one, $0.other].contains(name) }.map { DuplicateInstances.message($0.one, $0.other) }
    }

    /// Tells it once, however often it is tried again.
    private func tell(_ obstacle: String, of name: String) async {
        guard obstacles.withLock({ $0.updateValue(obstacle, forKey: name) }) != obstacle else { return }
        log.emit(AgentEvent(at: clock.now(), .error, "instance.waits", instance: name, obstacle))
        // Where others share the ledger, one of them may have got by it.
        if await status.values.fleet == nil { await status.ended(name, obstacle) }
    }

    /// What there is to lead: where instances come and go, what is in force at each moment.
    func roster(_ errand: Errand, isShared: Bool, _ meters: Meters?, _ hints: HintReceivers?) -> Roster {
        let hasDesk = isShared && errand.goesOn && !workspace.configuration.channels.isEmpty
        let desk = hasDesk ? [LeaseBoard.desk: Led(instance: nil)] : [:]
        guard comesAndGoes(errand) else {
            let always = instances(of: errand).map { ($0.name, Led(instance: $0)) }
            return Roster(always: Dictionary(always) { first, _ in first }.merging(desk) { first, _ in first })
        }
        let (watch, status, asked) = (watch, status, asked)
        // Who shares the ledger looks at the files anyway.
        var look: (@Sendable () async -> Void)?
        if !isShared { look = { await watch.refresh() } }
        return Roster(changes: watch.changes, every: workspace.configuration.pollInterval, look: look) {
            let now = await watch.current
            let led = now.configuration.instances.filter { now.mode($0, asked: asked) != .off }
            await status.lead(led.map { ($0.name, now.mode($0, asked: asked)) })
            meters?.know(led.map { ($0.address, $0.name) })
            hints?.know(led)
            let named = led.map { ($0.name, Led(instance: $0)) }
            return Dictionary(named) { first, _ in first }.merging(desk) { first, _ in first }
        }
    }
}

/// Loops that were made before they begin, each to be taken once.
private final class MadeRuns: Sendable {
    private let runs: Mutex<[String: InstanceRun]>
    init(_ runs: [String: InstanceRun]) { self.runs = Mutex(runs) }
    func take(_ name: String) -> InstanceRun? { runs.withLock { $0.removeValue(forKey: name) } }
}
