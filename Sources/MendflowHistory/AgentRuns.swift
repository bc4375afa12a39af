public import MendflowCore
import MendflowText

/// Which runs of a history an agent started by its retries, and which it stopped, as its ledger told when the history was exported:
/// n8n itself does not say who did it.
public struct AgentRuns: Sendable, Hashable {
    /// From when on that ledger knows what was sent, and who sent a retry before that it does not tell; nil where that is
    /// not noted.
    public var since: ServerTime?
    /// The runs that it started.
    public var runs: Set<ExecutionID>
    /// The runs that it stopped.
    public var stopped: Set<ExecutionID>

    /// Makes a record.
    public init(since: ServerTime?, runs: Set<ExecutionID> = [], stopped: Set<ExecutionID> = []) {
        self.since = since
        self.runs = runs
        self.stopped = stopped
    }

    /// Both together: of two ledgers the one that goes further back counts.
    mutating func add(_ other: AgentRuns) {
        since = [since, other.since].compactMap(\.self).min()
        runs.formUnion(other.runs)
        stopped.formUnion(other.stopped)
    }
}

extension History {
    /// Whether an agent's retry started a run, as far as that was noted.
    package func isAgents(_ run: ExecutionID) -> Bool { agent?.runs.contains(run) ?? false }

    /// Whether an agent stopped a run, as far as that was noted.
    package func isStoppedByAgent(_ run: ExecutionID) -> Bool { agent?.stopped.contains(run) ?? false }

    /// Takes in what a ledger tells.
    mutating func add(_ told: AgentRuns) {
        var agent = agent ?? told
        agent.add(told)
        self.agent = agent
    }
}

// As lines of an export, and as a part of the columns.
extension AgentRuns {
    /// What was not known before, a line each.
    func lines(besides known: AgentRuns?) -> String {
        let isNew = since.map { since in known?.since.map { since < $0 } ?? true } ?? false
        let news = runs.subtracting(known?.runs ?? []).sorted()
        let ends = stopped.subtracting(known?.stopped ?? []).sorted()
        let values: [JSONObject] =
            (isNew ? [["since": .text(since?.rfc3339 ?? "")]] : [])
            + news.map { ["retry": .text($0.text)] } + ends.map { ["stopped": .text($0.text)] }
        return values.map { HistoryLines.text(.object(["agent": .object($0)])) }.joined()
    }

    /// Reads a line's value; nil where it is none.
    init?(_ line: JSONObject) {
        if case .text(let id)? = line["retry"] {
            self.init(since: nil, runs: [ExecutionID(id)])
        } else if case .text(let id)? = line["stopped"] {
            self.init(since: nil, stopped: [ExecutionID(id)])
        } else if case .text(let word)? = line["since"], let time = ServerTime(rfc3339: word) {
            self.init(since: time)
        } else {
            return nil
        }
    }

    /// As one value; null for none.
    static func stored(_ agent: AgentRuns?) -> JSONValue {
        guard let agent else { return .null }
        let ids = [agent.runs, agent.stopped].map { JSONValue.list($0.sorted().map { .text($0.text) }) }
        return .list([agent.since.map { .integer($0.milliseconds) } ?? .null] + ids)
    }

    /// Reads what was stored.
    static func read(_ value: JSONValue) throws -> AgentRuns? {
        if value == .null { return nil }
        guard case .list(let parts) = value, parts.count == 3, case .list(let ids) = parts[1],
            case .list(let ends) = parts[2]
        else {
            throw ColumnFault()
        }
        var agent = AgentRuns(since: nil)
        if case .integer(let time) = parts[0] { agent.since = ServerTime(milliseconds: time) }
        for case .text(let id) in ids { agent.runs.insert(ExecutionID(id)) }
        for case .text(let id) in ends { agent.stopped.insert(ExecutionID(id)) }
        return agent
    }
}
