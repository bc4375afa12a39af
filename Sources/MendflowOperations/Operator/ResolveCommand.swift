import MendflowCore
import MendflowLedger
public import MendflowWorkspace

/// `resolve`: an operator's word about a request that nobody answered.
public enum ResolveCommand {
    /// Settles an unanswered request by an operator's word.
    public static func run(
        _ workspace: Workspace, id: Int64, ran: Bool, reason: String
    ) async throws(MendflowFailure) {
        let store = try await workspace.openLedger()
        try await workspace.ledger { () throws(LedgerFailure) in
            let ledger = try await Ledger(store, LedgerScope(intents: [IntentID(id)]))
            let (user, now) = (workspace.user, workspace.clock.now())
            try await ledger.append { (state) throws(LedgerFailure) in
                guard let intent = state.intent(IntentID(id)) else {
                    throw .unusable("there is no intent \(id); `mendflow inbox` shows those that wait for a word")
                }
                guard intent.state == .unresolved else {
                    throw .unusable("intent \(id) waits for no word: it is \(intent.state.rawValue)")
                }
                return [LedgerEntry(.resolved(IntentRef(intent), ran: ran, by: user, reason: reason), at: now)]
            }
        }
    }
}
