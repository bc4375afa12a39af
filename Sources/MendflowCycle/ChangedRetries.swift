import MendflowCore

// Retries whose ids are other runs now: n8n never changes what a run retries, so its database is another one (semantics 26).
extension EpochWatch.Contradiction {
    /// The first run that the ledger knows for a retry, and that n8n shows to be none, or that of another run.
    ///
    /// A row that is read for the first time tells nothing of itself before. Where a retry's row was gone before its id was
    /// given to another run, what the ledger knows of it is all that is left to compare with.
    init?(_ retries: [ExecutionID: Set<ExecutionID>], _ rows: ExecutionTable) {
        var first: (row: Execution, parent: ExecutionID)?
        for (parent, children) in retries {
            for child in children where first.map({ child < $0.row.id }) ?? true {
                guard let row = rows[child], row.isNoRetry(of: parent) else { continue }
                first = (row, parent)
            }
        }
        guard let first else { return nil }
        let now = first.row.retryOf.map { "a retry of \($0)" } ?? "no retry"
        self.init(id: first.row.id, difference: "it was a retry of \(first.parent), and is \(now)")
    }
}

extension Execution {
    /// Whether n8n shows that it is no retry of an execution, however its release tells of retries.
    fileprivate func isNoRetry(of execution: ExecutionID) -> Bool {
        guard !hidesRetryOf, retryOf != execution else { return false }
        return retryOf != nil || mode != .retry && mode != .unread
    }
}
