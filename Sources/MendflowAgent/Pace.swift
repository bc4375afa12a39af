import MendflowCore
import MendflowCycle
import MendflowLedger

/// When the next tick is due, and whether this one may be believed.
struct Pace: Sendable {
    var configuration: AgentConfiguration
    /// What the agent found when it started; nil once that is written down.
    private(set) var start: CycleStart?
    /// Polls that failed in a row, and how long the server asked to be left alone.
    private var failedPolls = 0
    private var askedToWait: Period?
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

    /// Time to the next tick: none where work is left, and longer where polls fail or the server asked to be left alone.
    var pause: Period {
        guard failedPolls > 0 else {
            return hasMore ? .zero : max(configuration.pollInterval, min(askedToWait ?? .zero, .minutes(15)))
        }
        let doubled = Period(milliseconds: configuration.pollInterval.milliseconds << min(failedPolls - 1, 6))
        let longest = max(configuration.pollInterval, .minutes(5))
        return max(min(doubled, longest), min(askedToWait ?? .zero, .minutes(15)))
    }

    /// How far the wall clock got ahead of monotonic time between two ticks; nil where the two agree.
    mutating func jump(wall: AgentTime, monotonic: Period) -> Period? {
        defer { (lastWall, lastMonotonic) = (wall, monotonic) }
        guard let lastWall, let lastMonotonic else { return nil }
        let ahead = (wall - lastWall) - (monotonic - lastMonotonic)
        return ahead > .minutes(5) ? ahead : nil
    }

    /// Takes in how a survey went; answers how many polls had failed before, where this one did not and several had.
    mutating func note(_ survey: Survey) -> Int? {
        hasMore = survey.hasMore && survey.failures.isEmpty
        guard let first = survey.failures.first else {
            defer { (failedPolls, askedToWait) = (0, survey.askedToWait) }
            return failedPolls > 1 ? failedPolls : nil
        }
        failedPolls += 1
        askedToWait = first.retryAfter
        return nil
    }
}

extension CycleStart {
    /// What an agent finds when it starts.
    init(_ state: LedgerState, _ baseline: InstanceBaseline, _ configuration: AgentConfiguration, now: AgentTime) {
        let tick = state.tick(of: baseline.instance)
        let offset = tick?.clockOffset ?? .zero
        self.init(
            orphans: Set(state.intents(in: [.reserved, .sending], of: baseline.instance).map(\.id)),
            unwatchedSince: tick.map { offset.server($0.at) }, lookBackEdge: offset.server(now) - configuration.lookBack
        )
    }
}
