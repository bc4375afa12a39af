public import MendflowCore
import MendflowLedgerSQLite
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
        public var since: Timestamp?
        /// Whether to begin a new epoch though nothing raised an alarm.
        public var force: Bool

        /// Makes a request.
        public init(instance: String?, reason: String, since: Timestamp?, force: Bool) {
            self.instance = instance
            self.reason = reason
            self.since = since
            self.force = force
        }
    }

    /// What was done.
    public struct Outcome: Sendable, Hashable, Encodable {
        /// The instance, the epoch that ended and the one that began.
        public var instance: String, from: Int, epoch: Int
        /// What ended before it is left alone.
        public var since: String
        /// The newest execution of the database, and how many it is recognised by.
        public var highest: String?, fingerprints: Int
        /// The alarm that it answers; nil with `force`.
        public var alarm: String?
        /// Requests of the old epoch without an answer, which stay with it and hold nothing any more.
        public var leftUnanswered: Int
    }

    /// Reads one page and writes the new epoch's baseline with a record of who and why.
    public static func run(_ workspace: Workspace, _ request: Request) async throws(MendflowFailure) -> Outcome {
        let instance = try workspace.instance(request.instance)
        let ledger = try workspace.openLedger()
        let old = try present(instance, ledger, request, workspace.clock.now())
        let look = try await BaselineReading(workspace, instance)
        try await DuplicateInstances.refuse(look, as: instance.name, workspace, ledger)
        let new = look.baseline(of: instance, epoch: old.baseline.instance.epoch + 1, since: request.since)
        var record = workspace.command("instance adopt", reason: request.reason, at: look.now)
        record.kind = .epoch
        record.instance = new.instance
        record.fields["what"] = "adopted"
        record.fields["from_epoch"] = .integer(Int64(old.baseline.instance.epoch))
        record.fields["since"] = .integer(new.since.milliseconds)
        record.fields["highest"] = .optional(new.highest?.text)
        record.fields["alarm"] = .optional(old.alarm)
        record.fields["forced"] = .flag(old.alarm == nil)
        do throws(LedgerFailure) {
            // Somebody else may have been faster: one alarm is answered by one epoch.
            guard try ledger.baseline(of: instance.name)?.instance == old.baseline.instance else {
                throw .unusable("another epoch of '\(instance.name)' began meanwhile; nothing was done")
            }
            try ledger.commit([.baseline(new)], audit: [record], at: look.now)
        } catch { throw MendflowFailure(ledger: error) }
        return Outcome(
            instance: instance.name, from: old.baseline.instance.epoch, epoch: new.instance.epoch,
            since: new.since.rfc3339, highest: new.highest?.text, fingerprints: new.fingerprints.count,
            alarm: old.alarm, leftUnanswered: old.unanswered)
    }

    private static func present(
        _ instance: Configuration.Instance, _ ledger: SQLiteLedger, _ request: Request, _ now: Timestamp
    ) throws(MendflowFailure) -> (baseline: InstanceBaseline, alarm: String?, unanswered: Int) {
        do throws(LedgerFailure) {
            guard let baseline = try ledger.baseline(of: instance.name) else {
                throw .missing("a baseline of instance '\(instance.name)'")
            }
            let alarm = try ledger.view(of: baseline.instance, since: now, shadow: false).alarm
            guard alarm != nil || request.force else {
                throw .unusable(
                    "'\(instance.name)' has no alarm, so there is nothing to adopt; --force begins a new epoch all the same"
                )
            }
            let open = try ledger.intents(in: [.reserved, .sending, .unresolved], instance: baseline.instance)
            return (baseline, alarm, open.count)
        } catch { throw MendflowFailure(ledger: error) }
    }
}
