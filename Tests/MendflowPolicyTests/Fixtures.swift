import FoundationEssentials
import MendflowCore
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

/// Files that tests read.
enum Fixture {
    static let policies = "Tests/Fixtures/policies/"
    static let configurations = "Tests/Fixtures/configurations/"

    /// The names of a folder's YAML files, without their extension; tests of policies stand beside them.
    static func names(in folder: String) -> [String] {
        Repository.names(in: folder, ending: ".yaml").filter { !$0.hasSuffix(".test") }
    }
}

/// A zone that exists for the tests.
let berlin = ZoneTable(name: "Europe/Berlin", firstOffsetSeconds: 3600)

let testOptions = PolicyOptions(
    zones: { ["UTC": .utc, "Europe/Berlin": berlin][$0] }, now: ServerTime(rfc3339: "2026-05-01T00:00:00Z"),
    instances: [PolicyOptions.Instance(name: "production", limits: InstanceLimits())])

func load(_ text: String, name: String = "a.yaml") -> LoadedPolicies {
    PolicyLoader(testOptions).load([PolicyFile(name: name, bytes: Array(text.utf8))])
}

/// Loads a policy of these lines, which must be without findings.
func policy(_ lines: String..., sourceLocation: SourceLocation = #_sourceLocation) throws -> Policy {
    let text = "policies:\n  - name: p\n" + lines.map { "    " + $0 + "\n" }.joined()
    let loaded = load(text)
    let errors = loaded.findings.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(FindingRenderer().render(errors))", sourceLocation: sourceLocation)
    return try #require(loaded.policies.first, sourceLocation: sourceLocation)
}

extension Condition {
    /// `(status is error AND NOT age < 1d)`; what is implied in brackets.
    var outline: String {
        switch self {
        case .all(let parts): "(" + parts.map(\.outline).joined(separator: " AND ") + ")"
        case .any(let parts): "(" + parts.map(\.outline).joined(separator: " OR ") + ")"
        case .not(let part): "NOT " + part.outline
        case .test(let test):
            test.isImplicit ? "[\(test.outline)]" : test.outline
        }
    }
}

extension FieldTest {
    var outline: String {
        operators.isEmpty ? "\(field.name) any" : operators.map { "\(field.name) \($0.text)" }.joined(separator: " & ")
    }
}
