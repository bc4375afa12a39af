private import MendflowText

/// A request that changes executions, as it goes to n8n: what `plan` shows is what is sent, for both come from here.
public struct ExecutionRequest: Sendable, Hashable, CustomStringConvertible {
    /// The HTTP method.
    public var method: String
    /// The path below the API's own, as segments that are not encoded yet.
    public var path: [String]
    /// The body's JSON; nil where there is none.
    public var body: String?

    private init(_ method: String, _ path: [String], body: JSONWriter? = nil) {
        self.method = method
        self.path = path
        self.body = body?.string
    }

    /// Method and path, as people write them.
    public var target: String { "\(method) /\(path.joined(separator: "/"))" }
    /// The whole of it in one line.
    public var description: String { target + (body.map { " \($0)" } ?? "") }

    /// Retries an execution, with the workflow as it is saved now or as it was then.
    public static func retry(_ id: ExecutionID, loadWorkflow: Bool) -> ExecutionRequest {
        var body = JSONWriter()
        body.object {
            $0.key("loadWorkflow")
            $0.flag(loadWorkflow)
        }
        return ExecutionRequest("POST", ["executions", id.text, "retry"], body: body)
    }

    /// Stops one live execution.
    public static func stop(_ id: ExecutionID) -> ExecutionRequest {
        ExecutionRequest("POST", ["executions", id.text, "stop"])
    }

    /// Deletes an ended execution.
    public static func delete(_ id: ExecutionID) -> ExecutionRequest {
        ExecutionRequest("DELETE", ["executions", id.text])
    }

    /// Replaces the annotation tags of an execution; ids that stand twice are sent once, for n8n fails on them.
    public static func setTags(of id: ExecutionID, to tagIDs: [String]) -> ExecutionRequest {
        var seen: Set<String> = []
        var body = JSONWriter()
        body.list {
            for tag in tagIDs where seen.insert(tag).inserted { $0.object { $0.member("id", tag) } }
        }
        return ExecutionRequest("PUT", ["executions", id.text, "tags"], body: body)
    }

    /// Stops everything live that a bulk stop describes.
    public static func stopMany(_ request: BulkStopRequest) -> ExecutionRequest {
        var body = JSONWriter()
        body.object {
            $0.key("status")
            $0.list { for status in request.statuses { $0.text(status.rawValue) } }
            if let workflow = request.workflow { $0.member("workflowId", workflow.text) }
            if let time = request.startedAfter { $0.member("startedAfter", time.rfc3339) }
            if let time = request.startedBefore { $0.member("startedBefore", time.rfc3339) }
        }
        return ExecutionRequest("POST", ["executions", "stop"], body: body)
    }
}
