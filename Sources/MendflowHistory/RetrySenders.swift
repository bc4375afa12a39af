public import MendflowCore
import MendflowText

/// Whose the retries of a history are: n8n does not tell, and an agent's ledger tells its own.
public struct RetrySenders: Sendable, Hashable {
    /// How many retries there are, and how many of them an agent sent.
    public var retries = 0, agents = 0
    /// Retries that were sent before the agent's ledger begins.
    public var before = 0
    /// When that is; nil where it is not noted.
    public var since: ServerTime?
    /// Whether there is a ledger's word at all.
    public var isTold = false

    /// Counts those of a history.
    package init(_ history: History) {
        isTold = history.agent != nil
        since = history.agent?.since
        for (place, rest) in history.columns.rests where rest.retryOf != nil {
            retries += 1
            if history.isAgents(history.columns.id(place)) {
                agents += 1
            } else if let since, let start = history.columns.row(place).beginning, start < since {
                before += 1
            }
        }
    }

    /// What that means for everything that is counted; nil where there are no retries.
    public var words: String? {
        guard retries > 0 else { return nil }
        guard isTold else {
            return
                "who sent a retry is not told: "
                + (retries == 1
                    ? "the only one counts as a person's, even if an agent sent it"
                    : "all \(retries) count as people's, those of an agent that acted then included")
                + " (an export beside the agent's ledger tells them apart)"
        }
        let older = since.map { "older than the agent's ledger, which begins at \($0.rfc3339)" } ?? ""
        guard before < retries else {
            return
                "of \(retries.words("retry", "retries")) nobody can tell who sent \(retries == 1 ? "it" : "them"), for all are "
                + "\(older): they count as people's"
        }
        let own =
            agents == 0
            ? "none of \(retries.words("retry", "retries")) was the agent's own, as its ledger tells"
            : "\(agents) of \(retries.words("retry", "retries")) \(agents == 1 ? "was" : "were") the agent's own, as its "
                + "ledger tells: what is its own does not count as people's, and policies are not shown it"
        return before == 0
            ? own : "\(own); \(before.words("is", "are")) \(older), and \(before == 1 ? "counts" : "count") as people's"
    }
}

extension History {
    /// Runs that are noted, at what they ran again, as retries that succeeded, and of which there is no row.
    var unkeptSuccesses: [(success: ExecutionID, workflow: WorkflowID)] {
        var found: [ExecutionID: WorkflowID] = [:]
        for (place, rest) in columns.rests {
            guard let success = rest.retrySuccess, self.place(of: success) == nil else { continue }
            found[success] = columns.table[columns.kind(place)].workflow
        }
        return found.map { (success: $0.key, workflow: $0.value) }
    }
}
