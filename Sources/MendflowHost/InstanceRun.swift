import MendflowAgent
import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// The agent of one instance, and the one that follows it when an operator adopts another database: the ledger lets
/// nothing of an old epoch be sent, so an agent that stayed in it would only look on.
struct InstanceRun: Sendable {
    private let workspace: Workspace
    private let instance: Configuration.Instance
    private let asked: Mode?
    private var clock: any AgentClock { workspace.clock }
    private let log: any EventSink
    private let watch: PolicyWatch
    private let hold: any LedgerHold
    /// Told what the loop does; nil where nobody asks.
    private let status: HostStatus?
    /// Where hints wait; nil where none are taken in.
    private let hints: HintInbox?
    /// What a person rings who wants a look at once.
    private let bell: Bell
    /// What stands in the ledger, shared by all loops of the host.
    private let standing: StandingLedger
    private let first: (agent: InstanceAgent, epoch: Int)

    init(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ asked: Mode?, _ log: any EventSink,
        _ watch: PolicyWatch, _ hold: any LedgerHold, _ marks: SendMarks?, _ work: Work = .everything,
        _ status: HostStatus? = nil, _ hints: HintInbox? = nil, standing: StandingLedger,
        bell: Bell
    ) async throws(MendflowFailure) {
        (self.standing, self.bell) = (standing, bell)
        self.workspace = workspace
        self.instance = instance
        self.asked = asked
        self.log = log
        self.watch = watch
        self.hold = hold
        self.status = status
        self.hints = hints
        first = try await InstanceRun.agent(
            workspace, instance, asked, log, watch, hold, marks, work, status, hints, bell)
    }

    /// What an agent is for.
    enum Work: Sendable {
        /// What policies and replays want.
        case everything
        /// Some actions that somebody chose.
        case chosen(Set<ChosenAction>)
        /// One replay.
        case replay(String)

        var actions: Set<ChosenAction>? { if case .chosen(let actions) = self { actions } else { nil } }
        var replay: String? { if case .replay(let name) = self { name } else { nil } }
    }

