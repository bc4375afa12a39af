import MendflowEnvironment
package import MendflowWorkspace

/// Who tells now what waits to be told.
package enum NoticeCarrier: Sendable, Hashable {
    /// An agent does, beside its work.
    case agent
    /// A command does that holds the ledger, at its end.
    case command(AgentErrand)
    /// Nobody does: no agent runs, or none of those that share the ledger has taken it on.
    case nobody

    /// Who does; nil where that cannot be seen from here.
    package static func read(_ workspace: Workspace) async throws(MendflowFailure) -> NoticeCarrier? {
        if let fleet = try await Fleet.read(workspace) { return fleet.teller == nil ? .nobody : .agent }
        guard let isHeld = workspace.agentSigns(nil).isHeld else { return nil }
        guard isHeld else { return .nobody }
        return try await AgentErrand.present(workspace).map { .command($0) } ?? .agent
    }

    /// For programs.
    package var word: String {
        switch self {
        case .agent: "agent"
        case .command: "command"
        case .nobody: "nobody"
        }
    }
}
