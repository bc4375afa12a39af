public import MendflowCore

/// What a history holds: how much of what, and what is missing.
public struct HistoryInfo: Sendable {
    /// A workflow in the history.
    public struct Workflow: Sendable, Hashable {
        /// Its id, and its name where the history tells it.
        public var id: WorkflowID, name: String?
        /// How many runs it has, how many of them failed, and how many retries.
        public var runs = 0, failed = 0, retries = 0
        /// Why its runs failed, by class.
        public var classes: [String: Int] = [:]
        /// Whether it keeps successful and failed runs; nil where the instance's default decides.
        public var savesSuccesses: Bool?, savesFailures: Bool?
    }
    /// From the first start to the last sign of life; nil where no row tells a time.
    public var span: Range<ServerTime>?
    /// How many executions there are, by status.
    public var statuses: [ExecutionStatus: Int] = [:]
    /// Executions whose data is there, and failed ones whose data is not.
    public var details = 0, withoutData = 0
    /// How many failures there are of each class.
    public var classes: [String: Int] = [:]
    /// The workflows, those that failed most first.
    public var workflows: [Workflow] = []
    /// Ids between the lowest and the highest that the history does not hold, in so many pieces.
    public var missing = 0, gaps = 0
    /// Rows without any time.
    public var undated = 0
    /// What could not be taken as it is written.
    public var findings: HistoryFindings

    private struct Left: Hashable {
        var status: ExecutionStatus, piece: Int
    }

    /// All of them.
    public var executions: Int { statuses.values.reduce(0, +) }

    /// Counts what a history holds; `classify` tells why a run failed.
    package init(_ history: History, classify: (Execution, ExecutionDetail) -> String?) {
        span = history.span
        details = history.details.count
        findings = history.findings
        var workflows: [WorkflowID: Workflow] = [:]
        var last: UInt64?
        /// The class of each different piece of evidence, by the status of who left it.
        var known: [Left: String] = [:]
        for row in history.rows {
            statuses[row.status, default: 0] += 1
            let info = history.workflows[row.workflow]
            var workflow =
                workflows[row.workflow]
                ?? Workflow(
                    id: row.workflow, name: info?.name, savesSuccesses: info?.savesSuccesses,
                    savesFailures: info?.savesFailures)
            workflow.runs += 1
            if row.retryOf != nil { workflow.retries += 1 }
            if row.newestTime == nil { undated += 1 }
            if row.status.isFailed {
                workflow.failed += 1
                if let piece = history.details.piece(of: row.id) {
                    let left = Left(status: row.status, piece: piece)
                    let found = known[left] ?? classify(row, history.details.pieces[piece]) ?? "unknown"
                    known[left] = found
                    workflow.classes[found, default: 0] += 1
                    classes[found, default: 0] += 1
                } else {
                    withoutData += 1
                }
            }
            workflows[row.workflow] = workflow
            guard let number = row.id.number else { continue }
            if let last, number > last + 1 {
                missing += Int(clamping: number - last - 1)
                gaps += 1
            }
            last = number
        }
        self.workflows = workflows.values.sorted { ($1.failed, $1.runs, $0.id) < ($0.failed, $0.runs, $1.id) }
    }
}
