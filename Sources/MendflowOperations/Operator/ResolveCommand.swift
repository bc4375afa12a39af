import MendflowCore
import MendflowLedgerSQLite
public import MendflowWorkspace

/// `resolve`: an operator's word about a request that nobody answered.
public enum ResolveCommand {
    /// Settles an unanswered request by an operator's word.
    public static func run(_ workspace: Workspace, id: Int64, ran: Bool, reason: String) throws(MendflowFailure) {
        let ledger = try workspace.openLedger()
        let now = workspace.clock.now()
        do throws(LedgerFailure) {
            guard let intent = try ledger.intent(IntentID(id)) else {
                throw .unusable("there is no intent \(id); `mendflow inbox` shows those that wait for a word")
            }
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
}
