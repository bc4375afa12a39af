public import MendflowCore

/// What a history holds: how much of what, and what is missing.
public struct HistoryInfo: Sendable {
    /// A workflow in the history.
    public struct Workflow: Sendable, Hashable {
        /// Its id, and its name where the history tells it.
        public var id: WorkflowID, name: String?
        /// How many runs it has, how many of them failed, and how many retries.
        public var runs = 0, succeeded = 0, failed = 0, retries = 0
        /// Why its runs failed, by class.
        public var classes: [String: Int] = [:]
        /// Whether it keeps successful and failed runs; nil where the instance's default decides.
        public var savesSuccesses: Bool?, savesFailures: Bool?
        /// Retries that are known to have succeeded, by what a failed run says, and of which there is no row: whatever the settings
        /// say, these were not kept, or were deleted.
        public var successesNotKept = 0
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
    /// Whose the retries are.
    public var senders: RetrySenders
    /// Failed runs that a retry healed of which there is no row, and nobody can tell whose it was.
    public var healedUnkept = 0
    /// Rows without any time.
    public var undated = 0
    /// What could not be taken as it is written.
    public var findings: HistoryFindings
    /// How the columns stood that are kept beside the files; nil where there are to be none.
    public var kept: KeptColumns?

    /// All of them.
    public var executions: Int { statuses.values.reduce(0, +) }

    /// Counts what a history holds; `classify` tells why a run failed.
    package init(_ history: History, classify: (Execution, ExecutionDetail) -> String?) {
        span = history.span
        details = history.details.count
        senders = RetrySenders(history)
        findings = history.findings
        kept = history.kept
        let columns = history.columns
        var counts = Array(repeating: KindCount(), count: columns.table.count)
        var last: UInt64?
        for place in 0..<columns.count {
            counts[columns.kind(place)].count(place, of: history)
            if columns.starts[place] == HistoryColumns.noStart, columns.row(place).newestTime == nil { undated += 1 }
            guard let number = columns.hasOtherIDs ? columns.id(place).number : columns.numbers[place] else { continue }
            if let last, number > last + 1 {
                missing += Int(clamping: number - last - 1)
                gaps += 1
            }
            last = number
        }
        var workflows: [WorkflowID: Workflow] = [:]
        for (kind, count) in zip(columns.table, counts) where count.runs > 0 {
            let info = history.workflows[kind.workflow]
            var workflow =
                workflows[kind.workflow]
                ?? Workflow(
                    id: kind.workflow, name: info?.name, savesSuccesses: info?.savesSuccesses,
                    savesFailures: info?.savesFailures)
            statuses[kind.status, default: 0] += count.runs
            workflow.runs += count.runs
            workflow.retries += count.retries
            if kind.status == .success { workflow.succeeded += count.runs }
            if kind.status.isFailed { workflow.failed += count.runs }
            withoutData += count.withoutData
            for (piece, left) in count.left {
                let found = classify(columns.row(left.first), history.details.pieces[piece]) ?? "unknown"
                workflow.classes[found, default: 0] += left.count
                classes[found, default: 0] += left.count
            }
            workflows[kind.workflow] = workflow
        }
        for (success, workflow) in history.unkeptSuccesses {
            workflows[workflow]?.successesNotKept += 1
            if !history.isAgents(success) { healedUnkept += 1 }
        }
        self.workflows = workflows.values.sorted { ($1.failed, $1.runs, $0.id) < ($0.failed, $0.runs, $1.id) }
    }
}

/// What there is of executions of a kind.
private struct KindCount {
    var runs = 0, retries = 0, withoutData = 0
    /// How many left each different piece of evidence, and the first of them.
    var left: [Int: (count: Int, first: Int)] = [:]

    mutating func count(_ place: Int, of history: History) {
        let columns = history.columns
        runs += 1
        if columns.rest(place)?.retryOf != nil { retries += 1 }
        guard columns.table[columns.kind(place)].status.isFailed else { return }
        let number = columns.numbers[place]
        let piece = number == .max ? history.details.piece(of: columns.id(place)) : history.details.piece(of: number)
        if let piece {
            left[piece, default: (0, place)].count += 1
        } else {
            withoutData += 1
        }
    }
}
