import MendflowText
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
    /// Keys that belong somewhere else, with the place where they belong.
    var elsewhere: [String: String] = [:]
    /// Keys that belong inside another key of this map. If one stands outside, that is reported, and the outer key is
    /// not reported as missing as well.
    var inside: [String: String] = [:]

    /// What may stand in it, for who wrote nothing that can be read.
    var keyNotes: [String] { ["known: \(keys.joined(separator: ", "))"] }
}

/// A map whose keys were all checked.
struct MapReader {
    let node: YAMLNode
    private let values: [String: YAMLEntry]
    /// Keys that are missing, but that a misspelt key was probably meant to be. They are not reported twice.
    private let meant: Set<String>
    /// Whether there are keys that nobody can make sense of. What seems to be missing may be among them, so it is not
    /// reported as missing.
    let isPartial: Bool
    /// Whether there is a merge key (`<<`). Merge keys are refused, but the author may have expected it to bring what
    /// is missing.
    private let isMerged: Bool

    /// Checks a map's keys; nil where it is no map, or an empty one where keys are required.
    init?(_ node: YAMLNode, _ shape: MapShape, _ report: Report) {
        guard let entries = node.entries else {
            report.wrongKind(node, shape.what, wanted: "a map", notes: shape.keyNotes)
            return nil
        }
        self.node = node
        guard !entries.isEmpty else {
            report.error("empty-map", "\(shape.what) is an empty map", at: node.range, notes: shape.keyNotes)
            return nil
        }
        var meant: Set<String> = []
        var isPartial = false
        for entry in entries where !shape.keys.contains(entry.key.text) {
            if !entry.isBroken, let key = MapReader.report(entry.key, shape, report) {
                meant.insert(key)
            } else {
                isPartial = true
            }
        }
        self.meant = meant
        self.isPartial = isPartial
        isMerged = entries.contains(where: \.isBroken)
        values = Dictionary(entries.map { ($0.key.text, $0) }) { first, _ in first }
        let place = SourceRange(
            start: node.range.start, end: entries.first.map(\.key.range.end) ?? node.range.start)
        for key in shape.required where isMissing(key) {
            report.error("missing-key", "\(shape.what) needs `\(key)`", at: place)
        }
    }

    /// The value under a key.
    subscript(key: String) -> YAMLNode? { values[key]?.value }

    /// The key as it stands in the file.
    func key(_ key: String) -> YAMLKey? { values[key]?.key }

    /// Whether a key is missing for certain: it is not there, and no misspelt or refused key was meant to be it or to
    /// bring it.
    func isMissing(_ key: String) -> Bool { values[key] == nil && !meant.contains(key) && !isMerged }

    /// Reports a key that is wrong here, and answers the one that was meant.
    private static func report(_ key: YAMLKey, _ shape: MapShape, _ report: Report) -> String? {
        if shape.later.contains(key.text) {
            report.notSupportedYet(key.text, at: key.range)
        } else if let place = shape.elsewhere[key.text] {
            report.error(
                "misplaced-key", "`\(key.text)` does not belong to \(shape.what)", at: key.range, notes: [place])
        } else {
            let near = Synonyms.meant(by: key.text, among: shape.keys)
            let notes = near == nil ? ["known: \(shape.keys.joined(separator: ", "))"] : []
            report.error(
                "unknown-key", "\(key.text.inBackticks) is not a key of \(shape.what)", at: key.range, suggestion: near,
                notes: notes)
            return near
        }
        return shape.inside[key.text]
    }
}

extension Report {
    /// Refuses a part of the language that a later release brings: to ignore it would widen what is acted on.
    func notSupportedYet(_ what: String, at range: SourceRange) {
        error("not-supported-yet", "`\(what)` is not supported by this release of Mendflow yet", at: range)
    }
}
