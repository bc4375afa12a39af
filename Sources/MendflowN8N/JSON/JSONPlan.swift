/// What to keep of a JSON document; everything else is checked, skipped and never held.
indirect enum JSONPlan: Sendable {
    /// Keep nothing.
    case skip
    /// Keep a text, number, boolean or null; of a text at most that many bytes.
    case scalar(limit: Int)
    /// Keep these members of an object.
    case object([String: JSONPlan])
    /// Keep members of any name, so many at most.
    case map(JSONPlan, limit: Int)
    /// Keep elements of an array; the number of all of them is always known.
    case array(JSONPlan, keep: Keep)

    /// Which elements of an array to keep.
    enum Keep: Sendable {
        case first(Int)
        case last
    }

    /// Enough for ids, statuses, dates and codes.
    static let word = JSONPlan.scalar(limit: 256)
    /// Count the elements of an array and keep none.
    static let count = JSONPlan.array(.skip, keep: .first(0))
}

/// What was kept of a JSON document.
enum JSONTree: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number as it was written.
    case number(String)
    /// A text; `whole` is false where it was cut at the plan's limit.
    case text(String, whole: Bool)
    /// The kept elements, and how many there were.
    case array([JSONTree], count: Int)
    /// The kept members, and how many there were.
    case object([String: JSONTree], count: Int)
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
    var members: [String: JSONTree]? {
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

    /// A text that is not empty and was not cut, or a number: for ids and codes, where a part would be another one.
    var word: String? {
        switch self {
        case .text(let text, true) where !text.isEmpty: text
        case .number(let text): text
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

/// Why a text is not the JSON that was expected.
enum JSONFault: Sendable, Hashable {
    /// Not JSON, from this byte on.
    case malformed(at: Int)
    /// Nested deeper than the scanner follows.
    case tooDeep
    /// More was wanted of it than may be held.
    case tooMuchKept
}
