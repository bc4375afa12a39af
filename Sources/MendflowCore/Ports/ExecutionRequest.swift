private import MendflowText

/// A request that changes executions, as it goes to n8n: what `plan` shows is what is sent, for both come from here.
public enum ExecutionRequest: Sendable, Hashable, CustomStringConvertible {
    /// Retries an execution, with the workflow as it is saved now or as it was then.
    case retry(ExecutionID, loadWorkflow: Bool)
    /// Stops one live execution.
    case stop(ExecutionID)
    /// Stops everything live that a bulk stop describes.
    case stopMany(BulkStopRequest)
    /// Replaces the annotation tags of an execution by those with these ids; ids that stand twice are sent once, for n8n
    /// fails on them.
    case setTags(ExecutionID, to: [String])
    /// Deletes an ended execution with its data.
    case delete(ExecutionID)

    /// The kind of action that it carries out.
    public var kind: ActionKind {
        switch self {
        case .retry: .retry
        case .stop: .stop
        case .stopMany: .bulkStop
        case .setTags: .tag
        case .delete: .delete
        }
    }

    /// The execution that it names; nil where it names none.
    public var execution: ExecutionID? {
        switch self {
        case .retry(let id, _), .stop(let id), .setTags(let id, _), .delete(let id): id
        case .stopMany: nil
        }
    }

    /// The HTTP method.
    public var method: String {
        switch self {
        case .retry, .stop, .stopMany: "POST"
        case .setTags: "PUT"
        case .delete: "DELETE"
        }
    }

    /// The path below the API's own, as segments that are not encoded yet.
    public var path: [String] {
        switch self {
        case .retry(let id, _): ["executions", id.text, "retry"]
        case .stop(let id): ["executions", id.text, "stop"]
        case .stopMany: ["executions", "stop"]
        case .setTags(let id, _): ["executions", id.text, "tags"]
        case .delete(let id): ["executions", id.text]
        }
    }

    /// The body's JSON; nil where there is none.
    public var body: String? {
        var body = JSONWriter()
        switch self {
        case .stop, .delete: return nil
        case .retry(_, let loadWorkflow):
            body.object {
                $0.key("loadWorkflow")
                $0.flag(loadWorkflow)
            }
        case .setTags(_, let tagIDs):
            var seen: Set<String> = []
            body.list {
                for tag in tagIDs where seen.insert(tag).inserted { $0.object { $0.member("id", tag) } }
            }
        case .stopMany(let request):
            body.object {
                $0.key("status")
                $0.list { for status in request.statuses { $0.text(status.rawValue) } }
                if let workflow = request.workflow { $0.member("workflowId", workflow.text) }
                if let time = request.startedAfter { $0.member("startedAfter", time.rfc3339) }
                if let time = request.startedBefore { $0.member("startedBefore", time.rfc3339) }
            }
        }
        return body.string
    }

    /// Method and path, as people write them.
    public var target: String { "\(method) /\(path.joined(separator: "/"))" }
    /// The whole of it in one line.
    public var description: String { target + (body.map { " \($0)" } ?? "") }
}
