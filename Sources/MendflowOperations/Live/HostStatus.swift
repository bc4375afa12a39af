public import MendflowAgent
public import MendflowCore

/// How a running host is, as far as no ledger tells it: told by its agents, asked by what shows it.
public actor HostStatus {
    /// What is known of one instance.
    public struct Instance: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// How far the agent may go there.
        public var mode: Mode
        /// What its loop does.
        public var phase = Phase.starting
        /// Since when, in the clock's monotonic time.
        public var since: Period
        /// How many ticks were made.
        public var ticks = 0
        /// The last tick that was made.
        public var lastTick: Tick?
        /// When the last tick began in which n8n was read without a failure, by both clocks.
        public var lastRead: Moment?

        /// A moment by the wall clock and in monotonic time.
        public struct Moment: Sendable, Hashable {
            /// By the agent's wall clock.
            public var at: AgentTime
            /// In monotonic time.
            public var monotonic: Period
        }
    }

    /// What a loop does.
    public enum Phase: Sendable, Hashable {
        /// It has not begun yet.
        case starting
        /// It makes a tick.
        case ticking
        /// It waits for its next tick, due then in monotonic time; `isAsked` where n8n asked to be left alone.
        case resting(until: Period, isAsked: Bool)
        /// It has ended by itself, for this reason; only a restart begins it anew.
        case ended(String)
    }

    /// What a tick was, in numbers.
    public struct Tick: Sendable, Hashable {
        /// When it began.
        public var began: Instance.Moment
        /// How long it took.
        public var took: Period
        /// Requests sent to read, lists and ids; bytes of lists read; requests for details; rows read.
        public var requests: Int, bytes: Int, details: Int, rows: Int
        /// Whether everything was seen.
        public var completeness: Completeness
        /// Reads that failed.
        public var failures: [ReadFailure]
        /// What the ledger says of the instance as a whole; nil where nothing could be read.
        public var standing: TickReport.Standing?
        /// Whether something could not be written down.
        public var ledgerFailed: Bool
        /// Actions that were started.
        public var started: Int
        /// Decisions of the enforced policies and of those in dry-run.
        public var decisions: Int, dryRunDecisions: Int
    }

    /// The policies in force.
    public struct Policies: Sendable, Hashable {
        /// How many there are, and the names of those that are held because their file is gone.
        public var loaded: Int, held: [String] = []
        /// When the files were read anew last, and whether what they said came into force; nil before the first time.
        public var reloaded: Reload?
    }

    /// One reading of changed files.
    public struct Reload: Sendable, Hashable {
        /// When it was.
        public var at: AgentTime
        /// What was wrong, where it was refused; empty where it came into force.
        public var refused: [String]
    }

    /// All that is known, at one moment.
    public struct Values: Sendable, Hashable {
        /// When the host started.
        public var started: Instance.Moment
        /// The time between two ticks.
        public var pollInterval: Period
        /// The instances, in the order of the configuration.
        public var instances: [Instance]
        /// The policies.
        public var policies: Policies
    }

    /// What is known now.
    public private(set) var values: Values
    private let clock: any AgentClock

    /// Makes one for a host that starts now.
    public init(instances: [(name: String, mode: Mode)], policies: Int, pollInterval: Period, clock: any AgentClock) {
        let now = Instance.Moment(at: clock.now(), monotonic: clock.monotonic())
        self.clock = clock
        values = Values(
            started: now, pollInterval: pollInterval,
            instances: instances.map { Instance(name: $0.name, mode: $0.mode, since: now.monotonic) },
            policies: Policies(loaded: policies))
    }

    /// What is known of an instance.
    public func instance(_ name: String) -> Instance? { values.instances.first { $0.name == name } }

    /// Other policies came into force.
    public func reloaded(policies: Int, held: [String]) {
        values.policies = Policies(loaded: policies, held: held, reloaded: Reload(at: clock.now(), refused: []))
    }

    /// What the files say now is not in force.
    public func refused(_ why: [String]) { values.policies.reloaded = Reload(at: clock.now(), refused: why) }

    /// An instance's loop has ended by itself.
    public func ended(_ name: String, _ why: String) { enter(.ended(why), name) }

    /// Notes what the loop of an instance does.
    public nonisolated func observer(of name: String) -> any AgentObserver { Observer(status: self, name: name) }

    private struct Observer: AgentObserver {
        let status: HostStatus
        let name: String
        func begins() async { await status.enter(.ticking, name) }
        func ended(_ report: TickReport) async { await status.note(report, name) }
        func rests(until next: Period, isAsked: Bool) async {
            await status.enter(.resting(until: next, isAsked: isAsked), name)
        }
    }

    private func enter(_ phase: Phase, _ name: String) {
        change(name) {
            $0.phase = phase
            $0.since = clock.monotonic()
        }
    }

    private func note(_ report: TickReport, _ name: String) {
        let now = Instance.Moment(at: clock.now(), monotonic: clock.monotonic())
        change(name) { instance in
            let took = max(.zero, now.monotonic - instance.since)
            let began = Instance.Moment(at: now.at - took, monotonic: instance.since)
            instance.ticks += 1
            instance.lastTick = Tick(
                began: began, took: took, requests: report.requests, bytes: report.bytes, details: report.details,
                rows: report.rows, completeness: report.completeness, failures: report.failures,
                standing: report.standing, ledgerFailed: report.ledgerFailed, started: report.started.count,
                decisions: report.plan.decisions.count, dryRunDecisions: report.dryRunPlan.decisions.count)
            if report.snapshot != nil, report.failures.isEmpty { instance.lastRead = began }
        }
    }

    private func change(_ name: String, _ change: (inout Instance) -> Void) {
        guard let place = values.instances.firstIndex(where: { $0.name == name }) else { return }
        change(&values.instances[place])
    }
}
