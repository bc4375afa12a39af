import FoundationEssentials
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@Suite("The JSON schemas")
struct SchemaTests {
    @Test("are valid JSON, the same every time")
    func json() throws {
        for text in [
            PolicySchema.json(), ConfigurationSchema.json(), ConfigurationSchema.instanceJSON(), ScenarioSchema.json(),
        ] {
            let head = try JSONDecoder().decode(Head.self, from: Data(text.utf8))
            #expect(head.schema == "https://json-schema.org/draft/2020-12/schema")
            #expect(text.hasSuffix("}\n"))
        }
        #expect(PolicySchema.json() == PolicySchema.json())
    }

    @Test("accept every good file", arguments: GoodFile.all)
    func good(file: GoodFile) throws {
        let faults = Schema.of(file).faults(in: try #require(file.root))
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test(
        "accept every test of the policies that come along",
        arguments: Repository.names(in: "policies", ending: ".test.yaml"))
    func tests(name: String) throws {
        let bytes = try Repository.bytes("policies/\(name).test.yaml")
        let root = try #require(YAMLReader.read(bytes: bytes, file: name).root)
        let faults = Schema(ScenarioSchema.json()).faults(in: root)
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test("have exactly the keys that the parser names as known, in every map", arguments: GoodFile.all)
    func keys(file: GoodFile) throws {
        let schema = Schema.of(file)
        var seen: Set<SourceRange> = []
        for item in PlacedEntry.all(in: file) where !item.isFree && item.style != .lone {
            guard seen.insert(item.map.range).inserted, let first = item.map.entries?.first?.key else { continue }
            let gap =
                item.style == .braces ? ", " : "\n" + String(repeating: " ", count: item.map.range.start.column - 1)
            let range = SourceRange(at: first.range.start)
            let findings = file.read(file.replacing(range, by: "qqqqqqqq: 1\(gap)")).findings
            let finding = findings.first { $0.message.contains("`qqqqqqqq`") }
            let note = try #require(finding?.notes.first?.message, "\(item.path)")
            guard note.hasPrefix("known") else { continue }
            let known = note.drop { $0 != " " }.split(separator: ":").last ?? ""
            let words = Set(known.split(separator: ",").map { $0.filter { $0 != " " } })
            let own = Set(item.map.entries?.map(\.key.text) ?? [])
            let shapes = schema.maps(at: item.path).filter { own.isSubset(of: $0) }
            #expect(shapes.contains(words), "\(item.path): \(words.sorted()) is not among \(shapes)")
        }
    }

    @Test("have no key that the examples of every key leave out")
    func complete() throws {
        for kind in [true, false] {
            let files = GoodFile.all.filter { $0.isConfiguration == kind }
            let used = Set(files.flatMap { PlacedEntry.all(in: $0).map(\.entry.key.text) }).union(GoodFile.keys)
            let schema = Schema.of(try #require(files.first))
            #expect(schema.allKeys.subtracting(used).isEmpty, "\(schema.allKeys.subtracting(used).sorted())")
        }
    }

    @Test("refuse misspelt keys, wrong kinds and words that are none")
    func bad() throws {
        let schema = Schema(PolicySchema.json())
        for text in [
            "policies: []", "policies: [{nmae: a, actions: [retry]}]", "policies: [{name: a, actions: [retyr]}]",
            "policies: [{name: a, actions: [retry], match: {status: eror}}]",
            "policies: [{name: a, actions: [retry: {max_retries: 11}]}]",
            "policies: [{name: a, actions: [retry], match: {older_than: 2}}]",
            "policies: [{name: a, actions: [retry], match: {}}]",
        ] {
            let root = try #require(YAMLReader.read(bytes: Array(text.utf8), file: "a").root)
            #expect(!schema.faults(in: root).isEmpty, "\(text)")
        }
    }

    private struct Head: Decodable {
        let schema: String
        enum CodingKeys: String, CodingKey { case schema = "$schema" }
    }
}

/// As much of JSON Schema as ours use, over YAML: JSON is YAML too, so the schema itself is read by our own reader.
struct Schema: Sendable {
    let root: YAMLNode

    init(_ json: String) {
        root =
            YAMLReader.read(bytes: Array(json.utf8), file: "schema").root ?? YAMLNode(.broken, range: .init(at: .start))
    }

    static let policies = Schema(PolicySchema.json())
    static let configuration = Schema(ConfigurationSchema.json())
    static func of(_ file: GoodFile) -> Schema { file.isConfiguration ? configuration : policies }

    /// Every property that some map may have.
    var allKeys: Set<String> { keys(in: root) }

    private func keys(in node: YAMLNode) -> Set<String> {
        var found = Set(node["properties"]?.entries?.map(\.key.text) ?? [])
        for entry in node.entries ?? [] { found.formUnion(keys(in: entry.value)) }
        for item in node.items ?? [] { found.formUnion(keys(in: item)) }
        return found
    }

    /// The keys of each kind of map that may stand behind these keys.
    func maps(at path: [String]) -> [Set<String>] {
        var places = alternatives(root)
        for key in path {
            places = places.flatMap { place -> [YAMLNode] in
                guard let next = place["properties"]?[key] ?? other(place) else { return [] }
                return alternatives(next)
            }
        }
        return places.compactMap { $0["properties"]?.entries.map { Set($0.map(\.key.text)) } }
    }

    private func other(_ place: YAMLNode) -> YAMLNode? {
        place["additionalProperties"].flatMap { $0.entries == nil ? nil : $0 }
    }

    /// What a schema may stand for: references, choices and items followed.
    private func alternatives(_ node: YAMLNode) -> [YAMLNode] {
        if let name = node["$ref"]?.string { return alternatives(definition(name)) }
        if let choices = node["anyOf"]?.items { return choices.flatMap(alternatives) }
        if let items = node["items"] { return alternatives(items) }
        return [node]
    }

    private func definition(_ name: String) -> YAMLNode {
        root["$defs"]?[String(name.dropFirst("#/$defs/".count))] ?? root
    }

    /// What is wrong with a document.
    func faults(in document: YAMLNode) -> [String] { faults(document, root) }

    private func faults(_ node: YAMLNode, _ schema: YAMLNode) -> [String] {
        if let name = schema["$ref"]?.string { return faults(node, definition(name)) }
        if let choices = schema["anyOf"]?.items {
            let each = choices.map { faults(node, $0) }
            return each.contains(where: \.isEmpty) ? [] : each.flatMap { $0 }
        }
        let place = "\(node.range.start.line):\(node.range.start.column)"
        if let type = schema["type"], !(type.items ?? [type]).contains(where: { fits(node, $0.string ?? "") }) {
            return ["\(place) is not \(type)"]
        }
        if let words = schema["enum"]?.items, !words.contains(where: { $0.scalar?.text == node.scalar?.text }) {
            return ["\(place) is not one of \(words.compactMap(\.string))"]
        }
        return texts(node, schema, place) + maps(node, schema, place)
            + (node.items ?? []).flatMap { item in schema["items"].map { faults(item, $0) } ?? [] }
    }

    private func texts(_ node: YAMLNode, _ schema: YAMLNode, _ place: String) -> [String] {
        var found: [String] = []
        if let pattern = schema["pattern"]?.string, let text = node.string,
            (try? RegularExpression(pattern).matches(text)) != true
        {
            found.append("\(place) does not match \(pattern)")
        }
        if let number = node.number {
            if number < schema["minimum"]?.number ?? number { found.append("\(place) is too small") }
            if number > schema["maximum"]?.number ?? number { found.append("\(place) is too large") }
        }
        if let length = node.string?.unicodeScalars.count {
            if length < schema["minLength"]?.integer ?? 0 { found.append("\(place) is too short") }
            if length > schema["maxLength"]?.integer ?? length { found.append("\(place) is too long") }
        }
        if let count = node.items?.count, count < schema["minItems"]?.integer ?? 0 { found.append("\(place) is empty") }
        return found
    }

    private func maps(_ node: YAMLNode, _ schema: YAMLNode, _ place: String) -> [String] {
        guard let entries = node.entries else { return [] }
        var found: [String] = []
        if entries.count < schema["minProperties"]?.integer ?? 0 { found.append("\(place) is empty") }
        for key in schema["required"]?.items ?? [] where node[key.string ?? ""] == nil {
            found.append("\(place) has no \(key.string ?? "")")
        }
        for entry in entries {
            if let own = schema["properties"]?[entry.key.text] ?? other(schema) {
                found += faults(entry.value, own)
            } else if schema["additionalProperties"]?.boolean == false {
                found.append("\(place) has \(entry.key.text)")
            }
        }
        return found
    }

    private func fits(_ node: YAMLNode, _ type: String) -> Bool {
        switch type {
        case "object": node.entries != nil
        case "array": node.items != nil
        case "string": node.string != nil
        case "integer": node.integer != nil
        case "number": node.number != nil
        case "boolean": node.boolean != nil
        default: node.isNull
        }
    }
}
