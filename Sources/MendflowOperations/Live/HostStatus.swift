public import MendflowAgent
public import MendflowCore
import MendflowCycle
public import MendflowLedger
private import Synchronization

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
        /// What all ticks since the start add up to.
        public var counts = Counts()
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

    /// What the ticks of an instance add up to.
    public struct Counts: Sendable, Hashable {
        /// Reads that failed, lists and single executions.
        public var failures: [ReadFailure.Kind: Int] = [:]
        /// Ticks in which not everything was seen, and those of which something could not be written down.
        public var incomplete = 0, unwritten = 0
        /// How long the ticks took.
        public var durations = DurationCounts.ticks
    }

    /// What was seen of an instance, in numbers.
    public struct Seen: Sendable, Hashable {
        /// Executions that are known, and parts of the list that there was no room to read yet.
        public var known: Int, unreadRanges: Int
        /// Ids between known ones that no list shows and nobody has asked for.
        public var unknownIDs: Int
        /// Decisions to hold or to wait, by the label of their reason.
        public var held: [String: Int]
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
        /// Another agent that shares the ledger leads it; nil where nobody does now.
        case elsewhere(AgentName?)
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
        /// What was seen; nil where nothing could be read.
        public var seen: Seen?
        /// What n8n leaves the key.
        public var limits: KeyLimits
        /// What could not be read, so that something is held.
        public var gap: ReadingGap?
    }

    /// The policies in force.
    public struct Policies: Sendable, Hashable {
        /// Their names with the mode that each has by itself, in order.
        public var inForce: [InForce]
        /// The names of those that are held because their file is gone.
        public var held: [String] = []
        /// What the files would lose, in words, and waits for a person to confirm it.
        public var losses: [ReloadLoss] = []
        /// What the files say and only a restart takes in, in words.
        public var needsRestart: [RestartSetting] = []
        /// When the files were read anew last, and whether what they said came into force; nil before the first time.
        public var reloaded: Reload?

        /// A policy.
        public struct InForce: Sendable, Hashable {
            /// Its name, its own mode, and the hash of its text.
            public var name: String, mode: Mode, version: String
        }

        /// How many there are.
        public var loaded: Int { inForce.count }
        /// Their names.
        public var names: [String] { inForce.map(\.name) }
        /// How many have a mode.
        public func count(of mode: Mode) -> Int { inForce.count { $0.mode == mode } }

        /// What is in force of some policies.
        public init(
            _ policies: [Policy], held: [String] = [], losses: [ReloadLoss] = [], needsRestart: [RestartSetting] = [],
            reloaded: Reload? = nil
        ) {
            inForce = policies.map { InForce(name: $0.name, mode: $0.mode, version: $0.version) }
            self.held = held
            (self.losses, self.needsRestart) = (losses, needsRestart)
            self.reloaded = reloaded
        }
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
        /// Who leads what, where several agents share the ledger, as it was at this agent's last turn; nil before, and where
        /// one has it to itself. With this agent's name.
        public var fleet: Fleet?
    }

    /// What its agents saw last.
    public nonisolated let looks = LastLooks()
    var known: Values
    private let clock: any AgentClock
    /// What was wrong with files that were read and refused, with when that was; told by whoever cannot wait.
    private nonisolated let refusals = Mutex<Reload?>(nil)

    /// What is known now.
    public var values: Values {
        var values = known
        if let refused = refusals.withLock({ $0 }) { values.policies.reloaded = refused }
        return values
    }

    /// Makes one for a host that starts now.
    public init(
        instances: [(name: String, mode: Mode)], policies: [Policy], pollInterval: Period, clock: any AgentClock
    ) {
        let now = Instance.Moment(at: clock.now(), monotonic: clock.monotonic())
        self.clock = clock
        known = Values(
            started: now, pollInterval: pollInterval,
            instances: instances.map { Instance(name: $0.name, mode: $0.mode, since: now.monotonic) },
            policies: Policies(policies))
    }

    /// What is known of an instance.
    public func instance(_ name: String) -> Instance? { known.instances.first { $0.name == name } }

    /// Other policies came into force; `losses` is what the files would lose and a person has to confirm, `needsRestart` what of
    /// them only a restart takes in.
    public func reloaded(
        _ policies: [Policy], held: [String], losses: [ReloadLoss] = [], needsRestart: [RestartSetting] = []
    ) {
        refusals.withLock { $0 = nil }
        let reload = Reload(at: clock.now(), refused: [])
        known.policies = Policies(
            policies, held: held, losses: losses, needsRestart: needsRestart, reloaded: reload)
    }

    /// What the files say now is not in force, for this reason; several that are told one right after the other
    /// belong together.
    public nonisolated func refused(_ why: String, at time: AgentTime) {
        refusals.withLock { refusals in
            let before = refusals.flatMap { time - $0.at < .milliseconds(500) ? $0 : nil }
            refusals = Reload(at: before?.at ?? time, refused: (before?.refused ?? []) + [why])
        }
    }

    /// How far the agent may go from now on, on each instance that it leads.
    public func modes(_ modes: [(name: String, mode: Mode)]) {
        for (name, mode) in modes {
            if let place = known.instances.firstIndex(where: { $0.name == name }) { known.instances[place].mode = mode }
        }
    }

    /// These are the instances from now on, in the order of the configuration; what is known of one stays.
    public func lead(_ instances: [(name: String, mode: Mode)]) {
        let before = Dictionary(known.instances.map { ($0.name, $0) }) { first, _ in first }
        guard
            known.instances.map(\.name) != instances.map(\.name) || known.instances.map(\.mode) != instances.map(\.mode)
        else { return }
        known.instances = instances.map { name, mode in
            var instance = before[name] ?? Instance(name: name, mode: mode, since: clock.monotonic())
            instance.mode = mode
            return instance
        }
        for name in before.keys where !instances.contains(where: { $0.name == name }) { looks.forget(name) }
    }

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

    func enter(_ phase: Phase, _ name: String) {
        change(name) {
            $0.phase = phase
            $0.since = clock.monotonic()
        }
    }

    private func note(_ report: TickReport, _ name: String) {
        let now = Instance.Moment(at: clock.now(), monotonic: clock.monotonic())
        looks.note(report, of: name, at: now.at)
        change(name) { instance in
            let took = max(.zero, now.monotonic - instance.since)
            let began = Instance.Moment(at: now.at - took, monotonic: instance.since)
            instance.ticks += 1
            instance.lastTick = Tick(
                began: began, took: took, requests: report.requests, bytes: report.bytes, details: report.details,
                rows: report.rows, completeness: report.completeness, failures: report.failures,
                standing: report.standing, ledgerFailed: report.ledgerFailed, started: report.started.count,
                decisions: report.plan.decisions.count, dryRunDecisions: report.dryRunPlan.decisions.count,
                seen: Seen(report), limits: report.limits, gap: report.gap)
            instance.counts.note(report, took)
            if report.snapshot != nil, report.failures.isEmpty { instance.lastRead = began }
        }
    }

    func change(_ name: String, _ change: (inout Instance) -> Void) {
        guard let place = known.instances.firstIndex(where: { $0.name == name }) else { return }
        change(&known.instances[place])
    }
}

extension HostStatus.Counts {
    fileprivate mutating func note(_ report: TickReport, _ took: Period) {
        for failure in report.failures + report.unanswered { failures[failure.kind, default: 0] += 1 }
        if report.completeness != .complete { incomplete += 1 }
        if report.ledgerFailed { unwritten += 1 }
        durations.note(took)
    }
}

extension HostStatus.Seen {
    /// What a tick saw; nil where nothing could be read.
    fileprivate init?(_ report: TickReport) {
        guard let snapshot = report.snapshot else { return nil }
        self.init(
            known: snapshot.executions.count, unreadRanges: report.unreadRanges,
            unknownIDs: snapshot.coverage.unknownIDs, held: report.metrics?.held ?? [:])
    }
}