    /// Ticks until a replay is not running any more; answers why it ended before, where it did.
    func untilReplayEnds(_ name: String) async -> MendflowFailure? {
        await withTaskGroup(of: MendflowFailure?.self) { group in
            group.addTask { await untilCancelled() }
            group.addTask {
                while await isAtWork(name) {
                    do { try await clock.sleep(for: .milliseconds(500)) } catch { break }
                }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Whether a replay runs, or a request of it is under way: what n8n runs already comes to its end, also where it was paused.
    /// A ledger that cannot be read now is the agent's to tell.
    private func isAtWork(_ replay: String) async -> Bool {
        guard let ledger = try? await workspace.readLedger(LedgerScope(instances: [instance.name])),
            let key = ledger.baseline(of: instance.name)?.instance
        else { return true }
        if ledger.replays(of: key).first(where: { $0.name == replay })?.isRunning ?? false { return true }
        return ledger.intents(in: [.reserved, .sending]).contains {
            $0.draft.instance == key && $0.draft.policy == replay && !$0.draft.isShadow
        }
    }

    /// One tick; answers what kept it from seeing anything or from writing it down, or why nothing can be done for good.
    func once() async -> MendflowFailure? {
        let report = await first.agent.runOnce()
        if let displaced = await displaced(first.agent) { return displaced }
        if report.rows == 0, let failure = report.failures.first {
            return MendflowFailure(.unreachable, failure.description)
        }
        if report.ledgerFailed { return MendflowFailure(.failed, "the ledger could not be written; see the log") }
        do {
            let key = InstanceKey(name: instance.name, epoch: first.epoch)
            let ledger = try await workspace.readLedger(LedgerScope(instances: [instance.name]))
            return ledger?.view(of: key, shadow: false).alarm.map { MendflowFailure(.failed, $0) }
        } catch {
            say(.error, "ledger.failed", "\(error)")
            return nil
        }
    }

    /// Why an agent has ended by itself: its ledger is not where it was.
    private func displaced(_ agent: InstanceAgent) async -> MendflowFailure? {
        guard let failure = await agent.displaced else { return nil }
        say(.error, "ledger.displaced", "\(failure)")
        return MendflowFailure(ledger: failure)
    }

    /// Ticks until the task is cancelled; answers why it ended for all, where it did by itself.
    func untilCancelled() async -> MendflowFailure? {
        var current = first
        while true {
            let (agent, epoch) = current
            let ending = await withTaskGroup(of: Ending.self) { group in
                group.addTask {
                    await agent.run()
                    return .cancelled
                }
                group.addTask { await reasonToEnd(epoch) }
                let ending = await group.next() ?? .cancelled
                group.cancelAll()
                return ending
            }
            if let displaced = await displaced(agent) { return displaced }
            guard !Task.isCancelled else { return nil }
            switch ending {
            case .cancelled: return nil
            case .twin(let message):
                await status?.ended(instance.name, message)
                say(.error, "instances.same", "\(message); '\(instance.name)' is left alone until a restart")
                return nil
            case .adopted: break
            }
            do throws(MendflowFailure) {
                current = try await InstanceRun.agent(
                    workspace, instance, asked, log, watch, hold, hold.marks, .everything, status, hints, bell)
            } catch {
                await status?.ended(instance.name, error.message)
                say(.error, "agent.failed", "\(error.message); this instance is left alone until a restart")
                return nil
            }
            await watch.renew(instance.name)
            say(.info, "epoch.adopted", "epoch \(current.epoch) began: its agent starts, that of epoch \(epoch) ended")
        }
    }

    /// Why an agent must end.
    private enum Ending: Sendable {
        case cancelled
        /// A later epoch began.
        case adopted
        /// Another entry stands for the same server, as their rows have shown meanwhile.
        case twin(String)
    }

    /// Waits for a reason to end the agent of an epoch.
    private func reasonToEnd(_ epoch: Int) async -> Ending {
        while true {
            do { try await clock.sleep(for: workspace.configuration.pollInterval) } catch { return .cancelled }
            // A ledger that cannot be read is the agent's to tell.
            guard let ledger = await standing.state() else { continue }
            let newest = ledger.baseline(of: instance.name)?.instance.epoch
            if let newest, newest > epoch { return .adopted }
            let names = await watch.current.instanceNames
            guard names.count > 1 else { continue }
            if let twin = DuplicateInstances.twin(of: instance.name, among: names, ledger) {
                return .twin(DuplicateInstances.message(twin, instance.name))
            }
        }
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        log.emit(AgentEvent(at: clock.now(), level, name, instance: instance.name, message))
    }

    private static func agent(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ asked: Mode?, _ log: any EventSink,
        _ watch: PolicyWatch, _ hold: any LedgerHold, _ marks: SendMarks?, _ work: Work = .everything,
        _ status: HostStatus?, _ hints: HintInbox?, _ bell: Bell
    ) async throws(MendflowFailure) -> (agent: InstanceAgent, epoch: Int) {
        let clock = workspace.clock
        let adapters = try workspace.adapters(instance)
        for warning in adapters.warnings {
            log.emit(AgentEvent(at: clock.now(), .warning, "key.exposed", instance: instance.name, warning))
        }
        let mode = workspace.mode(instance, asked: asked)
        let store = try await workspace.openLedger()
        let name = instance.name
        var configuration = workspace.agentConfiguration(instance, mode: mode)
        configuration.chosen = work.actions
        configuration.onlyReplay = work.replay
        // Somebody waits for what becomes of it.
        if work.replay != nil { configuration.pollInterval = min(configuration.pollInterval, .seconds(5)) }
        let policies = ReplayPolicies(workspace, name, watch, log)
        do throws(LedgerFailure) {
            let agent = try await InstanceAgent(
                configuration: configuration, reader: adapters.reader,
                writer: mode == .enforce ? adapters.writer : nil, store: store, clock: clock, events: log,
                policies: workspace.policySet(instance), hold: hold, marks: marks,
                refresh: { await policies.fresh($0) }, observer: status?.observer(of: name),
                hints: hints, bell: bell, atRest: workspace.environment.atRest)
            return (agent, agent.epoch)
        } catch .missing { throw .noBaseline(of: name) } catch { throw MendflowFailure(ledger: error) }
    }
}
