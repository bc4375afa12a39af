typealias ErrorShape = Simulator.ErrorShape

extension Simulator {
    /// The error of a failed run, as n8n records it.
    public struct ErrorShape: Sendable {
        /// `NodeApiError`, `NodeOperationError`, `WrappedExecutionError` ...; nil leaves the field out.
        public var name: String?
        /// n8n's sentence.
        public var message: String
        /// What the service said.
        public var description: String?
        /// `503`, or `ECONNREFUSED` and the like; nil leaves the field out, as on errors that are not HTTP ones.
        public var httpCode: String?
        /// The provider's own words, which n8n keeps beside its own sentence.
        public var messages: [String]?
        /// The failed call; nil leaves `context.request` out.
        public var request: (method: String, url: String)?
        /// `context.itemIndex`; nil leaves it out.
        public var itemIndex: Int64?
        /// Whether the error names its node; a Code node's does not.
        public var namesNode: Bool
        /// The node that fails; nil for the last one that fits the kind of error, else the last one.
        public var node: String?
        /// How many items the failed node was fed.
        public var items: Int
        /// Fields that replace or add to those made of the above.
        public var extra: JSON
        /// The whole error as a server recorded it, used instead of all fields but `node` and `items`.
        public var recorded: JSON?
        /// Whether nobody recorded what the error was: the row fails, and its data cannot be shown.
        public var isUnrecorded = false

        /// Makes an error of any kind.
        public init(
            name: String?, message: String, description: String? = nil, httpCode: String? = nil,
            messages: [String]? = nil, request: (method: String, url: String)? = nil, itemIndex: Int64? = nil,
            namesNode: Bool = true, node: String? = nil, items: Int = 1, extra: JSON = [:]
        ) {
            self.name = name
            self.message = message
            self.description = description
            self.httpCode = httpCode
            self.messages = messages
            self.request = request
            self.itemIndex = itemIndex
            self.namesNode = namesNode
            self.node = node
            self.items = items
            self.extra = extra
        }

        /// The same error with so many items fed to the node.
        public func fed(_ items: Int) -> ErrorShape {
            var copy = self
            copy.items = items
            return copy
        }

        /// The same error in the node of that name.
        public func at(node: String) -> ErrorShape {
            var copy = self
            copy.node = node
            return copy
        }
    }
}

extension Simulator.ErrorShape {
    /// An HTTP node's call that was answered with an error status.
    public static func http(_ code: Int, method: String = "GET", url: String = "http://127.0.0.1:9911/api") -> Self {
        let sentences = [
            400: "Bad request - please check your parameters",
            401: "Authorization failed - please check your credentials",
            403: "Forbidden - perhaps check your credentials?",
            404: "The resource you are requesting could not be found",
            429: "The service is receiving too many requests from you",
            500: "The service was not able to process your request",
            502: "Bad gateway - the service failed to handle your request",
            503:
                "Service unavailable - try again later or consider setting this node to retry automatically (in the node settings)",
            504: "Gateway timed out - perhaps try again later?",
        ]
        let said =
            code == 429
            ? "Try spacing your requests out using the batching settings under 'Options'"
            : "\(code) - \"{\\\"code\\\": \(code)}\""
        return Self(
            name: "NodeApiError", message: sentences[code] ?? "Request failed with status code \(code)",
            description: said, httpCode: String(code), messages: [said], request: (method, url), itemIndex: 0)
    }

    /// An HTTP node's call that found no one listening.
    public static func refused(method: String = "GET", url: String = "http://127.0.0.1:9") -> Self {
        connection(
            "ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:9",
            "The service refused the connection - perhaps it is offline", method, url)
    }

    /// An HTTP node's call whose connection was closed.
    public static func reset(method: String = "GET", url: String = "http://127.0.0.1:9911/reset") -> Self {
        connection(
            "ECONNRESET", "socket hang up",
            "The connection to the server was closed unexpectedly, perhaps it is offline. You can retry the request immediately or wait and retry later.",
            method, url)
    }

    /// An HTTP node's call that took too long.
    public static func timedOut(method: String = "GET", url: String = "http://127.0.0.1:9911/slow") -> Self {
        connection(
            "ECONNABORTED", "timeout of 1500ms exceeded", "The connection was aborted, perhaps the server is offline",
            method, url)
    }

    private static func connection(
        _ code: String, _ said: String, _ message: String, _ method: String, _ url: String
    ) -> Self {
        Self(
            name: "NodeApiError", message: message, httpCode: code, messages: [said, said], request: (method, url),
            itemIndex: 0)
    }

    /// An error of which is known only that it happened.
    public static let unrecorded: Self = {
        var shape = Self(name: nil, message: "")
        shape.isUnrecorded = true
        return shape
    }()

    /// JavaScript that threw: an error without a node.
    public static func code(_ message: String) -> Self {
        Self(name: "WrappedExecutionError", message: message + " [line 1]", namesNode: false)
    }

    /// A Stop And Error node.
    public static func deliberate(_ message: String) -> Self {
        Self(name: "NodeOperationError", message: message, messages: [])
    }

    /// The error as it stands in `resultData.error`.
    func json(node: Simulator.JSON, now: Int64, release: Simulator.Release) -> Simulator.JSON {
        if var recorded {
            // What happens anew happens now: with an older time n8n would be showing an earlier error.
            if recorded["timestamp"] != nil { recorded["timestamp"] = .int(now) }
            return recorded
        }
        if name == "WrappedExecutionError", !release.isLenient {
            return unwrapped.json(node: node, now: now, release: release)
        }
        let level = namesNode ? "warning" : release.isExact ? "info" : "error"
        var error: Simulator.JSON = ["level": .string(level)]
        if release.isExact { error["shouldReport"] = .bool(namesNode) }
        error["tags"] = [:]
        if let description { error["description"] = .string(description) }
        if namesNode {
            var context: Simulator.JSON = [:]
            if let itemIndex { context["itemIndex"] = .int(itemIndex) }
            if let request { context["request"] = Self.json(request: request) }
            error["timestamp"] = .int(now)
            error["context"] = context
            error["functionality"] = "regular"
            error["node"] = node
        } else {
            error["description"] = .init(description)
            error["lineNumber"] = 1
        }
        if let name { error["name"] = .string(name) }
        if let messages { error["messages"] = .array(messages.map { .string($0) }) }
        if let httpCode { error["httpCode"] = .string(httpCode) }
        error["message"] = .string(message)
        error["stack"] = .string("\(name ?? "Error"): \(message)\n    at WorkflowExecute.runNode (simulated)")
        for field in extra.object?.fields ?? [] { error[field.key] = field.value }
        return error
    }

    /// Before era C an error in JavaScript has no name, and what stands before its colon is the description.
    private var unwrapped: Self {
        var error = self
        error.name = nil
        if let colon = message.firstRange(of: ": ") {
            error.description = String(message[..<colon.lowerBound])
            error.message = String(message[colon.upperBound...])
        }
        return error
    }

    private static func json(request: (method: String, url: String)) -> Simulator.JSON {
        [
            "headers": [
                "accept":
                    "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7"
            ],
            "method": .string(request.method), "uri": .string(request.url), "gzip": true, "rejectUnauthorized": true,
            "followRedirect": true, "resolveWithFullResponse": true, "sendCredentialsOnCrossOriginRedirect": true,
            "followAllRedirects": true, "timeout": 300_000, "encoding": nil, "json": false, "useStream": true,
        ]
    }
}
