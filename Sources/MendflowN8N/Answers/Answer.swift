internal import MendflowCore
internal import MendflowHTTP

/// An answer that came whole, scanned.
struct Answer: Sendable {
    var head: HTTPResponseHead
    /// Whether the body is a whole JSON document that was read to its end.
    var isWhole: Bool
    /// What was kept of such a document; nil if its rows were read instead.
    var json: JSONTree?
    /// The rows that were read of such a document.
    var rows: RowPageBuilder?
    var fault: JSONFault?
    /// The body's first bytes.
    var opening: String
    var received: Int
    /// Whether more bytes came than are read.
    var overflowed: Bool

    var status: Int { head.status }
    /// The server's clock, to the second.
    var serverTime: ServerTime? { head.headers["date"].flatMap { ServerTime(httpDate: $0) } }
    /// The `ETag`: the server's name for exactly this body.
    var tag: String? { head.headers["etag"] }
    /// n8n's message, if the answer has the form of a refusal of n8n's: JSON with a member `message`.
    var refusal: String? { isJSON ? json?["message"]?.text : nil }
    /// Whether the answer says that it is JSON.
    var isJSON: Bool { head.mediaType == "application/json" }
    /// How long the server asks to wait. Where it names a date and does not tell its own time, its clock is taken to be ours.
    func retryAfter(now: AgentTime) -> Period? {
        Period(retryAfter: head.headers["retry-after"], now: serverTime ?? ClockOffset.zero.server(now))
    }

    /// Whether it is one of the two answers of an n8n that is starting up (n8n facts 7.3). One of them has status 200.
    var isStartingUp: Bool {
        switch status {
        case 200:
            !isWhole && Answer.trimmed(opening) == "n8n is starting up. Please wait"
        case 503:
            refusal == "Database is not ready!" && json?["code"]?.word == "503"
        default: false
        }
    }

    /// The body's beginning on one line.
    var openingLine: String {
        let line = opening.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
        return line.split(separator: " ").joined(separator: " ")
    }

    /// Where a redirect leads, without path and query, which may hold secrets.
    var redirectTarget: String? {
        guard let location = head.headers["location"] else { return nil }
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { location.lowercased().hasPrefix($0) }) else { return nil }
        let authority = location.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return scheme + (authority.split(separator: "@").last.map(String.init) ?? "")
    }

    private static func trimmed(_ text: String) -> String {
        text.split { $0 == " " || $0 == "\n" || $0 == "\r" || $0 == "\r\n" || $0 == "\t" }.joined(separator: " ")
    }
}
