import MendflowHTTP

/// Finds what is wrong with a request before anything of it is sent. Messages name header fields but never show their
/// values, which may be secrets.
enum RequestCheck {
    static func problem(of request: HTTPRequest, role: CurlTransport.Role) -> String? {
        guard isToken(request.method.name) else { return "the method is not an HTTP token" }
        if role == .reads, request.method != .get, request.method != .head {
            return "\(request.method.name) does not go through the client for reads: it may send a request twice"
        }
        if request.method == .head, request.body != nil { return "HEAD has no body" }
        return urlProblem(request.url) ?? request.headers.fields.lazy.compactMap(fieldProblem).first
    }

    /// One line without control characters.
    static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }

    private static func urlProblem(_ url: String) -> String? {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            return "the URL has control characters or spaces"
        }
        let scheme = url.prefix(8).lowercased()
        guard scheme.hasPrefix("http://") || scheme == "https://" else { return "the URL is neither http nor https" }
        return nil
    }

    private static func fieldProblem(_ field: HTTPHeaders.Field) -> String? {
        guard isToken(field.name) else { return "a header field's name is not an HTTP token" }
        guard isFieldValue(field.value) else { return "the header field \(field.name) has control characters" }
        guard !ownFields.contains(field.name.lowercased()) else {
            return "the header field \(field.name) is the transport's own: remove it"
        }
        return nil
    }

    /// Header fields that say how the body is framed or encoded. libcurl sets them itself; a second one from a caller
    /// would let servers read one request in two ways.
    private static let ownFields: Set<String> = [
        "accept-encoding", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { tokenBytes.contains($0) }
    }

    private static let tokenBytes = Set(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}
