package import MendflowCore

/// How far back the ledger is read: one definition for all who read it.
package enum LedgerHorizon {
    /// The observed rows are kept an hour longer than the look-back, and their intents must not be forgotten before them;
    /// guards may look back further still.
    package static func start(at now: AgentTime, lookBack: Period, _ longestWindow: Period) -> AgentTime {
        now - max(lookBack + .hours(2), longestWindow)
    }
}
