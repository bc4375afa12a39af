import FoundationEssentials
import MendflowCore
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowPolicy

@Suite("The snippets for Visual Studio Code")
struct SnippetTests {
    /// A snippet with its first choices and proposals in place.
    struct Snippet: Decodable, Sendable, CustomTestStringConvertible {
        var prefix: String, description: String, scope: String, body: [String]
        var testDescription: String { prefix }

        static let all: [Snippet] = {
            let bytes = (try? Repository.bytes("examples/vscode/mendflow.code-snippets")) ?? []
            let read = try? JSONDecoder().decode([String: Snippet].self, from: Data(bytes))
            return (read ?? [:]).values.sorted { $0.prefix < $1.prefix }
        }()

        /// The text that stands in the editor when everything that is proposed was taken.
        var text: String {
            var text = ""
            var rest = body.joined(separator: "\n")[...]
            while let mark = rest.firstIndex(of: "$") {
                text += rest[..<mark]
                rest = rest[rest.index(after: mark)...]
                guard rest.first == "{", let end = rest.firstIndex(of: "}") else {
                    rest = rest.drop(while: \.isNumber)
                    continue
                }
                let inside = rest[..<end].drop { $0 == "{" || $0.isNumber }
                text += inside.hasPrefix("|") ? inside.dropFirst().prefix { $0 != "," } : inside.dropFirst()
                rest = rest[rest.index(after: end)...]
            }
            return text + rest
        }
    }

    @Test("stand in YAML files alone, each under a prefix of its own")
    func form() {
        #expect(Snippet.all.count == 9)
        #expect(Set(Snippet.all.map(\.prefix)).count == Snippet.all.count)
        #expect(Snippet.all.allSatisfy { $0.scope == "yaml" && $0.prefix.hasPrefix("mf-") && !$0.description.isEmpty })
    }

    @Test("become what validates, without a warning", arguments: Snippet.all)
    func valid(snippet: Snippet) {
        let text = snippet.text
        let bytes = Array(text.utf8)
        switch snippet.prefix {
        case "mf-configuration":
            let loaded = ConfigurationLoader().load(bytes: bytes, file: "mendflow.yaml")
            #expect(loaded.configuration != nil && loaded.findings.isEmpty, "\(loaded.findings.map(\.message))")
        case "mf-test":
            let loaded = ScenarioLoader.load(PolicyFile(name: "a.test.yaml", bytes: bytes))
            #expect(loaded.file != nil && loaded.findings.isEmpty, "\(loaded.findings.map(\.message))")
        default:
            let lines = text.split(separator: "\n")
            let file = lines.first == "policies:" ? text : "policies:\n" + lines.map { "  \($0)\n" }.joined()
            let loaded = load(file)
            #expect(loaded.policies.count == 1 && loaded.policies.first?.mode == .dryRun, "\(file)")
            #expect(loaded.findings.isEmpty, "\(loaded.findings.map(\.message))")
        }
    }

    @Test("go with settings that name the three schemas")
    func settings() throws {
        let settings = try Repository.text("examples/vscode/settings.json")
        let words = try Repository.text("examples/vscode/README.md")
        for name in ["policies", "tests", "configuration"] {
            #expect(settings.contains("\".vscode/mendflow.\(name).json\""))
            #expect(words.contains("mendflow validate --schema \(name) > .vscode/mendflow.\(name).json\n"))
        }
    }
}
