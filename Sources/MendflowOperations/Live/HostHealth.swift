import MendflowAgent
public import MendflowCore

/// Whether a running host lives, and whether it does its work: two questions with two answers. Who restarts what does not live
/// helps; who restarts an agent because n8n is away only loses time.
public struct HostHealth: Sendable, Hashable {
    /// Why an instance's loop does not turn.
    public enum Stall: Sendable, Hashable {
        /// A tick has been going on for so long.
        case ticking(Period)
        /// Its next tick is overdue by so much.
        case overdue(Period)
    }

    /// Why an instance is not looked after.
    public enum Lack: Sendable, Hashable {
        /// There was no tick yet.
        case starting
        /// It was not read without a failure for so long; nil where it never was. With the last failure, where there was one.
        case unread(Period?, ReadFailure?)
        /// n8n asked to be left alone for so long still.
        case silenced(Period)
        /// The ledger could not be written.
        case unwritten
        /// n8n's database seems to be another one.
        case alarm(String)
        /// The ledger may not know all that was sent, so that nothing is.
        case doubt(String)
        /// Its loop has ended.
        case ended(String)
        /// None of the agents that share the ledger leads it.
        case unled
    }

    /// One instance.
    public struct Instance: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Why its loop does not turn; nil where it does.
        public var stall: Stall?
        /// Why it is not looked after; empty where it is.
        public var lacks: [Lack]
        /// How long ago it was read last without a failure; nil where it never was.
        public var readBefore: Period?

        /// Whether it is looked after.
        public var isReady: Bool { stall == nil && lacks.isEmpty }
    }

    /// The instances, in the order of the configuration.
    public var instances: [Instance]

    /// Whether the process lives and all of its loops turn.
    public var isLive: Bool { instances.allSatisfy { $0.stall == nil } }
    /// Whether every instance is looked after.
    public var isReady: Bool { instances.allSatisfy(\.isReady) }

    /// Judges what is known, at a moment of the clock's monotonic time.
    public init(_ values: HostStatus.Values, now: Period) {
        let interval = values.pollInterval
        instances = values.instances.map { instance in
            let before = instance.lastRead.map { max(.zero, now - $0.monotonic) }
            return Instance(
                name: instance.name, stall: HostHealth.stall(instance, interval, now),
                lacks: HostHealth.lacks(instance, before, interval, now), readBefore: before)
        }
    }

    /// How long a tick may take: it reads for a minute at most, and then asks for single executions, each with a deadline of its
    /// own, so that a slow n8n makes it long. Only what is far beyond that is a fault of ours.
    static func longestTick(_ interval: Period) -> Period { .minutes(15) + times(10, interval) }
    /// How late a tick may begin.
    static func longestDelay(_ interval: Period) -> Period { .minutes(2) + times(3, interval) }
    /// For how long an instance may be unread.
    static func longestUnread(_ interval: Period) -> Period { .minutes(1) + times(3, interval) }

    private static func times(_ number: Int64, _ period: Period) -> Period {
        Period(milliseconds: period.milliseconds * number)
    }

    private static func stall(_ instance: HostStatus.Instance, _ interval: Period, _ now: Period) -> Stall? {
        switch instance.phase {
        case .ended, .elsewhere: nil
        case .starting, .ticking:
            now - instance.since > longestTick(interval) ? .ticking(now - instance.since) : nil
        case .resting(let next, _): now - next > longestDelay(interval) ? .overdue(now - next) : nil
        }
    }

    private static func lacks(
        _ instance: HostStatus.Instance, _ before: Period?, _ interval: Period, _ now: Period
    ) -> [Lack] {
        if case .ended(let why) = instance.phase { return [.ended(why)] }
        if case .elsewhere(let leader) = instance.phase { return leader == nil ? [.unled] : [] }
        guard let tick = instance.lastTick else { return [.starting] }
        var lacks: [Lack] = []
        if case .resting(let next, true) = instance.phase, next > now {
            lacks.append(.silenced(next - now))
        } else if before.map({ $0 > longestUnread(interval) }) ?? true {
            lacks.append(.unread(before, tick.failures.first))
        }
        if tick.ledgerFailed { lacks.append(.unwritten) }
        if let alarm = tick.standing?.alarm { lacks.append(.alarm(alarm)) }
        if let standing = tick.standing, standing.isInDoubt { lacks.append(.doubt(standing.paused ?? "")) }
        return lacks
    }
}
