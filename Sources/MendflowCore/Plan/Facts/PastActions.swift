/// What planning works out of the ledger's intents, once for as long as they stay the same.
package struct PastActions: Sendable {
    /// The intents, by what planning asks for.
    let intents: IntentIndex
    /// What they took of the budgets.
    let charges: Charges
    /// The retries that the ledger knows, by what they retry.
    let knownChildren: [ExecutionID: Set<ExecutionID>]

    /// Works them out for some policies, which may have had other names.
    package init(_ view: LedgerView, _ clockOffset: ClockOffset, _ policies: PolicySet) {
        intents = IntentIndex(view.intents, clockOffset)
        charges = Charges(view.intents, clockOffset, name: policies.present)
        knownChildren = view.knownChildren
    }
}
