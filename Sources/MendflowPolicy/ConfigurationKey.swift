internal import MendflowCore

/// A key of `mendflow.yaml` with all that is to be known of it: the parser takes its bounds from here, the JSON schema is
/// built from it, and docs/configuration.md is made of it.
struct ConfigurationKey {
    /// What may be written as its value.
    enum Form {
        /// One of these words.
        case words([String])
        /// A length of time.
        case length(atLeast: Period, atMost: Period?)
        /// A whole number.
        case whole(ClosedRange<Int>)
        /// true or false.
        case flag
        /// Anything else, in words and as a schema.
        case other(String, SchemaNode)
    }

    let key: String
    let form: Form
    /// What holds where it is absent: a value as it would be written, or words; nil where it must be there.
    let absent: Absent
    let meaning: String

    /// What holds where a key is absent.
    enum Absent {
        /// It must be there.
        case required
        /// A value, as it would be written.
        case value(String)
        /// Something that is no value.
        case words(String)
    }

    init(_ key: String, _ form: Form, _ absent: Absent, _ meaning: String) {
        self.key = key
        self.form = form
        self.absent = absent
        self.meaning = meaning
    }

    /// The unit of what holds where it is absent: in that a number without one is most likely meant.
    var unit: String {
        guard case .value(let value) = absent, let last = value.last, last.isLetter else { return "s" }
        return value.hasSuffix("ms") ? "ms" : String(last)
    }

    /// The value's schema, with the meaning for whoever writes it in an editor.
    var schema: SchemaNode {
        let node: SchemaNode =
            switch form {
            case .words(let words): .words(words)
            case .length: .ref("duration")
            case .whole(let range): .whole(range.lowerBound, range.upperBound)
            case .flag: .type("boolean")
            case .other(_, let node): node
            }
        guard case .object(let members) = node, !members.contains(where: { $0.0 == "description" }) else { return node }
        return .object([("description", .text(meaning.filter { $0 != "`" }))] + members)
    }

    /// A map's schema, of all its keys.
    static func map(_ keys: [ConfigurationKey]) -> SchemaNode {
        .map(keys.map { ($0.key, $0.schema) }, required: required(keys))
    }

    /// The keys that must be there.
    static func required(_ keys: [ConfigurationKey]) -> [String] {
        keys.compactMap { if case .required = $0.absent { $0.key } else { nil } }
    }
}

extension Report {
    /// A length of time within the key's bounds; nil where it is absent, or with a finding.
    func period(_ map: MapReader, _ key: ConfigurationKey) -> Period? {
        guard let node = map[key.key], case .length(let least, let most) = key.form else { return nil }
        return period(node, "`\(key.key)`", atLeast: least, atMost: most, unit: key.unit)
    }

    /// A whole number within the key's bounds; nil where it is absent, or with a finding.
    func whole(_ map: MapReader, _ key: ConfigurationKey) -> Int? {
        guard let node = map[key.key], case .whole(let range) = key.form else { return nil }
        return whole(node, "`\(key.key)`", in: range)
    }
}
