public import MendflowCore
import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `instance adopt`: accepts that n8n's database was restored or swapped, and begins a new epoch.
public enum Adopt {
    /// What to accept.
    public struct Request: Sendable {
        /// The instance; nil is the only one.
        public var instance: String?
        /// Why, for the record.
        public var reason: String
        /// What ended before it is left alone; nil is now.
        public var since: ServerTime?
        /// Whether to begin a new epoch though nothing raised an alarm.
        public var force: Bool

        /// Makes a request.
        public init(instance: String?, reason: String, since: ServerTime?, force: Bool) {
            self.instance = instance
            self.reason = reason
            self.since = since
            self.force = force
        }
    }

    /// What was done.
    public struct Outcome: Sendable, Hashable {
        /// The instance.
        public var instance: String
        /// The epoch that ended.
        public var from: Int
        /// The epoch that began.
        public var epoch: Int
        /// What ended before it is left alone.
        public var since: ServerTime
        /// The newest execution of the database.
        public var highest: ExecutionID?
        /// How many executions the database is recognised by.
        public var fingerprints: Int
        /// The alarm that it answers; nil with `force`.
        public var alarm: String?
        /// Requests of the old epoch without an answer, which stay with it and hold nothing any more.
        public var leftUnanswered: Int
    }

    /// Reads one page and writes the new epoch's baseline with a record of who and why.
    public static func run(_ workspace: Workspace, _ request: Request) async throws(MendflowFailure) -> Outcome {
        let instance = try workspace.instance(request.instance)
        if let elsewhere = await AgentElsewhere.read(workspace) { throw elsewhere.failure("nothing is adopted") }
        let store = try await workspace.openLedger()
        let ledger = try await workspace.ledger { () throws(LedgerFailure) in
            try await Ledger(store, LedgerScope())
        }
        let state = await ledger.state
        let old = try present(instance, state, request)
        let look = try await BaselineReading(workspace, instance)
        try await DuplicateInstances.refuse(look, as: instance.name, workspace, state)
        let present = old.baseline.instance
        let new = try look.baseline(of: instance, epoch: present.epoch + 1, since: request.since)
        let adopted = Beginning.adopted(
            by: workspace.user, reason: request.reason, from: present.epoch, alarm: old.alarm)
        try await workspace.ledger { () throws(LedgerFailure) in
            let channels = workspace.configuration.channels.map(\.name)
            let ends = try await ToldGaps.ends(of: present, state, store, channels)
            try await ledger.append { (state) throws(LedgerFailure) in
                // Somebody else may have been faster: one alarm is answered by one epoch.
                guard state.baseline(of: present.name)?.instance == present else {
                    throw .unusable("another epoch of '\(present.name)' began meanwhile; nothing was done")
                }
                return ([.began(new, adopted)] + ends).map { LedgerEntry($0, at: look.now) }
            }
        }
        return Outcome(
            instance: instance.name, from: old.baseline.instance.epoch, epoch: new.instance.epoch,
            since: new.since, highest: new.highest, fingerprints: new.fingerprints.count,
            alarm: old.alarm, leftUnanswered: old.unanswered)
    }

    private static func present(
        _ instance: Configuration.Instance, _ ledger: LedgerState, _ request: Request
    ) throws(MendflowFailure) -> (baseline: InstanceBaseline, alarm: String?, unanswered: Int) {
        guard let baseline = ledger.baseline(of: instance.name) else {
            throw .noBaseline(of: instance.name)
        }
        let alarm = ledger.view(of: baseline.instance, shadow: false).alarm
        guard alarm != nil || request.force else {
            throw MendflowFailure(
                .failed,
                "'\(instance.name)' has no alarm, so there is nothing to adopt; --force begins a new epoch all the same"
            )
        }
        let open = ledger.intents(in: [.reserved, .sending, .unresolved], of: baseline.instance)
        return (baseline, alarm, open.count)
    }
}
