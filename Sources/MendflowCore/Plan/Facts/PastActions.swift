/// What planning works out of the ledger's intents, once for as long as they stay the same.
struct PastActions: Sendable {
    /// The intents, by what planning asks for.
    let intents: IntentIndex
    /// What they took of the budgets.
    let charges: Charges

    /// `name` gives a policy's present name.
    init(_ view: LedgerView, _ clockOffset: ClockOffset, name: (String) -> String) {
        intents = IntentIndex(view.intents, clockOffset)
        charges = Charges(view.intents, clockOffset, name: name)
    }
}
