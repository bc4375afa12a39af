import MendflowAgent
public import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowOperations
import MendflowPolicy
public import MendflowWorkspace
import Synchronization

/// `run`: one agent per instance, each with its own connection to the ledger, under one lock.
public enum RunAgent {
    /// Runs until SIGTERM or SIGINT, or for one tick. `asked` is --dry-run or --enforce.
    public static func run(_ workspace: Workspace, once: Bool, asked: Mode?) async throws(MendflowFailure) {
        ProcessMemory.keepSmall()
        try await DuplicateInstances.refuse(workspace)
        let clock = workspace.clock
        let log = LogWriter(
            format: workspace.configuration.logsJSON ? .json : .logfmt, level: workspace.configuration.logLevel)
        let lock: LedgerLock
        do throws(LedgerFailure) { lock = try LedgerLock(ledger: workspace.ledgerPath) } catch {
            throw MendflowFailure(ledger: error)
        }
        // A damaged page that no tick happens to read would come to light when it is needed most.
        try await workspace.ledger { () throws(LedgerFailure) in
            try await SQLiteLedgerStore.openReading(path: workspace.ledgerPath).quickCheck()
        }
        announce(workspace, asked, log, clock.now())
        let watch = PolicyWatch(workspace, log: log) { (next, why, held) async throws(MendflowFailure) in
            try await AgentRecords.reloaded(next, why: why, held: held, clock.now())
        }
        var runs: [InstanceRun] = []
        for instance in workspace.configuration.instances where workspace.mode(instance, asked: asked) != .off {
            runs.append(try await InstanceRun(workspace, instance, asked, log, watch))
        }
        try await AgentRecords.started(workspace, asked, clock.now())
        StopSignals.ignoreBrokenPipes()
        let reload = ReloadSignal { watch.ask() }
        let shared = FirstFailure()
        let isSignalled = await untilStopped { [runs] in
            await withDiscardingTaskGroup { group in
                for run in runs {
                    group.addTask { if once { shared.note(await run.once()) } else { await run.untilCancelled() } }
                }
            }
        }
        withExtendedLifetime(reload) {}
        let why = isSignalled ? "signal" : once ? "once" : "ended"
        do throws(MendflowFailure) { try await AgentRecords.stopped(workspace, why: why, clock.now()) } catch {
            log.emit(AgentEvent(at: clock.now(), .error, "ledger.failed", error.message))
        }
        log.emit(
            AgentEvent(at: clock.now(), .info, "stopped", "mendflow stopped; what is under way is left to recovery"))
        withExtendedLifetime(lock) {}
        if let failure = shared.failure { throw failure }
    }

    /// What kept a single tick from seeing anything, or from writing it down.
    private final class FirstFailure: Sendable {
        private let first = Mutex<MendflowFailure?>(nil)
        var failure: MendflowFailure? { first.withLock { $0 } }

        func note(_ end: (report: TickReport, alarm: String?)) {
            let report = end.report
            var found = end.alarm.map { MendflowFailure(.failed, $0) }
            if report.ledgerFailed { found = MendflowFailure(.failed, "the ledger could not be written; see the log") }
            if report.rows == 0, let failure = report.failures.first {
                found = MendflowFailure(.unreachable, failure.description)
            }
            guard let found else { return }
            first.withLock { $0 = $0 ?? found }
        }
    }

    /// Runs work until it ends or a signal asks to stop, and answers whether it was a signal.
    @discardableResult
    public static func untilStopped(_ work: @escaping @Sendable () async -> Void) async -> Bool {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let signals = StopSignals { continuation.finish() }
        let isSignalled = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await work()
                return false
            }
            group.addTask {
                for await _ in stream {}
                return true
            }
            let first = await group.next()
            group.cancelAll()
            continuation.finish()
            return first == true
        }
        withExtendedLifetime(signals) {}
        return isSignalled
    }

    /// The first line says which policies can act.
    private static func announce(_ workspace: Workspace, _ asked: Mode?, _ log: LogWriter, _ now: Timestamp) {
        for instance in workspace.configuration.instances {
            let mode = workspace.mode(instance, asked: asked)
            let (acting, dryRun) = workspace.policies(of: instance, mode: mode)
            let why = mode == .enforce ? "none is in mode enforce" : "the mode here is \(mode.rawValue)"
            let words =
                acting.isEmpty
                ? "no policy can act: \(why)" : "\(acting.count) of \(acting.count + dryRun.count) policies can act"
            log.emit(
                AgentEvent(
                    at: now, .info, "started", instance: instance.name, words,
                    fields: [.init("mode", mode.rawValue), .init("acting", acting.joined(separator: ","))]))
        }
        if let words = TextFile.exposure(workspace.ledgerPath) {
            log.emit(AgentEvent(at: now, .warning, "ledger.exposed", words))
        }
    }
}
