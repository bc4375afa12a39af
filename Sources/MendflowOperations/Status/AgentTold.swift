import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowPolicy
import MendflowWorkspace

/// What the ledger tells of the agent, whichever instance is asked about.
struct AgentTold {
    var signs: AgentSigns
    var start: AgentStart?
    var reading: LastReading?
    var recent: RecentReading
    /// Whether several agents share the ledger.
    var isShared: Bool

    /// Nil where there is no ledger.
    static func read(_ workspace: Workspace, _ fleet: Fleet?) async throws(MendflowFailure) -> AgentTold? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        let signs = workspace.agentSigns(fleet)
        let now = workspace.clock.now()
        return try await workspace.ledger { () throws(LedgerFailure) in
            let head = try await store.load(LedgerScope(instances: [])).head.chain
            return AgentTold(
                signs: signs, start: try await AgentStart.read(signs.begun, in: store, head),
                reading: try await LastReading.read(store, head),
                recent: try await RecentReading.read(store, head, now: now), isShared: fleet != nil)
        }
    }

    /// What the last start was for, where it was no agent's; where several share the ledger, the last one says nothing of
    /// the others.
    var errand: AgentErrand? { isShared ? nil : start?.errand }

    func life(_ workspace: Workspace, tick: AgentTime?, _ now: AgentTime) -> AgentLife {
        AgentLife(
            isHeld: signs.isHeld, started: start?.at, stopped: recent.stopped, tick: tick, now,
            fresh: workspace.freshness, errand: errand)
    }

    func mode(_ instance: String) -> Mode? { reading?.modes[instance] ?? start?.mode(instance) }

    /// The workspace with the policies that the agent has in force; nil where it does not say which.
    func inForce(_ workspace: Workspace) -> Workspace? { reading?.policies.flatMap { workspace.with(recorded: $0) } }
}
