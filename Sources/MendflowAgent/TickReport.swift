public import MendflowCore
package import MendflowCycle

/// What one tick did.
public struct TickReport: Sendable {
    /// An intent that was written down and is to be carried out.
    public struct Started: Sendable {
        /// The intent.
        public var intent: Intent
        /// What it is to do.
        public var action: ProposedAction
        /// The row that it was decided from.
        public var judged: Execution?
    }
    /// Requests sent to read, lists and ids, without details and workflows.
    public var requests = 0
    /// Bytes of lists read.
    public var bytes = 0
    /// Requests for details.
    public var details = 0
    /// Rows read.
    public var rows = 0
    /// Whether everything was seen.
    public var completeness: Completeness = .complete
    /// Reads that failed.
    public var failures: [ReadFailure] = []
    /// Reads of single executions, for what somebody wants to know of them, that failed.
    public var unanswered: [ReadFailure] = []
    /// The plan of the enforced policies, and that of the dry-run policies.
    public var plan = Plan(), dryRunPlan = Plan()
    /// What deciding counted; nil where nothing could be read.
    package var metrics: StepMetrics?
    /// What they were made from; nil where nothing could be read.
    public var snapshot: Snapshot?
    /// The moment it judged.
    public var now = ServerTime(milliseconds: 0)
    /// What was started.
    public var started: [Started] = []
    /// How far the walk over what is older than the look-back is, for policies that delete.
    var oldRows = Survey.OldRows.done
    /// What could not be written down; the tick acted on nothing then.
    public var ledgerFailed = false
    /// What the ledger says of the instance as a whole; nil where nothing could be read.
    public var standing: Standing?
    /// The step that it took, and the policies that it was taken by; nil where nothing could be read.
    package var step: Step?, policies: PolicySet?

    /// Parts of n8n's list that there was no room to read yet, and what n8n leaves the key.
    public var unreadRanges = 0, limits = KeyLimits()
    /// What could not be read, so that something is held.
    public var gap: ReadingGap?

    /// What keeps an instance as a whole from being acted on.
    public struct Standing: Sendable, Hashable {
        /// Why n8n's database seems to be another one.
        public var alarm: String?
        /// Why acting is paused.
        public var paused: String?
        /// Whether that is because the ledger may not know all that was sent.
        public var isInDoubt = false
        /// Kinds of actions that n8n refuses this key, with its words.
        public var suspended: [ActionKind: String]
    }

    mutating func add(_ survey: Survey) {
        requests += survey.requests
        bytes += survey.bytes
        details += survey.details
        rows = survey.rows
        completeness = survey.completeness
        failures = survey.failures
        unanswered += survey.unanswered
        now = survey.now
        oldRows = survey.oldRows
        guard let step = survey.step else { return }
        self.step = step
        plan = step.plan
        dryRunPlan = step.dryRunPlan
        snapshot = step.snapshot
        metrics = step.metrics
        standing = Standing(
            alarm: step.view.alarm, paused: step.view.paused, isInDoubt: step.view.isInDoubt,
            suspended: step.view.suspended)
    }

    /// This report with what the ticks before it cost and started.
    func after(_ earlier: TickReport) -> TickReport {
        var report = self
        report.requests += earlier.requests
        report.bytes += earlier.bytes
        report.details += earlier.details
        report.unanswered = earlier.unanswered + unanswered
        report.started = earlier.started + started
        report.ledgerFailed = ledgerFailed || earlier.ledgerFailed
        return report
    }
}
