import MendflowCore

/// The ids that are known to be other runs than one that a lost retry of an execution began (semantics 29): rows that are no
/// retry of it, and retries of other executions that the ledger knows, whether or not there is still a row. A workflow that
/// keeps no successes leaves none of a retry that healed, and n8n's answer named it all the same.
struct OtherRuns {
    private let execution: ExecutionID
    private let rows: ExecutionTable
    private let retries: Set<ExecutionID>

    /// `children` are the retries that the ledger knows, by what they retry.
    init(than execution: ExecutionID, _ rows: ExecutionTable, _ children: [ExecutionID: Set<ExecutionID>]) {
        self.execution = execution
        self.rows = rows
        let others = children.lazy.filter { $0.key != execution }.reduce(into: Set()) { $0.formUnion($1.value) }
        retries = others.subtracting(children[execution] ?? [])
    }

    /// Whether an id is known to be another run.
    func contains(_ id: ExecutionID) -> Bool {
        if let row = rows[id], !row.mayBeRetry(of: execution) { return true }
        return retries.contains(id) && rows[id]?.retryOf != execution
    }
}

extension Execution {
    /// Whether nobody can say that it is no retry of an execution.
    fileprivate func mayBeRetry(of execution: ExecutionID) -> Bool {
        retryOf == execution || hidesRetryOf || mode == .retry && retryOf == nil
    }
}
