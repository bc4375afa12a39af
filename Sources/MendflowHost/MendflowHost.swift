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
    private let wasStopped = Mutex(false)
    /// Yields where the files are to be read at once.
    private let reloads: AsyncStream<Void>
    private let reloader: AsyncStream<Void>.Continuation
    /// Rings when they were.
    private let bell = Bell()
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
                await status.reloaded(
                    reload.workspace.policies, held: reload.held, losses: reload.waiting)
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
    private var inForce: @Sendable () async -> Workspace {
        let (watch, asked) = (watch, asked)
        return {
            var workspace = await watch.current
            if let asked { workspace.configuration.mode = asked }
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
        guard try await isLedgerReached(errand) else { return }
        try await DuplicateInstances.refuse(workspace)
        let (hold, leases) = try await right(to: errand)
        let seat = leases.map { _ in Seat(workspace) }
        try await verify()
        announce()
        let path = workspace.ledgerPath
        try await pauseIfOlder(hold)
        let marks = try await workspace.ledger { () throws(LedgerFailure) in
            try await EarlierMarks.believed(hold.marks, in: try workspace.environment.ledgers.open(path, .read))
        }
        let isServed = errand.isServed && workspace.configuration.service != nil
        let meters = isServed ? AgentService.meters(workspace) : nil
        let metered = meters.map { workspace.with($0.metered(workspace.environment)) } ?? workspace
        let hints = HintReceivers(workspace)
        let loop = InstanceLoop(
            workspace: metered, asked: asked, log: log, watch: watch, work: errand.work,
            // Who shares the ledger has to know whether it reaches what it leads.
            status: isServed || leases != nil && errand.goesOn ? status : nil, hints: isServed ? hints : nil,
            standing: StandingLedger(workspace), bell: bell)
        var runs: [(name: String, run: InstanceRun)] = []
        if leases == nil {
            for instance in instances(of: errand) {
                do throws(MendflowFailure) {
                    runs.append((instance.name, try await loop.run(instance, hold, marks)))
                } catch {
                    // One of many that come and go is tried again, and keeps none of the others from being looked after.
                    guard comesAndGoes(errand) else { throw error }
                }
            }
        }
        var service: AgentService?
        if let meters {
            service = try await AgentService.start(workspace, status, meters, hints, inForce, log)
        }
        do throws(MendflowFailure) {
            let record = try await AgentRecords.started(
                workspace, asked, applying: errand.plan, replaying: errand.replay, unconfirmed: try await unconfirmed(),
                agent: seat?.name, clock.now())
            await watch.began(at: record)
        } catch {
            await service?.close()
            throw error
        }
        await beginMarks(hold)
        let desk = NoticeDesk(workspace, log: log)
        if leases == nil { await desk.begin() }
        let failure =
            if let leases, let seat { await share(leases, from: seat, errand, loop, meters) } else {
                await work(errand, desk) { [runs, self] in
                    // Instances in files of their own come and go.
                    guard comesAndGoes(errand) else {
                        return await MendflowHost.failure(of: runs.map(\.run), errand)
                    }
                    let made = Dictionary(runs.map { ($0.name, $0.run) }) { first, _ in first }
                    return await attend(made, hold, errand, loop, meters)
                }
            }
        await service?.close()
        withExtendedLifetime(signals) {}
        let why = wasStopped.withLock { $0 } ? "signal" : errand.ending
        do throws(MendflowFailure) {
            // What stands where the ledger was is not the one that this agent worked with.
            if failure?.kind != .displaced {
                try await AgentRecords.stopped(workspace, why: why, agent: seat?.name, clock.now())
            }
        } catch {
            log.emit(AgentEvent(at: clock.now(), .error, "ledger.failed", error.message))
        }
        log.emit(
            AgentEvent(at: clock.now(), .info, "stopped", "mendflow stopped"))
        withExtendedLifetime(hold) {}
        if let failure { throw failure }
    }

    /// How long is waited between two tries to reach the ledger, and how long in all by what does not go on.
    private static let (retried, patience) = (Period.seconds(2), Period.seconds(30))

    /// Waits until the place of the ledger answers: a database is restarted now and then, also while an agent starts. False where the
    /// host is told to stop before. What else is wrong with it is told by whoever needs it.
    private func isLedgerReached(_ errand: Errand) async throws(MendflowFailure) -> Bool {
        // A file is there, or it is not.
        guard !workspace.isLedgerFile else { return true }
        let (path, ledgers, began) = (workspace.ledgerPath, workspace.environment.ledgers, clock.monotonic())
        var isTold = false
        func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
            log.emit(AgentEvent(at: clock.now(), level, name, message))
        }
        while !wasStopped.withLock({ $0 }), !Task.isCancelled {
            do throws(LedgerFailure) { _ = try await ledgers.open(path, .read) } catch {
                if case .away = error {
                    if !isTold { say(.error, "ledger.unreachable", "\(error); it is tried again until it answers") }
                    isTold = true
                    guard errand.goesOn || clock.monotonic() - began < MendflowHost.patience else {
                        throw MendflowFailure(ledger: error)
                    }
                    try? await clock.sleep(for: MendflowHost.retried)
                    continue
                }
            }
            if isTold { say(.info, "ledger.reached", "the ledger answers") }
            return true
        }
        say(.info, "stopped", "mendflow stopped, before its ledger could be reached")
        return false
    }

    /// What stands in the ledger is built on: that it is what was written, every record and all that is kept beside them,
    /// is asked once, before anything is.
    private func verify() async throws(MendflowFailure) {
        let path = workspace.ledgerPath
        let found = try await workspace.ledger { () throws(LedgerFailure) in
            try await workspace.environment.ledgers.open(path, .read).verify(expecting: nil)
        }
        if let fault = found.fault {
            let message = "\(path): \(fault). Nothing is done on such a ledger; docs/operating.md says what to do"
            throw MendflowFailure(.broken, message)
        }
        let message =
            "\(found.count.words("record", "records")) and all that is kept beside them are as they were written"
        log.emit(AgentEvent(at: clock.now(), .debug, "ledger.verified", message))
    }

    /// A ledger that does not know the last agent of this machine does not know what that one has sent: nothing more is sent until a
    /// person has seen to it.
    private func pauseIfOlder(_ hold: any LedgerHold) async throws(MendflowFailure) {
        let (path, ledgers) = (workspace.ledgerPath, workspace.environment.ledgers)
        try await workspace.ledger { () throws(LedgerFailure) in
            guard try await EarlierMarks.areUnknown(hold.marks, in: try ledgers.open(path, .read)) else { return }
            let number = hold.marks?.start.sequence ?? 0
            let reason =
                "this ledger does not know record \(number), with which the last agent on this machine began: an older copy? "
                + "docs/operating.md says what to do before `mendflow resume --force`"
            log.emit(AgentEvent(at: clock.now(), .error, "ledger.older", reason))
            let entry = LedgerEntry(
                .paused(instance: nil, reason: reason, by: workspace.user, isDoubt: true), at: clock.now())
            try await Ledger(try ledgers.open(path, .append), LedgerScope(instances: [])).append([entry])
        }
    }

    /// What held the last agent back and is lost by starting with the files as they are, for an agent that does not start sees
    /// nothing; but it is said.
    private func unconfirmed() async throws(MendflowFailure) -> [String] {
        guard let store = try await workspace.openLedgerReading() else { return [] }
        let last = try await workspace.ledger { () throws(LedgerFailure) in
            try await LastReading.read(store, try await store.load(LedgerScope(instances: [])).head.chain)
        }
        let losses = last?.losses(in: workspace) ?? []
        for words in losses {
            let message = "let go by this start, with nobody's word: \(words)"
            log.emit(AgentEvent(at: clock.now(), .error, "reload.unconfirmed", message))
        }
        return losses
    }

    /// Has requests marked that are about to leave. Without marks a request of an agent that was killed counts as sent.
    private func beginMarks(_ hold: any LedgerHold) async {
        do throws(LedgerFailure) {
            let store = try await workspace.environment.ledgers.open(workspace.ledgerPath, .read)
            try hold.beginMarks(at: try await store.load(LedgerScope(instances: [])).head.chain)
        } catch {
            let message = "\(error); where this process is killed, what it was about to send counts as sent"
            log.emit(AgentEvent(at: clock.now(), .warning, "sends.unmarked", message))
        }
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

    /// The first line says which policies can act.
    private func announce() {
        for instance in workspace.configuration.instances {
            let mode = workspace.mode(instance, asked: asked)
            let (acting, dryRun) = workspace.policies(of: instance, mode: mode)
            let why = mode == .enforce ? "none is in mode enforce" : "the mode here is \(mode.rawValue)"
            let message =
                acting.isEmpty
                ? "no policy can act: \(why)" : "\(acting.count) of \(acting.count + dryRun.count) policies can act"
            log.emit(
                AgentEvent(
                    at: clock.now(), .info, "started", instance: instance.name, message,
                    fields: [.init("mode", mode.rawValue), .init("acting", acting.joined(separator: ","))]))
        }
        if let message = workspace.environment.files.exposure(workspace.ledgerPath) {
            log.emit(AgentEvent(at: clock.now(), .warning, "ledger.exposed", message))
        }
    }
}
