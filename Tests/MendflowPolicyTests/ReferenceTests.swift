import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@Suite("The reference of the language")
struct ReferenceTests {
    @Test("names every key and every word that the policy schema knows, as code")
    func complete() throws {
        let text = try Repository.text("docs/policies.md")
        let known = Schema.policies.allKeys.union(Schema.policies.allWords)
        #expect(known.count > 80)
        let missing = known.filter { !text.contains("`\($0)`") }
        #expect(missing.isEmpty, "\(missing.sorted())")
    }

    @Test("has examples that load without findings, and so have the recipes", arguments: ["policies", "recipes"])
    func examples(page: String) throws {
        let text = try Repository.text("docs/\(page).md")
        let blocks = text.split(separator: "```yaml\n", omittingEmptySubsequences: false).dropFirst()
            .compactMap { $0.split(separator: "```").first.map(String.init) }
        #expect(blocks.count { $0.hasPrefix("policies:") } >= 3)
        for block in blocks {
            let instance = "instances: [{name: a, url: \"https://a.example\", api_key_env: K}]\n"
            let findings =
                block.hasPrefix("policies:")
                ? load(block).findings
                : ConfigurationLoader().load(bytes: Array((instance + block).utf8), file: "mendflow.yaml").findings
            #expect(findings.isEmpty, "\(FindingRenderer().render(findings))")
        }
    }
}

extension Schema {
    /// Every word that some value may be.
    var allWords: Set<String> { words(in: root) }

    private func words(in node: YAMLNode) -> Set<String> {
        var found = Set(node["enum"]?.items?.compactMap(\.string) ?? [])
        for entry in node.entries ?? [] { found.formUnion(words(in: entry.value)) }
        for item in node.items ?? [] { found.formUnion(words(in: item)) }
        return found
    }
}
