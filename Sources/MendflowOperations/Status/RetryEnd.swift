import MendflowCore

extension Intent {
    /// Whether the run of a retry is known to have come to its end: a chain that has not healed by then is *not healed*,
    /// and one of which that is not known yet *runs*. One rule for all who tell of it.
    func hasEnded(_ view: LedgerView, _ tick: TickState?) -> Bool {
        if let child, view.verdicts[child]?.parts.contains(where: { $0.status.isFailed }) == true { return true }
        return RetryEnd(child: child, evidence: evidence, settledAt: settledAt).isKnown(tick)
    }
}

/// What tells that the run of a retry has come to its end.
struct RetryEnd {
    /// The run, what n8n answered, and when.
    var child: ExecutionID?, evidence: OutcomeEvidence?, settledAt: AgentTime?

    /// How long after the answer a look has to be, to have been at what is live behind it.
    private static let looked = Period.minutes(1)

    /// Whether it is, by how the last look ended.
    func isKnown(_ tick: TickState?) -> Bool {
        if case .answered(let status?)? = evidence, status.isFailed { return true }
        guard let child, let tick, let settledAt, tick.at > settledAt + RetryEnd.looked else { return false }
        return !tick.live.contains { $0.execution.id == child && $0.execution.status.isLive }
    }
}
