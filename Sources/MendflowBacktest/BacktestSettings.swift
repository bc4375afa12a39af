package import MendflowCore

/// What a backtest goes by.
package struct BacktestSettings: Sendable {
    /// The policies, in force from the first moment on.
    package var policies: PolicySet
    /// How far back ended executions are looked at, and how often n8n is.
    package var lookBack: Period, interval: Period
    /// Which part of the history is lived through; what ended before is left alone.
    package var span: Range<ServerTime>
    /// How much longer it is lived through: what is due before the end may be sent a little later. That counts apart.
    package var settling = Period.zero
    /// What came of retries that were really sent.
    package var fedBack = FedBackOutcomes()
    /// Whether what is older than the look-back is offered for deletion, every hour: too much for a long history.
    package var offersOldRows = false

    /// Makes settings.
    package init(policies: PolicySet, lookBack: Period, interval: Period, span: Range<ServerTime>) {
        self.policies = policies
        self.lookBack = lookBack
        self.interval = interval
        self.span = span
    }

    /// The first look at n8n at a moment or behind it, and behind another one.
    func look(from moment: ServerTime, behind now: ServerTime) -> ServerTime {
        let interval = max(1, interval.milliseconds)
        let start = span.lowerBound.milliseconds
        let looks = max(0, moment.milliseconds - start + interval - 1) / interval
        return max(ServerTime(milliseconds: start + looks * interval), now + self.interval)
    }
}
