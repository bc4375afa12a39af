public import MendflowCore

/// How an instance is polled and how far the agent may go there (semantics 21, 47, 48).
public struct AgentConfiguration: Sendable, Hashable {
    /// The instance's name.
    public var instance: String
    /// The lower of the agent's and the instance's mode.
    public var mode: Mode
    /// Time from the start of a tick to the start of the next.
    public var pollInterval: Period
    /// How far back ended executions are looked at.
    public var lookBack: Period
    /// How far below the accounted id the list is read again, in rows.
    public var overlap: Int
    /// The most pages of lists per tick; what is left of the unfiltered list is read at the next ones.
    public var pagesPerTick: Int
    /// The most bytes of lists per tick.
    public var bytesPerTick: Int
    /// The longest time that a tick goes on reading lists.
    public var readingTime: Period
    /// The most executions asked for by id per tick because they left the live lists.
    public var vanishedPerTick: Int
    /// The most executions asked for by id per tick because hints told of them.
    public var hintedPerTick: Int = 50
    /// The most ids asked for per tick because no list shows them, last looks included.
    public var gapBudget: Int
    /// Time from one deep sweep of the failed executions to the next.
    public var sweepInterval: Period
    /// How long something in front of n8n may hold a request that was lost, and pass it on after all.
    public var requestGrace: Period
    /// The most details fetched per tick.
    public var detailsPerTick: Int
    /// How old the list of workflows may grow.
    public var workflowRefresh: Period
    /// How long `run --once` waits for its actions.
    public var onceDeadline: Period
    /// The only actions that are done, where somebody chose some out of a plan; nil for all.
    public var chosen: Set<ChosenAction>?
    /// The replay whose actions alone are done, where the agent runs for nothing else; nil for all.
    public var onlyReplay: String?

    /// Makes a configuration with the defaults.
    public init(
        instance: String, mode: Mode, pollInterval: Period = .seconds(30), lookBack: Period = .hours(48),
        overlap: Int = 250, pagesPerTick: Int = 40, bytesPerTick: Int = 64 << 20, readingTime: Period = .minutes(1),
        vanishedPerTick: Int = 50, gapBudget: Int = 50, sweepInterval: Period = .minutes(10),
        requestGrace: Period = .minutes(15), detailsPerTick: Int = 100, workflowRefresh: Period = .minutes(5),
        onceDeadline: Period = .minutes(10)
    ) {
        self.instance = instance
        self.mode = mode
        self.pollInterval = pollInterval
        self.lookBack = lookBack
        self.overlap = overlap
        self.pagesPerTick = pagesPerTick
        self.bytesPerTick = bytesPerTick
        self.readingTime = readingTime
        self.vanishedPerTick = vanishedPerTick
        self.gapBudget = gapBudget
        self.sweepInterval = sweepInterval
        self.requestGrace = requestGrace
        self.detailsPerTick = detailsPerTick
        self.workflowRefresh = workflowRefresh
        self.onceDeadline = onceDeadline
    }
}

/// The named steps of an action, at each of which a test stops the agent.
public enum ActingStep: String, Sendable, Hashable, CaseIterable {
    /// The intent is written down.
    case reserved
    /// The last look found nothing against it.
    case looked
    /// It is written down that the request may leave.
    case sending
    /// The connection is about to be opened.
    case opening
    /// An answer, or the lack of one, is known and not written down yet.
    case answered
    /// The outcome is written down.
    case settled
}

/// Called at each step of each action; throwing stops the agent dead there, as kill -9 would. Only tests pass one.
public typealias StepHook = @Sendable (ActingStep, Intent) async throws(AgentKilled) -> Void

/// The agent was stopped dead by a test.
public struct AgentKilled: Error, Sendable {
    /// Makes one.
    public init() {}
}
