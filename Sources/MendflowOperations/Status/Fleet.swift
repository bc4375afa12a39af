public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
public import MendflowWorkspace

/// The agents that share a ledger, and who leads what: the same from any machine, for the store of the ledger shows it. All
/// times are the store's.
public struct Fleet: Sendable, Hashable {
    /// An agent.
    public struct Agent: Sendable, Hashable {
        /// Its name, and where it runs.
        public var name: AgentName, place: String
        /// Since when it is there, and until when it counts as there unless it is heard of again.
        public var since: AgentTime, ends: AgentTime
        /// Whether it is there now.
        public var isPresent: Bool
        /// The instances that it leads, and those whose n8n it does not reach, in order.
        public var leads: [String], blind: [String]
    }

    /// What the store shows.
    public var board: LeaseBoard

    /// Takes what a store shows.
    public init(_ board: LeaseBoard) { self.board = board }

    /// Asks the store; nil where one agent has the ledger to itself.
    public static func read(_ workspace: Workspace) async throws(MendflowFailure) -> Fleet? {
        try await workspace.ledger { () throws(LedgerFailure) in
            guard let table = try workspace.environment.ledgers.leases(of: workspace.ledgerPath) else { return nil }
            return Fleet(try await table.board())
        }
    }

    /// The store's clock.
    public var now: AgentTime { board.now }
    /// Whether any agent is there.
    public var isAlive: Bool { !board.present.isEmpty }

    /// The agents that are there, then those that were heard of within the hour and did not take their leave.
    public var agents: [Agent] {
        let all = board.agents.values.map { agent in
            let leads = board.leases.values.filter { $0.holder == agent.name && $0.isHeld(at: now) }.map(\.instance)
            return Agent(
                name: agent.name, place: agent.place, since: agent.since, ends: agent.ends,
                isPresent: agent.ends > now, leads: leads.filter { $0 != LeaseBoard.desk }.sorted(),
                blind: agent.ends > now ? agent.blind.sorted() : [])
        }
        return all.sorted { ($0.isPresent ? 0 : 1, $0.name) < ($1.isPresent ? 0 : 1, $1.name) }
    }

    /// Who sends messages for all of them; nil where nobody does, as where nobody is to be told.
    public var teller: AgentName? { board.held(LeaseBoard.desk)?.holder }

    /// How an instance is led.
    public func lead(of instance: String) -> InstanceLead {
        let lease = board.leases[instance]
        return InstanceLead(last: lease, isHeld: lease?.isHeld(at: now) ?? false, now: now)
    }
}

/// How an instance is led, where several agents share the ledger.
public struct InstanceLead: Sendable, Hashable {
    /// The lease under which it is led, or was last; nil where it never was.
    public var last: Lease?
    /// Whether that lease holds.
    public var isHeld: Bool
    /// The store's clock.
    public var now: AgentTime

    /// Makes one.
    public init(last: Lease?, isHeld: Bool, now: AgentTime) {
        self.last = last
        self.isHeld = isHeld
        self.now = now
    }

    /// Who leads it; nil where nobody does.
    public var leader: AgentName? { isHeld ? last?.holder : nil }
}

extension Workspace {
    /// What can be seen of the agents that act on the ledger: where it is shared, any of them counts.
    func agentSigns(_ fleet: Fleet?) -> AgentSigns {
        fleet.map { AgentSigns(isHeld: $0.isAlive) } ?? environment.ledgers.agent(on: ledgerPath)
    }
}
