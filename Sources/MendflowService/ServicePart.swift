public import MendflowHTTP
public import MendflowText

/// Something that the service answers: health, metrics, the console, hints.
public protocol ServicePart: Sendable {
    /// The answer; nil where this is another part's.
    func answer(_ request: ServiceRequest) async -> HTTPResponse?
    /// Who may ask for this, and change something by it. Asked before `answer`, also of what is another part's.
    func access(to request: ServiceRequest) -> ServiceAccess
    /// How large a body may be that is sent to it, in bytes.
    var bodyBytes: Int { get }
}

extension ServicePart {
    /// Whoever may see what is shown.
    public func access(to request: ServiceRequest) -> ServiceAccess { .readers }
    /// As much as a form needs.
    public var bodyBytes: Int { 64 << 10 }
}

/// Who may ask for something.
public enum ServiceAccess: Sendable, Hashable {
    /// Whoever has the token, and everybody where there is none. What is posted needs the token in any case, and from a browser
    /// the `csrf` of its session too: a part that is asked need not look.
    case readers
    /// Everybody, to read and to post: the part knows by itself whom it trusts.
    case everybody
    /// Programs, to post, under whatever name they ask: the part knows by itself whom it trusts, by a token of its own, and shows
    /// nothing.
    case programs
}

extension HTTPResponse {
    /// A plain text for people, with a line break at its end.
    public static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array((text + "\n").utf8))
    }

    /// A page, whole.
    public static func html(_ page: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(page.utf8))
    }

    /// A value as JSON, with a line break at its end.
    public static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        var writer = JSONWriter(.indented)
        writer.value(value)
        return HTTPResponse(
            status: status, headers: ["Content-Type": "application/json"], body: writer.bytes + [UInt8(ascii: "\n")])
    }

    /// Sends a browser to another path of the service by GET, as after every post.
    public static func see(_ path: String) -> HTTPResponse {
        HTTPResponse(status: 303, headers: ["Location": path])
    }

    /// For what is there and cannot be asked for this way.
    public static func notAllowed(only methods: String) -> HTTPResponse {
        var response = HTTPResponse.text(405, "only \(methods) can be used here")
        response.head.headers["Allow"] = methods
        return response
    }
}
