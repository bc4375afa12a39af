internal import MendflowCore
internal import MendflowHTTP
internal import MendflowText

/// One request to n8n before it becomes a URL: path, query, body, deadline, and what to keep of the answer.
struct Call: Sendable {
    /// How long it may take.
    enum Deadline: Sendable {
        /// One limit for the whole exchange.
        case whole(Period)
        /// One limit until the first byte is sent, and another one from then on, for calls that n8n holds open
        /// (semantics 50).
        case sending(Period, answer: Period)
    }

    /// What to read of an answer's body.
    enum Content: Sendable {
        /// The rows of a page of executions.
        case rows
        /// What a plan wants.
        case tree(JSONProgram)

        /// What a plan wants that is made ready for this call.
        static func kept(by plan: JSONPlan) -> Content { .tree(JSONProgram(plan)) }
    }

    var method = HTTPMethod.get
    /// The path below the API's, as segments that are not encoded yet.
    var path: [String]
    var query: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// The `ETag` of an answer that is remembered from before; n8n sends no body if the answer is still the same.
    var knownTag: String?
    /// What it bears as `Idempotency-Key`.
    var key: String?
    /// What to read of an answer with status 200.
    var content: Content
    /// Bytes of body that are read.
    var bodyLimit: Int
    var deadline = Deadline.whole(.seconds(30))
    /// The scope that n8n asks of the key.
    var scope: String
    /// False for requests outside the Public API, such as `/healthz`, which need no key and get none.
    var isBelowAPI = true

    /// The request as messages show it. The cursor is left out, since it is long and tells nothing.
    var display: String {
        let fields = query.map { "\($0.name)=\($0.name == "cursor" ? "..." : $0.value)" }
        let target = "/" + path.joined(separator: "/")
        return "\(method) \(target)" + (fields.isEmpty ? "" : "?" + fields.joined(separator: "&"))
    }

    /// The whole URL.
    func url(on connection: N8NConnection) -> String {
        let prefix = isBelowAPI && !connection.apiPath.isEmpty ? "/" + connection.apiPath : ""
        let target = path.map { "/" + Call.encoded($0) }.joined()
        let fields = query.map { "\(Call.encoded($0.name))=\(Call.encoded($0.value))" }
        return "\(connection.url)" + prefix + target
            + (fields.isEmpty ? "" : "?" + fields.joined(separator: "&"))
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
