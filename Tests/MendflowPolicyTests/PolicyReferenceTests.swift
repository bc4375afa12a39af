import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

/// docs/policy-reference.md is made from the schema and from the file that has every key: `MENDFLOW_GOLDEN=write
/// scripts/test PolicyReference` writes it.
@Suite("The policy reference")
struct PolicyReferenceTests {
    @Test("is what the schema and the examples say")
    func fresh() throws {
        let difference = try Repository.difference(of: try PolicyReference().text, from: "docs/policy-reference.md")
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("has an example and a sentence for nearly every key")
    func complete() throws {
        let rows = try PolicyReference().sections.flatMap(\.rows)
        #expect(rows.count > 90)
        #expect(rows.filter { $0.example.isEmpty }.map(\.key) == [])
        #expect(rows.filter { $0.meaning.isEmpty }.count < 8)
    }
}

/// The page, from the schema's maps in the order in which they are met.
private struct PolicyReference {
    struct Row {
        var key: String, value: String, meaning: String, example: String
    }
    struct Section {
        var path: [String], rows: [Row]
        var title: String { path.isEmpty ? "A policy" : path.map { "`\($0)`" }.joined(separator: " › ") }
    }

    private(set) var sections: [Section] = []
    private let schema: YAMLNode
    private let entries: [PlacedEntry]
    private static let list = "a list: "
    /// Examples of what the file of every key has elsewhere only.
    private static let spare = ["match.id": "id: 4711", "on_exhausted.when": "when: [retries]"]
    /// What conditions nest in; the keys below are the same.
    private static let nesting: Set<String> = ["all", "any", "not"]
    private static let operators: Set<String> = [
        "eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "matches", "glob", "contains", "exists",
    ]

    init() throws {
        let file = try #require(GoodFile.all.first { $0.path.hasSuffix("every-key.yaml") && !$0.isConfiguration })
        entries = PlacedEntry.all(in: file)
        schema = try #require(YAMLReader.read(bytes: Array(PolicySchema.json().utf8), file: "schema").root)
        let policy = try #require(schema["$defs"]?["policy"])
        var waiting: [(path: [String], node: YAMLNode)] = [([], policy)]
        while let next = waiting.first {
            waiting.removeFirst()
            let maps = maps(next.node)
            let properties = maps.flatMap { $0["properties"]?.entries ?? [] }
            guard !properties.isEmpty, !properties.allSatisfy({ Self.operators.contains($0.key.text) }) else {
                continue
            }
            let required = Set(maps.count == 1 ? maps[0]["required"]?.items?.compactMap(\.string) ?? [] : [])
            var section = Section(path: next.path, rows: [])
            for property in properties {
                let (key, node) = (property.key.text, property.value)
                section.rows.append(row(key, node, next.path, isRequired: required.contains(key)))
                guard !isCondition(node) || next.path.isEmpty else { continue }
                waiting.append((next.path + [key], node))
            }
            sections.append(section)
        }
    }

    private func row(_ key: String, _ node: YAMLNode, _ path: [String], isRequired: Bool) -> Row {
        let value = words(node) + (isRequired ? "; **required**" : "")
        return Row(
            key: key, value: value, meaning: node["description"]?.string ?? "", example: example(key, path))
    }

    private func resolved(_ node: YAMLNode) -> YAMLNode {
        guard let name = node["$ref"]?.string else { return node }
        return schema["$defs"]?[String(name.dropFirst("#/$defs/".count))] ?? node
    }

    private func isCondition(_ node: YAMLNode) -> Bool {
        node["$ref"]?.string == "#/$defs/condition" || node["items"]?["$ref"]?.string == "#/$defs/condition"
    }

    /// The maps that a node may be.
    private func maps(_ node: YAMLNode) -> [YAMLNode] {
        let node = resolved(node)
        if let choices = node["anyOf"]?.items {
            var all: [YAMLNode] = []
            for map in choices.flatMap(maps) where !all.contains(where: { Self.keys($0) == Self.keys(map) }) {
                all.append(map)
            }
            return all
        }
        if let items = node["items"] { return maps(items) }
        guard let properties = node["properties"]?.entries else { return [] }
        return properties.allSatisfy { Self.operators.contains($0.key.text) } ? [] : [node]
    }

    private static func keys(_ map: YAMLNode) -> [String] { map["properties"]?.entries?.map(\.key.text) ?? [] }

