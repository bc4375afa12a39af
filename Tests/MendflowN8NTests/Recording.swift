import FoundationEssentials
import MendflowTestKit

/// A recorded request and its answer.
struct Recording: Sendable, CustomStringConvertible {
    /// The folder, such as `n8n-2.41.1-queue`.
    var server: String
    var name: String
    var method: String
    var path: String
    var body: String?
    var key: String?
    /// 0 where the client gave up before an answer came.
    var status: Int
    var contentType: String?
    /// The body as JSON without blanks, or as the text that it was.
    var text: String
    /// The body, where it is JSON.
    var json: ReferenceParser.Value?

    var description: String { "\(server) \(name): \(method) \(path)" }
    /// The id in the path; empty where there is none.
    var id: String {
        let parts = path.prefix { $0 != "?" }.split(separator: "/")
        return parts.count > 3 && parts[2] == "executions" && parts[3] != "stop" ? String(parts[3]) : ""
    }

    private static let files = [
        ("n8n-2.41.1", ["recordings", "recordings-more", "recordings-extra"]),
        ("n8n-2.35.7", ["recordings", "recordings-more"]), ("n8n-2.27.5", ["recordings", "recordings-more"]),
        ("n8n-2.41.1-queue", ["recordings-queue"]), ("n8n-1.123.81", ["recordings"]),
    ]

    /// Everything, server by server, in the order in which it happened.
    static let all = files.flatMap { server, names in
        names.flatMap { load("\(server)/\($0).jsonl", server) }
    }
    /// Those of 2.41.1, in both modes.
    static let current = all.filter { $0.server.hasPrefix("n8n-2.41.1") }

    static func named(_ name: String, _ server: String = "n8n-2.41.1") -> Recording? {
        all.first { $0.name == name && $0.server == server }
    }

    /// A file of the fixtures; empty where there is none.
    static func fixture(_ path: String) -> String {
        (try? Repository.text("Tests/Fixtures/\(path)")) ?? ""
    }

    static func load(_ file: String, _ server: String) -> [Recording] {
        fixture("recordings/\(file)").split(separator: "\n").compactMap { line in
            guard let value = try? ReferenceParser.parse(Array(line.utf8)) else { return nil }
            return Recording(server, value)
        }
    }

    private init?(_ server: String, _ value: ReferenceParser.Value) {
        guard let request = value["request"], let response = value["response"], let name = value["name"]?.string,
            let method = request["method"]?.string, let path = request["path"]?.string, let body = response["body"]
        else { return nil }
        self.server = server
        self.name = name
        self.method = method
        self.path = path
        self.body = request["body"].flatMap { $0.isNull ? nil : $0.string ?? $0.json }
        key = request["key"]?.string
        status = response["status"]?.string.flatMap { Int($0) } ?? 0
        contentType = response["content_type"]?.string
        let isJSON = contentType?.hasPrefix("application/json") == true
        text = isJSON ? body.json : body.string ?? ""
        json = isJSON ? body : nil
    }
}

extension ReferenceParser.Value {
    subscript(_ key: String) -> Self? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.0 == Array(key.utf8) }?.1
    }

    var items: [Self]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    var isNull: Bool {
        guard case .null = self else { return false }
        return true
    }

    /// A text, or a number as it was written.
    var string: String? {
        switch self {
        case .text(let bytes): String(decoding: bytes, as: UTF8.self)
        case .number(let text): text
        default: nil
        }
    }

    /// JSON without blanks.
    var json: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let text): text
        case .text(let bytes): Self.quoted(bytes)
        case .array(let items): "[" + items.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.0)):\($0.1.json)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        var quoted: [UInt8] = [0x22]
        for byte in bytes {
            switch byte {
            case 0x22, 0x5C: quoted += [0x5C, byte]
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                quoted += Array(("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
            default: quoted.append(byte)
            }
        }
        return String(decoding: quoted + [0x22], as: UTF8.self)
    }
}
