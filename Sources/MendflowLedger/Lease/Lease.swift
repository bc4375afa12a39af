public import MendflowCore

/// What an agent is called among those that share a ledger: no two that live at once have the same name.
public struct AgentName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The name.
    public var text: String
    /// Makes a name.
    public init(_ text: String) { self.text = text }
    /// The name.
    public var description: String { text }
    /// Orders as texts do.
    public static func < (one: AgentName, other: AgentName) -> Bool { one.text < other.text }
}

/// The right to act for one instance, for a while. All times are the store's own: agents' clocks may differ.
public struct Lease: Sendable, Hashable {
    /// The instance's name.
    public var instance: String
    /// Grows each time that somebody takes the lease; what was written under an older one is refused.
    public var epoch: Int64
    /// Who holds it, or held it last.
    public var holder: AgentName
    /// Since when, and until when. Nobody else takes it before it ends.
    public var since: AgentTime, ends: AgentTime

    /// Makes a lease.
    public init(instance: String, epoch: Int64, holder: AgentName, since: AgentTime, ends: AgentTime) {
        self.instance = instance
        self.epoch = epoch
        self.holder = holder
        self.since = since
        self.ends = ends
    }

    /// Whether anybody holds it at a time of the store's clock.
    public func isHeld(at now: AgentTime) -> Bool { ends > now }
}

/// An agent, as those that share a ledger with it know it.
public struct AgentPresence: Sendable, Hashable {
    /// Its name.
    public var name: AgentName
    /// Where it runs and what it is, for people: machine, process, version.
    public var place: String
    /// Since when it is there, and until when it counts as there unless it is heard of again; on the store's clock.
    public var since: AgentTime, ends: AgentTime
    /// The instances that it would lead.
    public var instances: Set<String>
    /// Those of them whose n8n it does not reach, or did not until a moment ago.
    public var blind: Set<String>
    /// Those of them whose n8n it reaches, of those to which their leader is blind.
    public var sees: Set<String>

    /// Makes a presence.
    public init(
        name: AgentName, place: String, since: AgentTime, ends: AgentTime, instances: Set<String>,
        blind: Set<String> = [], sees: Set<String> = []
    ) {
        (self.blind, self.sees) = (blind, sees)
        self.name = name
        self.place = place
        self.since = since
        self.ends = ends
        self.instances = instances
    }
}

/// Who holds what, and who is there, as the store shows it in one moment.
public struct LeaseBoard: Sendable, Hashable {
    /// The store's clock.
    public var now: AgentTime
    /// All leases, held or over, by instance.
    public var leases: [String: Lease]
    /// All agents that were heard of and did not take their leave, by name.
    public var agents: [AgentName: AgentPresence]
    /// The end of the ledger.
    public var head: AuditHead
    /// Why the ledger may be an older copy, or may have lost something; nil where nothing speaks for it.
    public var doubt: LedgerDoubt?

    /// Makes a board.
    public init(
        now: AgentTime, leases: [String: Lease] = [:], agents: [AgentName: AgentPresence] = [:],
        head: AuditHead = .start, doubt: LedgerDoubt? = nil
    ) {
        self.now = now
        self.leases = leases
        self.agents = agents
        self.head = head
        self.doubt = doubt
    }

    /// The agents that are there now.
    public var present: [AgentPresence] { agents.values.filter { $0.ends > now }.sorted { $0.name < $1.name } }
    /// The lease of an instance, where somebody holds it now.
    public func held(_ instance: String) -> Lease? { leases[instance].flatMap { $0.isHeld(at: now) ? $0 : nil } }
}

/// Why a ledger may not hold all that was done: then nothing more is sent until a person has seen to it.
public enum LedgerDoubt: Error, Sendable, Hashable, CustomStringConvertible {
    /// A record that an agent has seen in it is not there: the database lost what it had said was written, or somebody put an
    /// older copy in its place.
    case lost(AuditHead)
    /// The tables were put into another database than the one that they were made in, as a restored dump is.
    case moved(String)

    /// What speaks for it, in a sentence.
    public var description: String {
        switch self {
        case .lost(let head):
            "record \(head.sequence), which was written and read before, is not in the ledger: an older copy, or a database "
                + "that lost what it had acknowledged (synchronous_commit, fsync, a fail-over that loses)?"
        case .moved(let what):
            "the ledger was put into another database: \(what); a restored dump knows nothing of what came after it"
        }
    }
}

/// Proves, where several agents share a store, that the one who writes still holds the lease that it wrote under. A store
/// that one agent has to itself takes none.
public struct FenceToken: Sendable, Hashable {
    /// The instance whose lease it is.
    public var instance: String
    /// The lease's epoch.
    public var epoch: Int64
    /// How long the lease must last from now on, by the store's clock: as long as what is written may still be sent.
    public var margin: Period
    /// Who took it; nil for whoever did. A store that lost the last of its leases gives their epochs to others.
    public var holder: AgentName?

    /// Makes a token.
    public init(instance: String, epoch: Int64, margin: Period, holder: AgentName? = nil) {
        self.instance = instance
        self.epoch = epoch
        self.margin = margin
        self.holder = holder
    }
}

extension LeaseBoard {
    /// Judges a token; every store does so inside the transaction of the append.
    ///
    /// - Throws: `LedgerFailure.fenced` where the lease is another's by now, or ends too soon.
    public func admit(_ token: FenceToken) throws(LedgerFailure) {
        guard let lease = leases[token.instance], lease.epoch == token.epoch,
            token.holder.map({ $0 == lease.holder }) ?? true
        else {
            let holder = held(token.instance).map { "; \($0.holder) leads it now" } ?? ""
            throw .fenced("the lease \(token.epoch) of '\(token.instance)' is over\(holder)")
        }
        guard lease.ends - now > token.margin else {
            throw .fenced("the lease \(token.epoch) of '\(token.instance)' ends before what is written could be sent")
        }
    }
}
