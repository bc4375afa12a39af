/// What was kept of a JSON document.
enum JSONTree: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number as it was written.
    case number(String)
    /// A text; `whole` is false where it was cut at the plan's limit.
    case text(String, whole: Bool)
    /// The kept elements, and how many there were.
    case array([JSONTree], count: Int)
    /// The kept members, and how many there were.
    case object(JSONMembers, count: Int)
}

extension JSONTree {
    /// A member of an object; nil for anything else.
    subscript(_ key: String) -> JSONTree? {
        guard case .object(let members, _) = self else { return nil }
        return members[key]
    }

    /// A kept element of an array; nil for anything else.
    subscript(_ index: Int) -> JSONTree? {
        guard case .array(let items, _) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// The members of an object.
    var members: JSONMembers? {
        guard case .object(let members, _) = self else { return nil }
        return members
    }

    /// The kept elements of an array.
    var items: [JSONTree]? {
        guard case .array(let items, _) = self else { return nil }
        return items
    }

    /// The number of elements of an array, kept or not.
    var elementCount: Int? {
        guard case .array(_, let count) = self else { return nil }
        return count
    }

    /// A text, cut or not.
    var text: String? {
        guard case .text(let text, _) = self else { return nil }
        return text
    }

    /// A text that is not empty and was not cut, or a number.
    var word: String? { JSONKind(self).isWord ? written : nil }

    /// What a text or a number says.
    var written: String? {
        switch self {
        case .text(let text, _), .number(let text): text
        default: nil
        }
    }

    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// A number without its fraction; nil beyond 64 bits.
    var integer: Int64? {
        guard let word else { return nil }
        if let value = Int64(word) { return value }
        guard let value = Double(word), value.magnitude < 9e15 else { return nil }
        return Int64(value)
    }
}

/// The kept members of an object. Few as a rule: they are looked for one by one up to a number, and hashed beyond it.
struct JSONMembers: Sendable {
    private static let unhashed = 16

    private(set) var entries: [(key: String, value: JSONTree)] = []
    private var places: [String: Int] = [:]

    var count: Int { entries.count }

    private func place(of key: String) -> Int? {
        entries.count > JSONMembers.unhashed ? places[key] : entries.firstIndex { $0.key == key }
    }

    subscript(_ key: String) -> JSONTree? { place(of: key).map { entries[$0].value } }

    /// Puts a value in; gives the one that had its name before.
    mutating func put(_ value: JSONTree, as key: String) -> JSONTree? {
        if let place = place(of: key) {
            let before = entries[place].value
            entries[place].value = value
            return before
        }
        entries.append((key, value))
        if entries.count == JSONMembers.unhashed + 1 {
            for (place, entry) in entries.enumerated() { places[entry.key] = place }
        } else if entries.count > JSONMembers.unhashed {
            places[key] = entries.count - 1
        }
        return nil
    }
}

extension JSONMembers: Equatable, ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral members: (String, JSONTree)...) {
        for (key, value) in members { _ = put(value, as: key) }
    }

    /// Equal whatever their order.
    static func == (one: JSONMembers, other: JSONMembers) -> Bool {
        one.count == other.count && one.entries.allSatisfy { other[$0.key] == $0.value }
    }
}

/// What kind of value something is, as far as it matters to who expects a word.
enum JSONKind: Sendable {
    case null, bool, number, emptyText, text, cutText, list, object

    /// The kind of what a scanner tells.
    init(_ scalar: JSONScalar, isEmpty: Bool) {
        switch scalar {
        case .null: self = .null
        case .true, .false: self = .bool
        case .number: self = .number
        case .text: self = isEmpty ? .emptyText : .text
        case .cutText: self = .cutText
        }
    }

    /// The kind of a value that was kept.
    init(_ tree: JSONTree) {
        switch tree {
        case .null: self = .null
        case .bool: self = .bool
        case .number: self = .number
        case .text("", true): self = .emptyText
        case .text(_, let whole): self = whole ? .text : .cutText
        case .array: self = .list
        case .object: self = .object
        }
    }

    /// A text that is not empty and was not cut, or a number: for ids and codes, where a part would be another one.
    var isWord: Bool { self == .text || self == .number }

    /// The kind with its article.
    var phrase: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .emptyText: "an empty text"
        case .text: "a text"
        case .cutText: "a text that is too long"
        case .list: "a list"
        case .object: "an object"
        }
    }
}
