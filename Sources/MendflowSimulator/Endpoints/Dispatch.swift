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
        if request.headers["User-Agent"].map({ Route.holds("bot", $0.lowercased()) }) == true {
            return .now(HTTPResponse(status: 204))
        }
        let release = configuration.release
        let route = Route(request, base: configuration.base, release: release)
        if case .starting(let kind) = power { return .now(startUpAnswer(kind, route.endpoint)) }
        if route.endpoint == .health || route.endpoint == .readiness { return .now(.json(["status": "ok"])) }
        if route.endpoint == .webhook { return webhook(route.id ?? "", request) }
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
        guard let key = key(of: request) else { return .now(unauthorized(request)) }
        if !release.isLenient, let field = route.unknownField(endpoint, release) {
            return .now(.message(400, "Unknown query parameter '\(field)'"))
        }
        var number = 0
        if endpoint.namesExecution {
            switch executionID(route.id ?? "") {
            case .success(let id): number = id
            case .failure(let refusal): return .now(.json(refusal.status, refusal.body))
            }
        }
        if release.isSecond, let scope = endpoint.scope, key.scopes?.contains(scope) == false {
            return .now(.message(403, "Forbidden"))
        }
        if let refusal = countRequest(request, of: key) { return .now(refusal) }
        if let refusal = mediaTypeRefusal(request, needsBody: endpoint.needsBody) { return .now(refusal) }
        let name = keyName(of: request, key)
        if let name, let known = claim(name, for: request) { return known }
        let answer = respond(endpoint, route: route, id: number, body: body, key: key)
        if let name { note(answer, to: name) }
        return answer
    }

    private func unauthorized(_ request: HTTPRequest) -> HTTPResponse {
        if configuration.release.isLenient { return .message(401, "Unauthorized") }
        let isMissing = request.headers["X-N8N-API-KEY"] == nil
        return .message(401, isMissing ? "'X-N8N-API-KEY' header required" : "unauthorized")
    }

    /// The id in the path. The old validator takes any number; what no row can have is then not found.
    private func executionID(_ text: String) -> Result<Int, Refusal> {
        if configuration.release.isLenient {
            return Route.positive(text).map { .success($0) }
                ?? .failure(Refusal("request/params/executionId must be a positive integer"))
        }
        guard let number = Double(text) else { return .failure(Refusal("request/params/id must be number")) }
        if let whole = Int(exactly: number) { return .success(whole) }
        return .failure(
            configuration.release.isSecond
                ? Refusal(status: 500, "Internal server error")
                : Refusal("invalid input syntax for type integer: \"\(text)\""))
    }

    private mutating func respond(
        _ endpoint: Endpoint, route: Route, id: Int, body: JSON?, key: APIKey
    ) -> Answer {
        let actor = Actor.key(key.name)
        return switch endpoint {
        case .list: .now(list(route, key))
        case .read: .now(read(id, route, key))
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
        case .webhook: .now(.message(404, "not found"))
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

    /// Whether some ASCII letters stand in a text.
    static func holds(_ letters: String, _ text: String) -> Bool {
        text.utf8.indices.contains { text.utf8[$0...].starts(with: letters.utf8) }
    }

    /// A positive whole number without leading zeros.
    static func positive(_ text: String?) -> Int? {
        guard let text, let number = Int(text), number > 0, String(number) == text else { return nil }
        return number
    }
}
