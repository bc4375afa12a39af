import MendflowCore
import MendflowLedger
import MendflowTestKit

extension LedgerEvent {
    /// Reserves a draft.
    static func reserve(_ draft: IntentDraft) -> LedgerEvent {
        .reserved(Reservation(ProposedAction(draft: draft, due: .noon), isShadow: draft.isShadow))
    }
}
