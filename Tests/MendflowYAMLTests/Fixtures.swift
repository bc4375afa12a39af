import FoundationEssentials
import MendflowYAML
import Testing

/// Files under `Tests/Fixtures/yaml`.
enum Fixture {
    static let directory =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "/") + "/Fixtures/yaml/"

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try #require(FileManager.default.contents(atPath: directory + path), "\(path)"))
    }

    /// The names of a folder's YAML files, without their extension.
    static func names(in folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory + folder)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }
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
