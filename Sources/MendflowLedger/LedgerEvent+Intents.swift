public import MendflowCore

extension LedgerEvent {
    /// Which intents the entry with a number leads to which state, in order: what `LedgerRules` does to them, for whoever goes
    /// through records and counts instead of holding the ledger's state.
    public func intents(number: Int64) -> [(id: IntentID, state: IntentState)] {
        switch self {
        case .reserved(let reservation):
            let begun = (IntentID(number), reservation.draft.isShadow ? IntentState.shadow : .reserved)
            return (reservation.supersedes.map { [($0, .superseded)] } ?? []) + [begun]
        case .sending(let intent, _, _, _, _), .asked(let intent, _): return [(intent.id, .sending)]
        case .outcome(let intent, let settlement): return [(intent.id, settlement.state)]
        case .resolved(let intent, let ran, _, _): return [(intent.id, ran ? .applied : .void)]
        case .probing, .began, .replayBegan, .replayMoved, .approvalAsked, .approvalAnswered, .approvalClosed, .demoted,
            .promoted, .absenceBegan, .absenceEnded, .incidentOpened, .incidentMoved, .incidentOver, .paused, .resumed,
            .policy, .notified, .sealed, .gap, .lifecycle, .probed, .latched, .owned, .tick, .suspended, .restored,
            .learnedTag, .alarmed, .planned, .decided:
            return []
        }
    }
}
