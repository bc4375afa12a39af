import FoundationEssentials
import MendflowHTTP
import Testing

@testable import MendflowSimulator

/// A request to a real n8n and what it answered.
struct Recording {
    var name: String
    var request: HTTPRequest
    /// Nil where the client gave up.
    var status: Int?
    var mediaType: String?
    var body: Simulator.JSON
    var elapsed: Int64

    /// Reads a file of recordings, such as `n8n-2.41.1/recordings.jsonl`, in the order in which they happened.
    static func all(in file: String) throws -> [Recording] {
        let lines = try Data(contentsOf: folder.appending(path: file)).split(separator: UInt8(ascii: "\n"))
        return try lines.map { try Recording(Simulator.JSON(parsing: $0)) }
    }

    /// The ids of the workflows behind a file of recordings, by name.
    static func workflows(of file: String) throws -> [String: String] {
        let parts = file.split(separator: "/").map(String.init)
        let json = try Simulator.JSON(
            parsing: try Data(contentsOf: folder.appending(path: "\(parts[0])/workflows.json")))
        return (json[parts[1]]?.object?.fields ?? []).reduce(into: [:]) { $0[$1.key] = $1.value.text }
    }

    /// All files of recordings.
    static func files() throws -> Set<String> {
        let servers = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("n8n-") }
        let files = try servers.flatMap { server in
            try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: server).path)
                .map { "\(server)/\($0)" }
        }
        return Set(files.filter { $0.hasSuffix(".jsonl") })
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/recordings")

    private init(_ json: Simulator.JSON) throws {
        name = try #require(json["name"]?.text)
        let sent = try #require(json["request"])
        request = HTTPRequest(
            HTTPMethod(try #require(sent["method"]?.text)), try #require(sent["path"]?.text),
            headers: ["User-Agent": name == "bot-agent" ? "some bot" : "Python-urllib/3.11"])
        switch sent["key"]?.text {
        case "valid": request.headers["X-N8N-API-KEY"] = "test-key"
        case "other": request.headers["X-N8N-API-KEY"] = name == "auth.bad" ? "nonsense" : "narrow-key"
        default: break
        }
        if let body = sent["body"], !body.isNull {
            request.headers["Content-Type"] = "application/json"
            request.body = body.text.map { Array($0.utf8) } ?? body.bytes
        }
        status = json["response"]?["status"]?.integer.map { Int($0) }
        mediaType = json["response"]?["content_type"]?.text
        body = try #require(json["response"]?["body"])
        elapsed = json["response"]?["elapsed_ms"]?.integer ?? 0
    }

    /// The execution in the path.
    var execution: Int? { request.url.split(separator: "/").compactMap { Int($0.prefix { $0 != "?" }) }.last }
}

/// What is left of a body when what cannot agree is taken away.
func normal(_ json: Simulator.JSON, key: String = "") -> Simulator.JSON {
    switch json {
    case .string(let text):
        if key == "resumeUrl" { return "<url>" }
        if text.hasPrefix("<!DOCTYPE html>") { return "<page>" }
        let isSentinel = text.hasPrefix("3000-") || text.hasPrefix("1970-")
        return milliseconds(text) != nil && !isSentinel ? "<time>" : json
    case .int where ["timestamp", "startTime", "establishedAt", "executionTime"].contains(key): return "<number>"
    case .array(let elements): return .array(elements.map { normal($0) })
    case .object(let object):
        // A node, which n8n fills with defaults when it loads a workflow.
        if object["typeVersion"] != nil { return ["name": object["name"] ?? "", "type": object["type"] ?? ""] }
        return .object(
            .init(
                object.fields.compactMap { field in
                    dropped[field.key] == nil ? (field.key, normal(field.value, key: field.key)) : nil
                }))
    default: return json
    }
}

/// Fields that the model does not reproduce, and why.
private let dropped = [
    "stack": "source positions of n8n's own files",
    "jsonSizeBytes": "the size depends on all of the rest",
    "json": "items: what nodes make of their input is not modelled, only how many there are",
    "pairedItem": "goes with the items", "index": "goes with the items of a sub-workflow",
    "project": "the owner's project, which the model does not have",
    "workflowPublishHistory": "who published what is not modelled",
    "versionCounter": "how often a workflow was saved is not modelled",
]

/// What is left of a body of 1.x without members of data and workflow that the model writes as 2.x does, and that nobody
/// reads.
func withoutLaterMembers(_ json: Simulator.JSON, in member: String = "") -> Simulator.JSON {
    switch json {
    case .array(let elements): return .array(elements.map { withoutLaterMembers($0, in: member) })
    case .object(let object):
        let left = laterMembers[member] ?? []
        return .object(
            .init(
                object.fields.filter { !left.contains($0.key) }
                    .map { ($0.key, withoutLaterMembers($0.value, in: $0.key)) }))
    default: return json
    }
}

private let laterMembers: [String: Set<String>] = [
    "data": ["resumeToken"], "runtimeData": ["redaction", "triggerNode"],
    "source": ["previousNodeOutput", "previousNodeRun"], "main": ["previousNodeOutput", "previousNodeRun"],
    "workflowData": [
        "active", "activeVersionId", "createdAt", "isArchived", "pinData", "staticData", "updatedAt", "settings",
    ],
]

/// The first place at which two bodies differ; nil where they agree.
func difference(_ wanted: Simulator.JSON, _ got: Simulator.JSON, at path: String = "$") -> String? {
    switch (wanted, got) {
    case (.object(let one), .object(let other)):
        for (key, value) in one.fields {
            guard let counterpart = other[key] else { return "\(path).\(key) is missing (\(value))" }
            if let found = difference(value, counterpart, at: "\(path).\(key)") { return found }
        }
        return other.fields.first { one[$0.key] == nil }.map { "\(path).\($0.key) is too much (\($0.value))" }
    case (.array(let one), .array(let other)):
        for (place, pair) in zip(one, other).enumerated() {
            if let found = difference(pair.0, pair.1, at: "\(path)[\(place)]") { return found }
        }
        return one.count == other.count ? nil : "\(path) has \(other.count) elements instead of \(one.count)"
    default: return wanted == got ? nil : "\(path) is \(got) instead of \(wanted)"
    }
}
