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

/// Why a text is not the JSON that was expected.
enum JSONFault: Sendable, Hashable {
    /// Not JSON, from this byte on.
    case malformed(at: Int)
    /// Nested deeper than the scanner follows.
    case tooDeep
    /// More was wanted of it than may be held.
    case tooMuchKept
}
