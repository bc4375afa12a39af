import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy

/// What an operator asks and orders: state, inbox, resolve, pause, resume.
public enum Operators {
    /// The state of one instance as the ledger tells it.
    public struct Status: Sendable, Encodable {
        /// The instance, its URL, and how far the agent may go there.
        public var instance: String, url: String, mode: String
        /// Whether `init` has made a baseline; since when; the last tick's number and time.
        public var initialised: Bool, since: String?, lastTick: Int64?, lastTickAt: String?
        /// Why acting is paused.
        public var paused: String?
        /// Intents under way, unanswered ones, chains held as exhausted, kinds of actions that n8n refuses.
        public var open: Int, unresolved: Int, exhausted: Int, suspended: [String]
        /// Whether n8n answers now, and what it said if not.
        public var reachable: Bool, trouble: String?
        /// Policies that can act here.
        public var acting: [String]
        /// Number of the ledger's last record, and its hash.
        public var ledgerHead: String?
    }

    /// A request of ours that nobody answered.
    public struct Unresolved: Sendable, Encodable {
        /// The intent's number, what it was, on which execution, for which policy.
        public var id: Int64, action: String, execution: String, instance: String, policy: String
        /// When it was sent, and what is known.
        public var sentAt: String?, note: String
    }

    /// The state of every instance.
    public static func status(_ workspace: Workspace, instance name: String?) async throws(MendflowFailure) -> [Status]
    {
        let ledger = try workspace.openLedgerReading()
        var all: [Status] = []
        for instance in workspace.configuration.instances where name.map({ $0 == instance.name }) ?? true {
            let mode = workspace.mode(instance, asked: nil)
            var status = Status(
                instance: instance.name, url: instance.url, mode: mode.rawValue, initialised: false, since: nil,
                lastTick: nil, lastTickAt: nil, paused: nil, open: 0,
                unresolved: 0, exhausted: 0, suspended: [], reachable: false, trouble: nil,
                acting: mode == .enforce ? workspace.policies.filter { $0.mode == .enforce }.map(\.name) : [],
                ledgerHead: nil)
            do throws(LedgerFailure) { try fill(&status, ledger, instance.name) } catch {
                throw MendflowFailure(ledger: error)
            }
            do throws(MendflowFailure) {
                let adapters = try workspace.adapters(instance, clock: SystemClock())
                do throws(ReadFailure) {
                    _ = try await adapters.reader.list(ListQuery(limit: 1))
                    status.reachable = true
                } catch { status.trouble = error.description }
            } catch { status.trouble = error.message }
            all.append(status)
        }
        if all.isEmpty { _ = try workspace.instance(name) }
        return all
    }

    private static func fill(_ status: inout Status, _ ledger: SQLiteLedger?, _ name: String) throws(LedgerFailure) {
        guard let ledger, let baseline = try ledger.baseline(of: name) else { return }
        status.initialised = true
        status.since = baseline.since.rfc3339
        if let tick = try ledger.tickState(of: baseline.instance) {
            status.lastTick = tick.tick
            status.lastTickAt = tick.at.rfc3339
        }
        let view = try ledger.view(of: baseline.instance, since: SystemClock().now() - .hours(48), shadow: false)
        status.paused = view.paused
        status.open = view.intents.count(where: \.state.isOpen)
        status.unresolved = view.intents.count { $0.state == .unresolved }
        status.exhausted = view.exhausted.count
        status.suspended = view.suspended.keys.map(\.rawValue).sorted()
        let head = try ledger.head()
        status.ledgerHead = "\(head.sequence) \(Hex.text(head.hash))"
    }

    /// Requests that stay unanswered.
    public static func inbox(_ workspace: Workspace) throws(MendflowFailure) -> [Unresolved] {
        guard let ledger = try workspace.openLedgerReading() else {
            throw MendflowFailure(ledger: .missing(workspace.ledgerPath))
        }
        do throws(LedgerFailure) {
            return try ledger.intents(in: [.unresolved], instance: nil).map {
                Unresolved(
                    id: $0.id.number, action: $0.draft.action.rawValue, execution: $0.draft.execution.text,
                    instance: $0.draft.instance.name, policy: $0.draft.policy, sentAt: $0.sendingAt?.rfc3339,
                    note: $0.note ?? "")
            }
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// Settles an unanswered request by an operator's word.
    public static func resolve(_ workspace: Workspace, id: Int64, ran: Bool, reason: String) throws(MendflowFailure) {
        let ledger = try workspace.openLedger()
        let now = SystemClock().now()
        do throws(LedgerFailure) {
            guard let intent = try ledger.intent(IntentID(id)) else { throw .missing("intent \(id)") }
            guard intent.state == .unresolved else { throw .wrongState(intent.id, intent.state.rawValue) }
            let settlement = Settlement(ran ? .applied : .void, note: "resolved by \(workspace.user): \(reason)")
            var record = workspace.command("resolve", reason: reason, at: now)
            record.instance = intent.draft.instance
            record.execution = intent.draft.execution
            record.root = intent.draft.root
            record.fields["intent"] = .integer(id)
            record.fields["ran"] = .flag(ran)
            try ledger.commit(
                [.settle(intent.id, settlement)], audit: [record, .outcome(intent, settlement, at: now)], at: now)
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// Pulls the kill switch (a reason) or lets go of it (nil); of one instance or all.
    public static func pause(_ workspace: Workspace, instance: String?, reason: String?) throws(MendflowFailure) {
        if let instance { _ = try workspace.instance(instance) }
        let ledger = try workspace.openLedger()
        let now = SystemClock().now()
        var record = workspace.command(reason == nil ? "resume" : "pause", reason: reason ?? "", at: now)
        record.fields["instance"] = .text(instance ?? "all")
        do throws(LedgerFailure) {
            try ledger.commit([.pause(instance: instance, reason: reason)], audit: [record], at: now)
        } catch { throw MendflowFailure(ledger: error) }
    }
}

extension Workspace {
    /// Who runs the command, as the environment says.
    var user: String { environment["SUDO_USER"] ?? environment["USER"] ?? "unknown" }

    /// The record of an operator's command.
    func command(_ name: String, reason: String, at now: Timestamp) -> AuditRecord {
        AuditRecord(
            .command, instance: nil, at: now,
            fields: ["command": .text(name), "who": .text(user), "reason": .text(reason)])
    }
}
