import MendflowCore
import MendflowText
import MendflowWorkspace

/// A log in the Static Analysis Results Interchange Format 2.1.0, which code hosts show beside the lines of a change.
struct SARIFLog: Encodable {
    struct Result: Encodable {
        var ruleId: String
        var level: String
        var message: Message
        var locations: [Location]?
    }
    struct Message: Encodable { var text: String }
    struct Location: Encodable { var physicalLocation: Physical }
    struct Physical: Encodable {
        var artifactLocation: Artifact
        var region: Region
    }
    struct Artifact: Encodable { var uri: String }
    struct Region: Encodable {
        var startLine: Int
        var startColumn: Int
    }
    struct Run: Encodable {
        var tool: Tool
        var results: [Result]
    }
    struct Tool: Encodable { var driver: Driver }
    struct Driver: Encodable {
        var name: String
        var version: String
        var rules: [Rule]
    }
    struct Rule: Encodable {
        var id: String
        var shortDescription: Message
    }

    var schema = "https://json.schemastore.org/sarif-2.1.0.json"
    var version = "2.1.0"
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    /// Makes a log; `rules` tells what each kind of result is.
    init(_ results: [Result], rules: [(id: String, words: String)], programVersion: String) {
        let rules = rules.map { Rule(id: $0.id, shortDescription: Message(text: $0.words)) }
        runs = [
            Run(
                tool: Tool(driver: Driver(name: "mendflow", version: programVersion, rules: rules)), results: results)
        ]
    }

    /// The log as a file holds it.
    var text: String {
        get throws(MendflowFailure) {
            do { return try Console.jsonText(ofFormat: self) + "\n" } catch {
                throw MendflowFailure(.failed, "\(error)")
            }
        }
    }
}

extension SARIFLog {
    /// A path as a reference to a file: what an address has no letter for is written by its bytes.
    static func uri(of path: String) -> String {
        path.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "/-._~".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hex.text([byte]).uppercased()
        }.joined()
    }
}

extension SARIFLog.Result {
    /// A result about something in a file; nowhere where nobody knows where.
    init(_ rule: String, _ level: String, _ words: String, at place: SourcePlace?) {
        (ruleId, self.level, message) = (rule, level, SARIFLog.Message(text: words))
        locations = place.flatMap { place in
            place.file.isEmpty
                ? nil
                : [
                    SARIFLog.Location(
                        physicalLocation: SARIFLog.Physical(
                            artifactLocation: SARIFLog.Artifact(uri: SARIFLog.uri(of: place.file)),
                            region: SARIFLog.Region(startLine: max(1, place.line), startColumn: max(1, place.column))))
                ]
        }
    }
}
