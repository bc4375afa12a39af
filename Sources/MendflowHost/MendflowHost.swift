import MendflowAgent
public import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowNotify
public import MendflowOperations
import MendflowPolicy
import MendflowText
public import MendflowWorkspace
import Synchronization

/// The agent as a whole: one loop per instance, under one lock of the ledger, with policies that change while it runs.
///
/// Everything outside itself comes from the workspace's environment, so that it lives in memory as well as on a machine.
public final class MendflowHost: Sendable {
    let workspace: Workspace
    /// --dry-run or --enforce; nil for the file's mode.
    let asked: Mode?
    let log: any EventSink
    let watch: PolicyWatch
    /// How it is, for whoever asks its service.
    let status: HostStatus
    private let stopping: AsyncStream<Void>
    private let stopper: AsyncStream<Void>.Continuation
    let wasStopped = Mutex(false)
    /// Yields where the files are to be read at once.
    private let reloads: AsyncStream<Void>
    private let reloader: AsyncStream<Void>.Continuation
    /// Rings when they were.
    let bell = Bell()
    /// What was told of instances that cannot be led yet, by their names.
    let obstacles = Mutex<[String: String]>([:])

    var clock: any AgentClock { workspace.clock }

    /// Makes a host of what was loaded; nothing is touched before `run`. `logLevel` counts whatever the file says.
    public init(_ workspace: Workspace, asked: Mode?, logLevel: AgentEvent.Level? = nil) {
        self.workspace = workspace
        self.asked = asked
        let log = LevelledLog(
            workspace.environment.log(workspace.configuration.logsJSON, .debug),
            from: logLevel ?? workspace.configuration.logLevel)
        self.log = log
        let clock = workspace.clock
        let status = HostStatus(
            instances: workspace.configuration.instances.map { ($0.name, workspace.mode($0, asked: asked)) }
                .filter { $0.1 != .off }, policies: workspace.policies,
            pollInterval: workspace.configuration.pollInterval, clock: clock)
        self.status = status
        watch = PolicyWatch(
            workspace, log: RefusalLog(base: log, status: status),
            records: AgentRecords.reloads(workspace, asked: asked, agent: { await status.values.fleet?.here }) {
                reload in
                // Nobody asks where nothing listens.
                guard reload.workspace.configuration.service != nil else { return }
                await status.modes(
                    reload.workspace.configuration.instances.map {
                        ($0.name, reload.mode($0, asked: asked))
                    })
                await status.reloaded(
                    reload.workspace.policies, held: reload.held, losses: reload.waiting,
                    needsRestart: reload.needsRestart)
            }, setLevel: { if logLevel == nil { log.begin(from: $0) } })
        (stopping, stopper) = AsyncStream.makeStream(of: Void.self)
        (reloads, reloader) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Ends `run` in good order; requests that are under way are left to recovery.
    public func stop() {
        wasStopped.withLock { $0 = true }
        stopper.finish()
    }

    /// Reads configuration and policies anew, whether files changed or not, and has every instance looked at, at once.
    public func reload() { reloader.yield() }

    /// Runs until it is stopped, or for one tick.
    ///
    /// - Throws: `MendflowFailure.held` where another agent has the ledger, or why it could not start; of a single tick
    ///   also why it saw nothing, or could write nothing down.
    public func run(once: Bool) async throws(MendflowFailure) { try await run(once ? .once : .until) }

    /// Does what a saved plan names, and nothing else: each as it is decided now, for what has changed since is left.
    ///
    /// - Throws: as `run`.
    public func apply(_ plan: SavedPlan) async throws(MendflowFailure) { try await run(.applying(plan)) }

    /// Carries out one replay of an instance and nothing else, until it is over, paused, or the host is stopped.
    ///
    /// - Throws: as `run`.
    public func replay(_ name: String, of instance: String) async throws(MendflowFailure) {
        try await run(.replaying(name, instance))
    }

    /// What a host is to do.
    enum Errand: Sendable {
        case until
        case once
        case applying(SavedPlan)
        case replaying(String, String)

        /// The only instance that it is about; nil for all.
        var instance: String? {
            switch self {
            case .until, .once: nil
            case .applying(let plan): plan.instance.name
            case .replaying(_, let name): name
            }
        }
        var work: InstanceRun.Work {
            switch self {
            case .until, .once: .everything
            case .applying(let plan): .chosen(Set(plan.items.map(\.chosen)))
            case .replaying(let name, _): .replay(name)
            }
        }
        var replay: String? { if case .replaying(let name, _) = self { name } else { nil } }
        /// Whether it goes on until it is stopped.
        var goesOn: Bool { if case .until = self { true } else { false } }
        var plan: SavedPlan? { if case .applying(let plan) = self { plan } else { nil } }
        /// Does it for one instance; answers what kept it from it.
        func carryOut(_ run: InstanceRun) async -> MendflowFailure? {
            switch self {
            case .until: await run.untilCancelled()
            case .once, .applying: await run.once()
            case .replaying(let name, _): await run.untilReplayEnds(name)
            }
        }
        /// Whether its service is there meanwhile.
        var isServed: Bool { if case .until = self { true } else { false } }
        /// What is on record of why it ended by itself.
        var ending: String {
            switch self {
            case .until: "ended"
            case .once, .applying: "once"
            case .replaying: "replayed"
            }
        }
    }

    /// What is in force at a moment; --dry-run and --enforce stand above the file.
    var inForce: @Sendable () async -> Workspace {
        let (watch, asked, began) = (watch, asked, workspace.configuration.mode)
        return {
            var workspace = await watch.current
            // What was lowered while it runs counts, whatever was said when it began.
            if let asked {
                workspace.configuration.mode = asked <= began ? min(asked, workspace.configuration.mode) : asked
            }
            return workspace
        }
    }

    private func run(_ errand: Errand) async throws(MendflowFailure) {
        let signals = workspace.environment.signals { [weak self] signal in
            switch signal {
            case .stop: self?.stop()
            case .reload: self?.reload()
            }
        }
        guard let start = try await start(errand) else { return }
        let desk = NoticeDesk(workspace, log: log)
        if start.leases == nil { await desk.begin() }
        let failure =
            if isIdle(errand) {
                // What is to be told is told all the same, where no lease says by whom.
                start.leases == nil
                    ? await work(errand, desk) { [self] in await standBy() }
                    : await untilStopped { [self] in await standBy() }
            } else if let leases = start.leases, let seat = start.seat {
                await share(leases, from: seat, errand, start.loop, start.meters)
            } else {
                await work(errand, desk) { [self] in
                    // Instances in files of their own come and go.
                    guard comesAndGoes(errand) else {
                        return await MendflowHost.failure(of: start.runs.map(\.run), errand)
                    }
                    let made = Dictionary(start.runs.map { ($0.name, $0.run) }) { first, _ in first }
                    return await attend(made, start.hold, errand, start.loop, start.meters)
                }
            }
        await start.service?.close()
        withExtendedLifetime(signals) {}
        await end(errand, failure, agent: start.seat?.name)
        withExtendedLifetime(start.hold) {}
        if let failure { throw failure }
    }

    /// Whether there is nothing to look after, now and before a restart: the files leave every instance alone.
    private func isIdle(_ errand: Errand) -> Bool {
        errand.goesOn && !comesAndGoes(errand) && instances(of: errand).isEmpty
    }

    /// Stays up where nothing is looked at, for whoever starts programs takes an end for an accident or for the end; the files are
    /// read all the while, so that it is said when they ask for a restart.
    private func standBy() async -> MendflowFailure? {
        let message =
            "nothing is looked at: the mode of every instance is off. It stays up and reads the files; a change of the mode needs a "
            + "restart"
        log.emit(AgentEvent(at: clock.now(), .warning, "idle", message))
        while !Task.isCancelled {
            try? await clock.sleep(for: workspace.configuration.pollInterval)
            await watch.refresh()
        }
        return nil
    }

    /// Writes down that it has ended, and says so.
    private func end(_ errand: Errand, _ failure: MendflowFailure?, agent: AgentName?) async {
        let why = wasStopped.withLock { $0 } ? "signal" : errand.ending
        do throws(MendflowFailure) {
            // What stands where the ledger was is not the one that this agent worked with.
            if failure?.kind != .displaced {
                try await AgentRecords.stopped(workspace, why: why, agent: agent, clock.now())
            }
        } catch {
            log.emit(AgentEvent(at: clock.now(), .error, "ledger.failed", error.message))
        }
        log.emit(
            AgentEvent(at: clock.now(), .info, "stopped", "mendflow stopped"))
    }

    /// Runs the agents until all have ended or the host is stopped; answers what kept a single tick from its work.
    private func work(
        _ errand: Errand, _ desk: NoticeDesk, _ work: @escaping @Sendable () async -> MendflowFailure?
    ) async -> MendflowFailure? {
        let failure = await untilStopped {
            guard errand.goesOn else { return await work() }
            return await desk.beside { await work() }
        }
        // Where nothing runs any more to tell it later.
        if !errand.goesOn { await desk.turn() }
        return failure
    }

    /// Does something until it has ended or the host is stopped.
    func untilStopped(_ work: @escaping @Sendable () async -> MendflowFailure?) async -> MendflowFailure? {
        let (stopping, reloads, watch, bell) = (stopping, reloads, watch, bell)
        return await withTaskGroup(of: MendflowFailure?.self) { group in
            group.addTask { await work() }
            group.addTask {
                for await _ in stopping {}
                return nil
            }
            group.addTask {
                for await _ in reloads {
                    await watch.readAnew()
                    // Those who are woken find what was read.
                    bell.ring()
                }
                return nil
            }
            let failure = await group.next() ?? nil
            group.cancelAll()
            return failure
        }
    }

    /// Whether instances come and go meanwhile: those that stand in files of their own.
    func comesAndGoes(_ errand: Errand) -> Bool { errand.goesOn && workspace.configuration.instancesFrom != nil }

    /// The instances that an errand is about.
    func instances(of errand: Errand) -> [Configuration.Instance] {
        workspace.configuration.instances.filter { instance in
            workspace.mode(instance, asked: asked) != .off && errand.instance.map { $0 == instance.name } ?? true
        }
    }

    private static func failure(of runs: [InstanceRun], _ errand: Errand) async -> MendflowFailure? {
        await withTaskGroup(of: MendflowFailure?.self) { agents in
            for run in runs {
                agents.addTask { await errand.carryOut(run) }
            }
            var failure: MendflowFailure?
            for await next in agents {
                failure = failure ?? next
                // All of them work with one ledger.
                if next?.kind == .displaced { agents.cancelAll() }
            }
            return failure
        }
    }
}
