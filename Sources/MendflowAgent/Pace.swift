import MendflowCore
import MendflowCycle
import MendflowLedger

/// When the next tick is due, and whether this one may be believed.
struct Pace: Sendable {
    var configuration: AgentConfiguration
    /// What the agent found when it started; nil once that is written down.
    private(set) var start: CycleStart?
    /// Polls that failed in a row.
    private var failedPolls = 0
    /// Until when the server asked to be left alone, in monotonic time.
    private var silentUntil: Period?
    private static let longestSilence = Period.minutes(15)
    /// Whether there is work that the last tick had no room for.
    private(set) var hasMore = false
    private var lastWall: AgentTime?
    private var lastMonotonic: Period?

    init(_ configuration: AgentConfiguration, start: CycleStart) {
        self.configuration = configuration
        self.start = start
    }

    /// What was found at the start is written down.
    mutating func hasStarted() { start = nil }

    /// Time from one tick to the next: none where work is left, and longer where polls fail.
    var pause: Period {
        guard failedPolls > 0 else { return hasMore ? .zero : configuration.pollInterval }
        let doubled = Period(milliseconds: configuration.pollInterval.milliseconds << min(failedPolls - 1, 6))
        return min(doubled, max(configuration.pollInterval, .minutes(5)))
    }

    /// Whether the last poll failed: then the server is asked less often, whatever is told of it.
    var isFailing: Bool { failedPolls > 0 }

    /// How long the server is to be left alone still, because it asked for it; nil where it is not.
    func silence(at now: Period) -> Period? { silentUntil.flatMap { $0 > now ? $0 - now : nil } }

    /// An operator wants to know at once.
    mutating func endSilence() { silentUntil = nil }

    /// How far the wall clock got ahead of monotonic time between two ticks; nil where the two agree.
    mutating func jump(wall: AgentTime, monotonic: Period) -> Period? {
        defer { (lastWall, lastMonotonic) = (wall, monotonic) }
        guard let lastWall, let lastMonotonic else { return nil }
        let ahead = (wall - lastWall) - (monotonic - lastMonotonic)
        return ahead > .minutes(5) ? ahead : nil
    }

    /// Takes in how a survey went that has just ended; answers how many polls had failed before, where this one did not and
    /// several had.
    mutating func note(_ survey: Survey, at now: Period) -> Int? {
        hasMore = survey.hasMore && survey.failures.isEmpty
        let asked = survey.failures.first.map(\.retryAfter) ?? survey.askedToWait
        silentUntil = asked.map { now + min($0, Pace.longestSilence) }
        guard survey.failures.isEmpty else {
            failedPolls += 1
            return nil
        }
        defer { failedPolls = 0 }
        return failedPolls > 1 ? failedPolls : nil
    }
}

extension CycleStart {
    /// What an agent finds when it starts.
    init(
        _ state: LedgerState, _ baseline: InstanceBaseline, _ configuration: AgentConfiguration, _ marks: SendMarks?,
        now: AgentTime
    ) {
        let tick = state.tick(of: baseline.instance)
        let offset = tick?.clockOffset ?? .zero
        let orphans = Set(state.intents(in: [.reserved, .sending], of: baseline.instance).map(\.id))
        self.init(
            orphans: orphans, unsent: orphans.filter { marks?.proveUnsent($0) ?? false },
            unwatchedSince: tick.map { offset.server($0.at) }, lookBackEdge: offset.server(now) - configuration.lookBack
        )
    }
}
