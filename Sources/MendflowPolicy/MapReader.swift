internal import MendflowYAML

/// What a map may hold.
struct MapShape {
    /// The map in words: `a policy`.
    var what: String
    /// The keys that are known.
    var keys: [String]
    /// Keys that must be there.
    var required: [String] = []
    /// Keys of the language that this release refuses.
    var later: [String] = []
    /// Keys that stand elsewhere, and where.
    var elsewhere: [String: String] = [:]
}

/// A map whose keys were all checked.
struct MapReader {
    let node: YAMLNode
    private let values: [String: YAMLEntry]

    /// Checks a map's keys; nil where it is no map, or an empty one where keys are required.
    init?(_ node: YAMLNode, _ shape: MapShape, _ report: Report) {
        guard let entries = node.entries else {
            report.wrongKind(node, shape.what, wanted: "a map")
            return nil
        }
        self.node = node
        guard !entries.isEmpty else {
            report.error("empty-map", "\(shape.what) is an empty map", at: node.range)
            return nil
        }
        for entry in entries where !shape.keys.contains(entry.key.text) {
            MapReader.report(entry.key, shape, report)
        }
        values = Dictionary(entries.map { ($0.key.text, $0) }) { first, _ in first }
        let place = SourceRange(
            start: node.range.start, end: entries.first.map(\.key.range.end) ?? node.range.start)
        for key in shape.required where values[key] == nil {
            report.error("missing-key", "\(shape.what) needs `\(key)`", at: place)
        }
    }

    /// The value under a key.
    subscript(key: String) -> YAMLNode? { values[key]?.value }

    /// The key as it stands in the file.
    func key(_ key: String) -> YAMLKey? { values[key]?.key }

    private static func report(_ key: YAMLKey, _ shape: MapShape, _ report: Report) {
        if shape.later.contains(key.text) {
            report.notSupportedYet(key.text, at: key.range)
        } else if let place = shape.elsewhere[key.text] {
            report.error(
                "misplaced-key", "`\(key.text)` does not belong to \(shape.what)", at: key.range, notes: [place])
        } else {
            let near = Synonyms.meant(by: key.text, among: shape.keys)
            let notes = near == nil ? ["known: \(shape.keys.joined(separator: ", "))"] : []
            report.error(
                "unknown-key", "\(quoted(key.text)) is not a key of \(shape.what)", at: key.range, suggestion: near,
                notes: notes)
        }
    }
}

extension Report {
    /// Refuses a part of the language that a later release brings: to ignore it would widen what is acted on.
    func notSupportedYet(_ what: String, at range: SourceRange) {
        error("not-supported-yet", "`\(what)` is not supported by this release of Mendflow yet", at: range)
    }
}
