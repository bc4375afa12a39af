import FoundationEssentials
import MendflowTestKit
import MendflowYAML
import Testing

/// Files under `Tests/Fixtures/yaml`.
enum Fixture {
    private static let folder = "Tests/Fixtures/yaml/"

    static func bytes(_ path: String) throws -> [UInt8] { try Repository.bytes(folder + path) }

    /// The names of a folder's YAML files, without their extension.
    static func names(in path: String) -> [String] { Repository.names(in: folder + path, ending: ".yaml") }
}

func read(_ text: String, limits: YAMLLimits = .default) -> YAMLReading {
    YAMLReader.read(bytes: Array(text.utf8), file: "a.yaml", limits: limits)
}

extension Finding {
    /// `duplicate-key 3:5`
    var brief: String { "\(id) \(line ?? 0):\(column ?? 0)" }
}

extension YAMLNode {
    /// The node without places, for comparing: `{a: [b, "c"], d: ~}`.
    var outline: String {
        switch content {
        case .scalar(let scalar) where scalar.style == .plain: scalar.text
        case .scalar(let scalar): "\"\(scalar.text)\""
        case .sequence(let items): "[" + items.map(\.outline).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\($0.key.text): \($0.value.outline)" }.joined(separator: ", ") + "}"
        case .broken: "?"
        }
    }
}
