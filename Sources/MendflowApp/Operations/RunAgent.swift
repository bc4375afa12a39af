import MendflowAgent
public import MendflowCore
import MendflowLedgerSQLite
import MendflowPolicy
import Synchronization

/// `run`: one agent per instance, each with its own connection to the ledger, under one lock.
public enum RunAgent {
    /// Runs until SIGTERM or SIGINT, or for one tick. `asked` is --dry-run or --enforce.
    public static func run(_ workspace: Workspace, once: Bool, asked: Mode?) async throws(MendflowFailure) {
        ProcessMemory.keepSmall()
        let clock = SystemClock()
        let log = LogWriter(
            format: workspace.configuration.logsJSON ? .json : .logfmt, level: workspace.configuration.logLevel)
        let lock: LedgerLock
        do throws(LedgerFailure) { lock = try LedgerLock(ledger: workspace.ledgerPath) } catch {
            throw MendflowFailure(ledger: error)
        }
        announce(workspace, asked, log, clock.now())
        var agents: [InstanceAgent] = []
        for instance in workspace.configuration.instances where workspace.mode(instance, asked: asked) != .off {
            agents.append(try agent(workspace, instance, asked, clock, log))
        }
        try recordStart(workspace, clock.now())
        StopSignals.ignoreBrokenPipes()
        let shared = FirstFailure()
        await untilStopped { [agents] in
            await withDiscardingTaskGroup { group in
                for agent in agents {
                    group.addTask { if once { shared.note(await agent.runOnce()) } else { await agent.run() } }
                }
            }
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

        func note(_ report: TickReport) {
            var found: MendflowFailure?
            if report.ledgerFailed { found = MendflowFailure(.failed, "the ledger could not be written; see the log") }
            if report.rows == 0, let failure = report.failures.first {
                found = MendflowFailure(.unreachable, failure.description)
            }
            guard let found else { return }
            first.withLock { $0 = $0 ?? found }
        }
    }

    /// Runs work until it ends or a signal asks to stop.
    static func untilStopped(_ work: @escaping @Sendable () async -> Void) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let signals = StopSignals { continuation.finish() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await work() }
            group.addTask { for await _ in stream {} }
            await group.next()
            group.cancelAll()
            continuation.finish()
        }
        withExtendedLifetime(signals) {}
    }

    private static func agent(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ asked: Mode?, _ clock: SystemClock,
        _ log: LogWriter
    ) throws(MendflowFailure) -> InstanceAgent {
        let adapters = try workspace.adapters(instance, clock: clock)
        for warning in adapters.warnings {
            log.emit(AgentEvent(at: clock.now(), .warning, "key.exposed", instance: instance.name, warning))
        }
        let mode = workspace.mode(instance, asked: asked)
        let ledger = try workspace.openLedger()
        do throws(LedgerFailure) {
            return try InstanceAgent(
                configuration: workspace.agentConfiguration(instance, mode: mode), reader: adapters.reader,
                writer: mode == .enforce ? adapters.writer : nil, ledger: ledger, clock: clock, events: log,
                policies: workspace.policySet(instance))
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// The first line says which policies can act.
    private static func announce(_ workspace: Workspace, _ asked: Mode?, _ log: LogWriter, _ now: Timestamp) {
        for instance in workspace.configuration.instances {
            let mode = workspace.mode(instance, asked: asked)
            let acting = mode == .enforce ? workspace.policies.filter { $0.mode == .enforce }.map(\.name) : []
            let words =
                acting.isEmpty
                ? "no policy can act: \(mode == .enforce ? "none is in mode enforce" : "the mode here is \(mode.rawValue)")"
                : "\(acting.count) of \(workspace.policies.count) policies can act"
            log.emit(
                AgentEvent(
                    at: now, .info, "started", instance: instance.name, words,
                    fields: [.init("mode", mode.rawValue), .init("acting", acting.joined(separator: ","))]))
        }
    }

    private static func recordStart(_ workspace: Workspace, _ now: Timestamp) throws(MendflowFailure) {
        let ledger = try workspace.openLedger()
        let changes = workspace.policies.map {
            LedgerChange.policyText(version: $0.version, name: $0.name, text: $0.text)
        }
        let versions = Dictionary(workspace.policies.map { ($0.name, AuditValue.text($0.version)) }) { first, _ in first
        }
        let record = AuditRecord(
            .lifecycle, instance: nil, at: now, fields: ["what": "started", "policies": .object(versions)])
        do throws(LedgerFailure) {
            // A damaged page that no tick happens to read would come to light when it is needed most.
            try ledger.quickCheck()
            try ledger.commit(changes, audit: [record], at: now)
        } catch {
            throw MendflowFailure(ledger: error)
        }
    }
}
