import MendflowCore
import MendflowSimulator

/// What the agent did, in words of people: "order sync 5630 failed: connection reset; retried; healed".
///
/// What an event is about is looked up in the simulated n8n, which knows names, errors and what became of a retry.
struct DemoStory: Sendable {
    private var healed = 0, stopped = 0, givenUp = 0
    /// Failures of protected workflows that were told already.
    private var spared: Set<Int> = []

    /// What came about so far.
    var sum: String {
        "\(healed) healed, \(stopped) stopped, \(givenUp) left to a person"
    }

    /// The lines of an event; most have none.
    mutating func lines(of event: AgentEvent, _ n8n: Simulator) -> [String] {
        let time = event.at.rfc3339.dropFirst(11).prefix(5)
        return told(event, n8n).map { "\(time)  \($0)" }
    }

    private mutating func told(_ event: AgentEvent, _ n8n: Simulator) -> [String] {
        if event.name == "tick" { return protected(n8n, before: event.at) }
        func field(_ name: String) -> String? { event.fields.first { $0.name == name }?.value }
        guard let action = field("action").flatMap({ ActionKind(rawValue: $0) }),
            let row = field("execution").flatMap({ Int($0) }).flatMap({ n8n.database[$0] })
        else { return event.level >= .warning ? [event.message] : [] }
        switch (event.name, action) {
        case ("action.applied", .retry):
            return ["\(n8n.failure(of: row)); retried; \(end(ofRetry: row.id, n8n))"]
        case ("action.applied", .tag):
            givenUp += 1
            let tags = row.tags.map { n8n.database.annotationTags[$0]?.name ?? $0 }.joined(separator: ", ")
            return ["\(n8n.failure(of: row)); no retries left; tagged \(tags)"]
        case ("action.applied", .stop), ("action.applied", .bulkStop):
            stopped += 1
            let since = row.startedAt.map { ServerTime(milliseconds: $0).rfc3339.dropFirst(11).prefix(5) } ?? "-"
            return ["\(n8n.name(of: row)) \(row.id) waiting since \(since), which is too long; stopped"]
        case ("action.unresolved", _):
            givenUp += 1
            return [
                "\(n8n.failure(of: row)); retried, but no answer came; not sent again, it waits for a person in the inbox"
            ]
        case ("action.dropped", _), ("action.refused", _):
            let why = (field("note") ?? event.message).split(separator: ": ", maxSplits: 1).last.map(String.init) ?? ""
            return ["\(n8n.failure(of: row)); \(action.words) put off: \(why)"]
        default: return []
        }
    }

    private mutating func end(ofRetry id: Int, _ n8n: Simulator) -> String {
        guard let child = n8n.retries(of: id).last.flatMap({ n8n.database[$0] }) else { return "its run left no trace" }
        switch child.status {
        case .success:
            healed += 1
            return "healed"
        case .error, .crashed: return "failed again, as \(child.id)"
        default: return "\(child.status.rawValue), as \(child.id)"
        }
    }

    /// Failures of protected workflows that the agent has had a minute to act on, and did not.
    private mutating func protected(_ n8n: Simulator, before now: AgentTime) -> [String] {
        let until = (ClockOffset.zero.server(now) - .minutes(1)).milliseconds
        return n8n.database.ids.suffix(100).compactMap { id -> String? in
            guard let row = n8n.database[id], row.status == .error, row.stoppedAt ?? .max < until,
                row.workflowID == DemoWorld.payments, n8n.retries(of: id).isEmpty, spared.insert(id).inserted
            else { return nil }
            return "\(n8n.failure(of: row)); protected by the tag \(DemoWorld.protection); left alone"
        }
    }
}

extension ActionKind {
    /// The action as a noun.
    fileprivate var words: String {
        switch self {
        case .retry: "retry"
        case .stop, .bulkStop: "stop"
        case .tag: "tag"
        case .delete: "deletion"
        }
    }
}

extension Simulator {
    /// A workflow's name as the demo tells it.
    fileprivate func name(of row: Execution) -> String {
        (database.workflows[row.workflowID]?.name ?? row.workflowID).replacing("Demo: ", with: "")
    }

    /// What failed, and how.
    fileprivate func failure(of row: Execution) -> String {
        let error = row.data?["resultData"]?["error"]
        let words =
            switch error?["httpCode"]?.text {
            case "ECONNRESET": "connection reset"
            case "ECONNABORTED": "timed out"
            case let code?: "the service answered \(code)"
            case nil: error?["message"]?.text ?? row.status.rawValue
            }
        return "\(name(of: row)) \(row.id) failed: \(words)"
    }
}
