public import MendflowCore

/// What an agent would do now, and all that it knows: what reviews are made of.
public struct AgentPreview: Sendable {
    /// The tick, its plans with it.
    public var report: TickReport
    /// The very facts that the plans were made from.
    public var snapshot: Snapshot
    /// The ledger's view that was judged with; that of the dry-run policies.
    public var view: LedgerView, dryRunView: LedgerView
    /// What the server can do; nil where it could not be asked.
    public var capabilities: ServerCapabilities?
    /// Parts of the list that a tick had no room for and that later ones read.
    public var holes: Int
}

extension InstanceAgent {
    /// One tick as the loop does it, but for the taking back of what a dead process left open. The ledger that the agent
    /// was given must be one that keeps nothing and lets nothing be sent.
    ///
    /// - Parameter execution: one whose past is to be in the views, whether the poll shows it or not.
    public func preview(about execution: ExecutionID? = nil) async throws(LedgerFailure) -> AgentPreview {
        isPreview = true
        let report = await tick()
        let since = viewStart()
        var chains = LedgerView.chainsToRead(book.executions.values, since: since)
        if let execution { chains.insert(execution) }
        func read(shadow: Bool) throws(LedgerFailure) -> LedgerView {
            try ledger.view(of: instance, since: since, shadow: shadow, chains: chains).shifted(by: clockOffset)
        }
        return AgentPreview(
            report: report, snapshot: snapshot(report),
            view: try read(shadow: writer == nil),
            dryRunView: try read(shadow: true),
            capabilities: capabilities, holes: progress.coverage.holes.count)
    }
}
