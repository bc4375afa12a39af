/// The newest runs of workflows, as far as they can be what a policy misses.
struct RecentRuns {
    /// The newest run that counts for a policy.
    enum Newest {
        /// It goes on.
        case live(Execution)
        /// It ended, or went to its end at the latest then.
        case ended(Execution, ServerTime)

        var run: AbsenceFinding.Run {
            switch self {
            case .live(let row):
                AbsenceFinding.Run(execution: row.id, status: row.status, at: row.startedAt ?? row.createdAt)
            case .ended(let row, let end): AbsenceFinding.Run(execution: row.id, status: row.status, at: end)
            }
        }
    }

    private let snapshot: Snapshot
    /// Retries that succeeded without running a node.
    private let ranNothing: Set<ExecutionID>
    private var rows: [WorkflowID: [Execution]]

    init(_ snapshot: Snapshot, _ view: LedgerView) {
        self.snapshot = snapshot
        ranNothing = view.ranNothing
        rows = Dictionary(grouping: snapshot.executions.newestSettled(), by: \.workflow)
        for row in snapshot.executions.notable.values { rows[row.workflow, default: []].append(row) }
    }

    /// The newest run of a workflow that a policy's conditions let through, or of which nobody can tell; nil where there is
    /// none. A retry counts only where the policy says which status it wants: what was run again is no new run.
    func newest(of policy: Policy, _ workflow: WorkflowInfo) -> Newest? {
        var last: (row: Execution, end: ServerTime)?
        let countsRetries = policy.match?.fields.contains(.status) ?? false
        for row in rows[workflow.id] ?? [] where countsRetries || row.retryOf == nil {
            guard !ranNothing.contains(row.id), counts(row, policy, workflow) else { continue }
            if row.status.isLive { return .live(row) }
            let end = row.endedAt ?? row.startedAt ?? row.createdAt ?? snapshot.now
            if last.map({ ($0.end, $0.row.id) < (end, row.id) }) ?? true { last = (row, end) }
        }
        return last.map { .ended($0.row, $0.end) }
    }

    private func counts(_ row: Execution, _ policy: Policy, _ workflow: WorkflowInfo) -> Bool {
        guard let match = policy.match else { return true }
        let kind = MatchIndex.Kind(status: row.status, workflow: row.workflow, mode: mode(row))
        guard case .decided(let verdict) = KindFacts(kind: kind, workflow: workflow).remainder(of: match) else {
            return true
        }
        return verdict != .no
    }

    /// How its chain was started; nil where the first run is not known.
    private func mode(_ row: Execution) -> ExecutionMode? {
        var row = row
        for _ in 0..<25 {
            guard let parent = row.retryOf else { return row.mode }
            guard let found = snapshot.executions[parent] else { return nil }
            row = found
        }
        return nil
    }
}
