import MendflowHTTP

/// Where a request goes.
struct Route {
    /// The endpoint; nil where there is none, and where the method does not fit the path.
    var endpoint: Simulator.Endpoint?
    /// Whether the path is there at all, with another method.
    var pathExists = false
    /// The id in the path.
    var id: String?
    /// The query's fields in order.
    var query: [(key: String, value: String)] = []

    init(_ request: HTTPRequest, base: String, release: Simulator.Release) {
        let path: String
        (path, query) = Route.parts(of: request.url)
        let method = request.method == .head ? .get : request.method
        switch path {
        case "/healthz": choose([.get: .health], method)
        case "/healthz/readiness": choose([.get: .readiness], method)
        case _ where path.hasPrefix("/webhook/"):
            (pathExists, endpoint) = (true, .webhook)
            id = Route.decoded(path.utf8.dropFirst("/webhook/".utf8.count))
        default:
            guard path.hasPrefix(base + "/") else { return }
            let steps = path.utf8.dropFirst(base.utf8.count + 1)
                .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            route(steps.map { Route.decoded($0) }, method, release)
            // The old validator knows no HEAD.
            if request.method == .head, !release.isLenient { endpoint = nil }
        }
    }

    /// The path and the query's fields of a target, or of an absolute URL.
    static func parts(of url: String) -> (path: String, query: [(key: String, value: String)]) {
        var target = url.utf8[...]
        if let colon = target.firstIndex(of: UInt8(ascii: ":")), target[colon...].starts(with: "://".utf8) {
            let authority = target[colon...].dropFirst("://".utf8.count)
            target = authority.firstIndex(of: UInt8(ascii: "/")).map { authority[$0...] } ?? "/".utf8[...]
        }
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return (String(Substring(target)), []) }
        return (String(Substring(target[..<mark])), Route.fields(of: target[mark...].dropFirst()))
    }

    private mutating func route(_ steps: [String], _ method: HTTPMethod, _ release: Simulator.Release) {
        switch (steps.count, steps.first) {
        case (1, "executions"): choose([.get: .list], method)
        case (2, "executions") where steps[1] == "stop" && method == .post && release.hasStop: endpoint = .stopMany
        case (2, "executions"): choose([.get: .read, .delete: .delete], method, id: steps[1])
        case (3, "executions") where steps[2] == "retry": choose([.post: .retry], method, id: steps[1])
        case (3, "executions") where steps[2] == "stop" && release.hasStop: choose([.post: .stop], method, id: steps[1])
        case (3, "executions") where steps[2] == "tags" && release.hasTags:
            choose([.get: .readTags, .put: .writeTags], method, id: steps[1])
        case (1, "workflows"): choose([.get: .workflows], method)
        case (2, "workflows"): choose([.get: .workflow], method, id: steps[1])
        case (1, "tags"): choose([.get: .workflowTags], method)
        case (1, "discover") where release.hasDiscover: choose([.get: .discover], method)
        default: break
        }
    }

    private mutating func choose(_ choices: [HTTPMethod: Simulator.Endpoint], _ method: HTTPMethod, id: String? = nil) {
        pathExists = true
        endpoint = choices[method]
        self.id = id
    }

    /// The values of a query field.
    func values(_ key: String) -> [String] { query.lazy.filter { $0.key == key }.map(\.value) }

    /// The value of a query field that may stand once; nil where it is not there.
    func one(_ key: String, expected: String = "string", _ words: Wording) throws(Refusal) -> String? {
        let values = values(key)
        guard values.count < 2 else { throw Refusal("request/query/\(key) \(words.expected(expected, []))") }
        return values.first
    }

    /// The first query field that the endpoint does not know; before era C it is refused.
    func unknownField(_ endpoint: Simulator.Endpoint, _ release: Simulator.Release) -> String? {
        let known = endpoint.fields(release)
        return query.first { !known.contains($0.key) }?.key
    }

    private static func fields(of query: Substring.UTF8View) -> [(key: String, value: String)] {
        query.split(separator: UInt8(ascii: "&")).map { field in
            let end = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
            return (decoded(field[..<end]), decoded(field[end...].dropFirst()))
        }
    }

    private static func decoded(_ text: Substring.UTF8View) -> String {
        guard text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(Substring(text))
        }
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Simulator.Endpoint {
    /// The scope an API key needs; nil where any valid key will do.
    public var scope: String? {
        switch self {
        case .list: "execution:list"
        case .read: "execution:read"
        case .delete: "execution:delete"
        case .retry: "execution:retry"
        case .stop, .stopMany: "execution:stop"
        case .readTags: "executionTags:list"
        case .writeTags: "executionTags:update"
        case .workflows: "workflow:list"
        case .workflow: "workflow:read"
        case .workflowTags: "tag:list"
        case .discover, .health, .readiness, .webhook: nil
        }
    }

    /// The query fields it knows.
    func fields(_ release: Simulator.Release) -> Set<String> {
        var data: Set = ["includeData"]
        if release.limitsDataSize { data.insert("ignoreDataSizeLimit") }
        if release.redacts { data.insert("redactExecutionData") }
        switch self {
        case .list:
            data.formUnion(["status", "workflowId", "projectId", "limit", "cursor"])
            if release.filtersStart { data.formUnion(["startedAfter", "startedBefore"]) }
            return data
        case .read: return data
        case .workflows: return ["active", "tags", "name", "projectId", "excludePinnedData", "limit", "cursor"]
        case .workflow: return ["excludePinnedData"]
        case .workflowTags: return ["limit", "cursor"]
        case .discover: return ["include", "resource", "operation"]
        case .delete, .retry, .stop, .stopMany, .readTags, .writeTags, .health, .readiness, .webhook: return []
        }
    }

    /// Whether the request must have a JSON body.
    var needsBody: Bool { self == .stopMany || self == .writeTags }

    /// Whether the path names an execution.
    var namesExecution: Bool {
        switch self {
        case .read, .delete, .retry, .stop, .readTags, .writeTags: true
        default: false
        }
    }
}
