public import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

/// Why a replay that nobody stopped sends nothing now.
public enum ReplayWait: Sendable, Hashable {
    /// The agent or the instance is in dry-run, or off.
    case mode(Mode)
    /// The files would let it go on, and the agent that runs was started with `--dry-run`.
    case commandLine
    /// n8n's database seems to be another one.
    case alarm(String)
    /// Acting is paused; `isDoubt` where the ledger may not know all that was sent; `until` where that ends by itself.
    case paused(String, isDoubt: Bool, until: AgentTime? = nil)
    /// n8n refuses the key a retry.
    case refused(String)
    /// Not all of n8n can be read.
    case unread(ReadingGap)

    /// What it waits for, in order of what stops more; nil where nothing of this keeps it.
    init?(_ mode: Mode, _ obstacles: Obstacles) {
        if let alarm = obstacles.alarm {
            self = .alarm(alarm)
        } else if mode != .enforce {
            self = obstacles.isOverruled ? .commandLine : .mode(mode)
        } else if let paused = obstacles.paused {
            self = .paused(paused, isDoubt: obstacles.isInDoubt, until: obstacles.pausedUntil)
        } else if let refused = obstacles.refused {
            self = .refused(refused)
        } else if let gap = obstacles.gap, gap.holds(.retry) {
            self = .unread(gap)
        } else {
            return nil
        }
    }

    /// What keeps an instance from being acted on.
    struct Obstacles {
        var alarm: String?, isOverruled = false, paused: String?, isInDoubt = false, pausedUntil: AgentTime?
        var refused: String?, gap: ReadingGap?
    }

    /// Whether the agent, or its instance, may send nothing at all.
    public var isOfMode: Bool {
        switch self {
        case .mode, .commandLine: true
        case .alarm, .paused, .refused, .unread: false
        }
    }

    /// Why nothing is sent.
    public var words: String {
        switch self {
        case .mode(.off): "its instance is off, so that nothing is looked at or sent"
        case .mode: "its instance is in dry-run, where nothing is sent"
        case .commandLine: "the agent was started with --dry-run, so that nothing is sent, whatever the files say"
        case .alarm(let why): "n8n's database seems to be another one: \(why)"
        case .paused(let why, _, _): "acting is paused: \(why)"
        case .refused(let why): "n8n refuses the key a retry: \(why)"
        case .unread(let gap): "\(gap.held): \(gap.why)"
        }
    }

    /// What lets it go on.
    public var remedy: String {
        switch self {
        case .mode:
            "it goes on once `mode: enforce` stands for the agent and for the instance and the agent was started anew, or abort it"
        case .commandLine:
            "it goes on once the agent was started anew without --dry-run; where none runs, `mendflow replay follow` carries it out; "
                + "or abort it"
        case .alarm:
            "it is about the former database: once the present one is adopted (`mendflow instance adopt`), it is over"
        case .paused(_, isDoubt: true, _): "it goes on after `mendflow resume --force`"
        case .paused(_, _, let until?): "it goes on by itself at \(until.rfc3339), or after `mendflow resume`"
        case .paused: "it goes on after `mendflow resume`"
        case .refused: "give the key the scope, and start the agent anew: `mendflow doctor` names it"
        case .unread(let gap): gap.remedy
        }
    }
}

extension InstanceStatus {
    /// What its replays wait for that nobody stopped; nil where nothing keeps them.
    public var replaysWait: ReplayWait? {
        guard let record else { return nil }
        return ReplayWait(
            mode,
            ReplayWait.Obstacles(
                alarm: record.alarm, isOverruled: isOverruled, paused: record.paused, isInDoubt: record.isInDoubt,
                pausedUntil: record.pausedUntil, refused: record.refused[.retry], gap: lastingGap))
    }
}

extension Replaying {
    /// What replays of an instance wait for that nobody stopped, by the ledger alone; nil where nothing keeps them.
    public static func wait(
        _ workspace: Workspace, instance asked: String?
    ) async throws(MendflowFailure) -> ReplayWait? {
        let instance = try workspace.instance(asked)
        guard let store = try await workspace.openLedgerReading() else { return nil }
        let isCarriedOut = try await isCarriedOut(workspace) ?? true
        let now = workspace.clock.now()
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(LedgerScope(instances: [instance.name]))
            guard let key = state.baseline(of: instance.name)?.instance else { return nil }
            // The agent that runs may have been started otherwise than the files say.
            let told = isCarriedOut ? try await LastReading.read(store, state.head.chain) : nil
            let view = state.view(of: key, shadow: false, at: now)
            let gap = state.tick(of: key)?.gap.flatMap {
                $0.lasts(at: now, interval: workspace.configuration.pollInterval) ? $0 : nil
            }
            return ReplayWait(
                told?.modes[instance.name] ?? workspace.mode(instance, asked: nil),
                Obstacles(
                    alarm: view.alarm, isOverruled: told?.overruled(workspace)[instance.name] != nil,
                    paused: state.pauseWords(on: instance.name, at: now), isInDoubt: view.isInDoubt,
                    pausedUntil: state.pauseEnds(on: instance.name, at: now), refused: view.suspended[.retry],
                    gap: isCarriedOut ? gap : nil))
        }
    }

    private typealias Obstacles = ReplayWait.Obstacles
}
