import MendflowHTTP

extension Simulator {
    /// The API key of a request; nil where it has none or an unknown one.
    func key(of request: HTTPRequest) -> APIKey? {
        guard let given = request.headers["X-N8N-API-KEY"] else { return nil }
        return configuration.keys.first { $0.key == given }
    }

    /// Answers a request, checking in the order in which the server does.
    mutating func respond(to call: Call) -> Answer {
        let request = call.request
        if request.headers["User-Agent"]?.lowercased().contains("bot") == true {
            return .now(HTTPResponse(status: 204))
        }
        let route = Route(request, base: configuration.base)
        if case .starting(let kind) = power { return .now(startUpAnswer(kind, route.endpoint)) }
        if route.endpoint == .health || route.endpoint == .readiness { return .now(.json(["status": "ok"])) }
        let body: JSON?
        do {
            body = try self.body(of: request)
        } catch {
            return .now(unparsed())
        }
        guard let endpoint = route.endpoint else {
            return .now(
                route.pathExists
                    ? .message(405, "\(request.method) method not allowed") : .message(404, "not found"))
        }
        guard let key = key(of: request) else { return .now(.message(401, "Unauthorized")) }
        var number = 0
        if endpoint.namesExecution {
            guard let id = Route.positive(route.id) else {
                return .now(.message(400, "request/params/executionId must be a positive integer"))
            }
            number = id
        }
        if let scope = endpoint.scope, key.scopes?.contains(scope) == false {
            return .now(.message(403, "Forbidden"))
        }
        if let refusal = mediaTypeRefusal(request, needsBody: endpoint.needsBody) { return .now(refusal) }
        return respond(endpoint, route: route, id: number, body: body, actor: .key(key.name))
    }

    private mutating func respond(
        _ endpoint: Endpoint, route: Route, id: Int, body: JSON?, actor: Actor
    ) -> Answer {
        switch endpoint {
        case .list: .now(list(route))
        case .read: .now(read(id, route))
        case .delete: .now(delete(id, by: actor))
        case .retry: retry(id, body: body, by: actor)
        case .stop: .now(stop(id, by: actor))
        case .stopMany: .now(stopMany(body, by: actor))
        case .readTags: .now(readTags(id))
        case .writeTags: .now(writeTags(id, body, by: actor))
        case .workflows: .now(listWorkflows(route))
        case .workflow: .now(readWorkflow(route.id ?? ""))
        case .workflowTags: .now(.json(["data": [], "nextCursor": nil]))
        case .discover: .now(discover(actor))
        case .health, .readiness: .now(.json(["status": "ok"]))
        }
    }

    private func startUpAnswer(_ kind: StartUp, _ endpoint: Endpoint?) -> HTTPResponse {
        switch endpoint {
        case .health: .json(["status": "ok"])
        case .readiness: .json(503, ["status": "error"])
        default: .startUp(kind)
        }
    }

    /// The body parser runs before everything else, API keys included.
    private func body(of request: HTTPRequest) throws(JSONError) -> JSON? {
        guard let bytes = request.body, !bytes.isEmpty, Route.isJSON(request) else { return nil }
        return try JSON(parsing: bytes)
    }

    private func unparsed() -> HTTPResponse {
        let page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Error</title>
            </head>
            <body>
            <pre>ResponseError: Failed to parse request body<br> &nbsp; &nbsp;at parseBody (simulated)</pre>
            </body>
            </html>

            """
        return HTTPResponse(
            status: 500, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(page.utf8))
    }

    private func mediaTypeRefusal(_ request: HTTPRequest, needsBody: Bool) -> HTTPResponse? {
        let hasBody = request.body?.isEmpty == false
        guard hasBody || needsBody, !Route.isJSON(request), request.method != .get, request.method != .head else {
            return nil
        }
        return .message(415, "unsupported media type \(request.headers["Content-Type"] ?? "undefined")")
    }
}

extension Route {
    static func isJSON(_ request: HTTPRequest) -> Bool {
        request.headers["Content-Type"]?.lowercased().hasPrefix("application/json") ?? false
    }

    /// A positive whole number without leading zeros.
    static func positive(_ text: String?) -> Int? {
        guard let text, let number = Int(text), number > 0, String(number) == text else { return nil }
        return number
    }
}
