import MendflowEnvironment
import MendflowLedger
public import MendflowWorkspace

/// What a command does that holds the ledger in an agent's stead: no policy acts meanwhile.
public enum AgentErrand: Sendable, Hashable {
    /// It carries a replay out.
    case replay(String)
    /// It applies a saved plan.
    case plan

    /// What it does: a command ...
    public var words: String {
        switch self {
        case .replay(let name): "carries \(name) out"
        case .plan: "applies a saved plan"
        }
    }

    /// What it did: a command that ...
    public var past: String {
        switch self {
        case .replay(let name): "carried \(name) out"
        case .plan: "applied a saved plan"
        }
    }

    /// What a command does now that holds the ledger; nil where an agent holds it, or nobody, or where several share it.
    public static func present(_ workspace: Workspace) async throws(MendflowFailure) -> AgentErrand? {
        guard try await Fleet.read(workspace) == nil, let store = try await workspace.openLedgerReading() else {
            return nil
        }
        let signs = workspace.agentSigns(nil)
        guard signs.isHeld == true else { return nil }
        return try await workspace.ledger { () throws(LedgerFailure) in
            let head = try await store.load(LedgerScope(instances: [])).head.chain
            return try await AgentStart.read(signs.begun, in: store, head)?.errand
        }
    }
}
