import MendflowCore
import MendflowCycle
import MendflowLedger

/// What is remembered of an instance between two surveys.
struct SurveyMemory: Sendable {
    var observed: ObservedExecutions
    var progress: Poller.Progress
    var facts = FactStore()
    /// How far n8n's clock is ahead, as last measured.
    var clockOffset: ClockOffset
    /// What the server can do, and when it was asked.
    var capabilities: ServerCapabilities?
    var mustProbeServer = true
    var probedAt: Period?
    /// What last looks may still ask for ids that no list shows, until the next poll.
    var lookProbes = 0
    /// Ids of annotation tags that executions bore, by name: n8n's API can list them no other way.
    var learnedTags: [String: String] = [:]
    /// Asks for the next page of what is older than the look-back; nil at the start of a round.
    var walk: ListQuery?
    /// Stops whose runs were looked at again, and how often.
    var stopLooks: [IntentID: Int] = [:]
    /// Ids above the highest known that n8n cannot read; nil where it can, or nobody has asked lately.
    var unreadAhead: UnreadAhead?
    /// What could not be read at the last tick.
    var gap: ReadingGap?
    /// What hints told of.
    var hinted = HintedExecutions()
    /// The incidents that were over when one was to open first; nil until then.
    var pastIncidents: [IncidentEnd]?
    /// What was decided last.
    var decided: Decided?
    /// Why the database seems to be another one; it stays so until an epoch begins.
    var contradiction: EpochWatch.Contradiction?
    /// Whether the last survey had no room for something.
    var hasMore = false
    /// Whether this process has polled already.
    var hasPolled = false
    /// Where the look-back began at the first survey.
    private var start: ServerTime?

    init(_ baseline: InstanceBaseline, _ tick: TickState?, _ configuration: AgentConfiguration, now: AgentTime) {
        observed = ObservedExecutions(EpochWatch(baseline, tick))
        clockOffset = tick?.clockOffset ?? .zero
        let edge = clockOffset.server(now) - configuration.lookBack
        progress = Poller.Progress(coverage: ListCoverage(tick, since: edge), lastRows: tick?.rows ?? 0)
        guard let tick else { return }
        observed.restore(tick)
        if let accounted = tick.accounted { observed.noteHeight(accounted, at: clockOffset.server(tick.at)) }
    }

    /// Where the look-back began at the first survey: without a ledger, what ended from then on is looked at.
    mutating func start(_ edge: ServerTime) -> ServerTime {
        start = start ?? edge
        return start ?? edge
    }
}