    /// What a value may be, in words.
    private func words(_ node: YAMLNode) -> String {
        switch node["$ref"]?.string {
        case "#/$defs/duration": return "a length of time"
        case "#/$defs/time": return "a time"
        case "#/$defs/condition": return "conditions, as in `match`"
        default: break
        }
        let node = resolved(node)
        if let choices = node["anyOf"]?.items {
            var all: [String] = []
            for choice in choices.map(words) where !all.contains(choice) {
                let isListOfThese =
                    choice.hasPrefix(Self.list) && all.contains(String(choice.dropFirst(Self.list.count)))
                all.append(isListOfThese ? "or a list of these" : choice)
            }
            return all.joined(separator: "; ")
        }
        if let texts = node["enum"]?.items?.compactMap({ $0.scalar?.text }) {
            return texts.map { "`\($0)`" }.joined(separator: ", ")
        }
        switch node["type"]?.string {
        case "string": return node["pattern"] == nil ? "text" + longest(node) : "text such as in the example"
        case "integer": return "a whole number" + range(node)
        case "number": return "a number" + range(node)
        case "boolean": return "`true` or `false`"
        case "null": return "nothing"
        case "array": return Self.list + (node["items"].map(words) ?? "")
        default: return map(node)
        }
    }

    private func map(_ node: YAMLNode) -> String {
        let keys = node["properties"]?.entries?.map(\.key.text) ?? []
        if keys.isEmpty { return node["additionalProperties"] == nil ? "anything" : "a map of names" }
        return keys.allSatisfy(Self.operators.contains)
            ? "operators" : "a map of " + keys.map { "`\($0)`" }.joined(separator: ", ")
    }

    private func longest(_ node: YAMLNode) -> String {
        node["maxLength"]?.integer.map { ", at most \($0) letters" } ?? ""
    }

    private func range(_ node: YAMLNode) -> String {
        switch (node["minimum"]?.integer, node["maximum"]?.integer) {
        case (let least?, let most?): ", \(least) to \(most)"
        case (let least?, nil): ", \(least) or more"
        default: ""
        }
    }

    // MARK: Examples

    private func example(_ key: String, _ path: [String]) -> String {
        if let spare = Self.spare[(path + [key]).joined(separator: ".")] { return spare }
        let wanted = ["policies"] + path
        func place(_ entry: PlacedEntry) -> [String] {
            let isMatch = entry.path.count > 1 && entry.path[1] == "match"
            return isMatch ? entry.path.filter { !Self.nesting.contains($0) } : entry.path
        }
        let named = entries.filter { $0.entry.key.text == key }
        var found = named.filter { place($0) == wanted }
        // A map of the same kind beside it.
        if found.isEmpty {
            found = named.filter { place($0).count == wanted.count && place($0).dropLast() == wanted.dropLast() }
        }
        let texts = found.map { "\(key):" + spaced(flow($0.entry.value)) }
        return texts.first { $0.count <= 76 } ?? found.first.map { "\(key):" + spaced(shortened($0.entry.value)) } ?? ""
    }

    private func spaced(_ text: String) -> String { text.isEmpty ? "" : " " + text }

    /// On one line.
    private func flow(_ node: YAMLNode) -> String {
        if let scalar = node.scalar {
            switch scalar.style {
            case .doubleQuoted, .singleQuoted: return "\"\(scalar.text)\""
            default: return scalar.text
            }
        }
        if let items = node.items { return "[" + items.map(flow).joined(separator: ", ") + "]" }
        let members = (node.entries ?? []).map { "\($0.key.text):" + spaced(flow($0.value)) }
        return "{" + members.joined(separator: ", ") + "}"
    }

    /// The first of what it holds, on one line.
    private func shortened(_ node: YAMLNode) -> String {
        if let first = node.items?.first { return "[" + shortened(first) + "]" }
        guard let first = node.entries?.first else { return flow(node) }
        return "{\(first.key.text):" + spaced(shortened(first.value)) + "}"
    }

    // MARK: The page

    var text: String {
        Self.introduction
            + sections.map { section in
                "\n## \(section.title)\n\n| Key | Value | Meaning | Example |\n| --- | --- | --- | --- |\n"
                    + section.rows.map { row in
                        "| `\(row.key)` | \(row.value) | \(row.meaning) | \(row.example.isEmpty ? "" : "`\(row.example)`") |\n"
                    }.joined()
            }.joined()
    }

    private static let introduction = """
        # Policy reference

        Every key of a policy, with what it may be and an example. This page is made from the schema that editors get
        (`mendflow validate --schema`), and its examples are taken from a file that a test loads. How the parts play together is told in
        [policies.md](policies.md); values such as lengths of time and what operators do stand [there](policies.md#values), too.
        `a › b` is the map under `b` in the map under `a`.

        """
}
