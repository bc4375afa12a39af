import FoundationEssentials
import MendflowCore
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

/// The files of the repository that must be without errors, and how they are read.
struct GoodFile: Sendable, CustomTestStringConvertible {
    let path: String
    let bytes: [UInt8]
    let isConfiguration: Bool
    let root: YAMLNode?
    private let lineStarts: [Int]

    private init(path: String, isConfiguration: Bool) {
        self.path = path
        self.isConfiguration = isConfiguration
        let bytes = (try? Repository.bytes(path)) ?? []
        self.bytes = bytes
        root = YAMLReader.read(bytes: bytes, file: path).root
        lineStarts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    }

    var testDescription: String { path }

    /// Every good policy file and configuration.
    static let all: [GoodFile] = {
        let policies = ["policies", "examples/production/policies", Fixture.policies + "good"].flatMap { folder in
            Fixture.names(in: folder).map { "\(folder)/\($0).yaml" }
        }
        let configurations =
            Fixture.names(in: Fixture.configurations + "good").map { Fixture.configurations + "good/\($0).yaml" }
            + ["examples/production/mendflow.yaml"]
        return policies.map { GoodFile(path: $0, isConfiguration: false) }
            + configurations.map { GoodFile(path: $0, isConfiguration: true) }
    }()

    /// Every key that one of them has.
    static let keys = Set(all.flatMap { PlacedEntry.all(in: $0).map(\.entry.key.text) })

    /// What a changed text of this file gives: its findings, and the names of what can be used.
    func read(_ bytes: [UInt8]) -> (findings: [Finding], hasErrors: Bool, usable: [String]) {
        if isConfiguration {
            let loaded = ConfigurationLoader().load(bytes: bytes, file: path)
            let names = loaded.configuration?.instances.map(\.name) ?? []
            return (loaded.findings, loaded.findings.contains { $0.severity == .error }, names)
        }
        let loaded = PolicyLoader(testOptions).load([PolicyFile(name: path, bytes: bytes)])
        return (loaded.findings, loaded.hasErrors, loaded.policies.map(\.name))
    }

    /// The text with a stretch replaced. The files are ASCII, so that columns are bytes.
    func replacing(_ range: SourceRange, by text: String) -> [UInt8] {
        let (start, end) = (offset(range.start), offset(range.end))
        return Array(bytes[..<start]) + Array(text.utf8) + Array(bytes[end...])
    }

    private func offset(_ place: SourcePosition) -> Int { lineStarts[place.line - 1] + place.column - 1 }
}

/// A key of a file, with the map it stands in and the keys above.
struct PlacedEntry {
    /// How a map is written: in lines, in braces, or as a lone `key: value` inside brackets.
    enum Style { case block, braces, lone }

    var path: [String]
    var map: YAMLNode
    var entry: YAMLEntry
    var style: Style

    /// All keys of a file; what an alias repeats stands at its anchor's place and comes once.
    static func all(in file: GoodFile) -> [PlacedEntry] {
        let text = String(decoding: file.bytes, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
        var seen: Set<SourceRange> = []
        return (file.root.map { all($0, [], lines, inFlow: false) } ?? []).filter {
            seen.insert($0.entry.key.range).inserted
        }
    }

    private static func all(
        _ node: YAMLNode, _ path: [String], _ lines: [[Unicode.Scalar]], inFlow: Bool
    ) -> [PlacedEntry] {
        let start = node.range.start
        var rest = lines[start.line - 1].dropFirst(start.column - 1)
        if rest.first == "&" { rest = rest.drop { $0 != " " }.drop { $0 == " " } }
        let opens = rest.first == "{" || rest.first == "["
        let style: Style = opens ? .braces : inFlow ? .lone : .block
        var found: [PlacedEntry] = []
        for entry in node.entries ?? [] {
            found.append(PlacedEntry(path: path, map: node, entry: entry, style: style))
            found += all(entry.value, path + [entry.key.text], lines, inFlow: inFlow || opens)
        }
        for item in node.items ?? [] { found += all(item, path, lines, inFlow: inFlow || opens) }
        return found
    }

    /// Whether the key is the user's own word.
    var isFree: Bool { ["custom_data", "headers", "tags"].contains(path.last) }
    var dotted: String { (path + [entry.key.text]).joined(separator: ".") }
}
