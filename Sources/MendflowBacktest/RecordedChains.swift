package import MendflowCore
import MendflowHistory

/// The chains of retries that a history records: people's, other programs', and an agent's, as far as its ledger told which those
/// are.
package struct RecordedChains: Sendable {
    /// The root of every run that retries another one.
    private let roots: [ExecutionID: ExecutionID]
    /// The retries of each chain, oldest first.
    private let retries: [ExecutionID: [Execution]]
    /// The runs that an agent's retries started, and what each of them ran again.
    private let agents: [ExecutionID: ExecutionID?]
    /// Runs that are noted as retries that succeeded, of which there is no row, by their chains.
    private let unkept: [ExecutionID: ExecutionID]

    init(_ history: History) {
        var roots: [ExecutionID: ExecutionID] = [:]
        var retries: [ExecutionID: [Execution]] = [:]
        var agents: [ExecutionID: ExecutionID?] = [:]
        var unkept: [ExecutionID: ExecutionID] = [:]
        for run in history.agent?.runs ?? [] { agents[run] = .some(nil) }
        // Rows come by id, and what is retried has a lower one.
        for (place, rest) in history.columns.rests where rest.retryOf != nil || rest.retrySuccess != nil {
            let row = history.columns.row(place)
            var root = row.id
            if let parent = row.retryOf {
                root = roots[parent] ?? parent
                roots[row.id] = root
                retries[root, default: []].append(row)
                if history.isAgents(row.id) { agents[row.id] = parent }
            }
            if let success = row.retrySuccess, history.place(of: success) == nil { unkept[root] = success }
        }
        self.roots = roots
        self.retries = retries
        self.agents = agents
        self.unkept = unkept
    }

    /// The first run of the chain that a run belongs to.
    package func root(of id: ExecutionID) -> ExecutionID { roots[id] ?? id }

    /// The retries of a chain, oldest first, whoever sent them.
    package func retries(of root: ExecutionID) -> [Execution] { retries[root] ?? [] }

    /// The retries of a chain that no agent sent, as far as that is told: people's.
    func peoples(of root: ExecutionID) -> [Execution] { retries(of: root).filter { !isAgents($0.id) } }

    /// Whether an agent's retry started a run.
    func isAgents(_ run: ExecutionID) -> Bool { agents[run] != nil }

    /// The run that is noted as a chain's retry that succeeded, where there is no row of it: who sent it, and when, nobody
    /// can tell.
    func unkeptSuccess(of root: ExecutionID) -> ExecutionID? { unkept[root] }

    /// A row as it would be had no agent acted; nil where the agent's retry started it.
    package func withoutAgent(_ row: Execution) -> Execution? {
        guard !agents.isEmpty else { return row }
        guard !isAgents(row.id) else { return nil }
        var row = row
        while let parent = row.retryOf, let before = agents[parent] { row.retryOf = before }
        if let success = row.retrySuccess, isAgents(success) { row.retrySuccess = nil }
        return row
    }
}
