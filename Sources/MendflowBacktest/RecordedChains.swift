package import MendflowCore
import MendflowHistory

/// The chains of retries that a history records: all of them people's, or other programs'.
package struct RecordedChains: Sendable {
    /// The root of every run that retries another one.
    private let roots: [ExecutionID: ExecutionID]
    /// The retries of each chain, oldest first.
    private let retries: [ExecutionID: [Execution]]

    init(_ history: History) {
        var roots: [ExecutionID: ExecutionID] = [:]
        var retries: [ExecutionID: [Execution]] = [:]
        // Rows come by id, and what is retried has a lower one.
        for row in history.rows {
            guard let parent = row.retryOf else { continue }
            let root = roots[parent] ?? parent
            roots[row.id] = root
            retries[root, default: []].append(row)
        }
        self.roots = roots
        self.retries = retries
    }

    /// The first run of the chain that a run belongs to.
    package func root(of id: ExecutionID) -> ExecutionID { roots[id] ?? id }

    /// The retries of a chain, oldest first.
    package func retries(of root: ExecutionID) -> [Execution] { retries[root] ?? [] }
}
