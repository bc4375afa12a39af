/// What to keep of a JSON document; everything else is checked, skipped and never held.
indirect enum JSONPlan: Sendable {
    /// Keep nothing.
    case skip
    /// Keep a text, number, boolean or null; of a text at most that many bytes.
    case scalar(limit: Int)
    /// Keep what a text amounts to, and nothing of the text itself.
    case digest(TextDigest)
    /// Keep these members of an object.
    case object([String: JSONPlan])
    /// Keep members of these names, whatever they hold: texts of so many bytes, objects and arrays with such members again,
    /// so many levels deep and of arrays the first so many elements.
    case record([String], levels: Int, text: Int, elements: Int)
    /// Keep members of any name, so many at most.
    case map(JSONPlan, limit: Int)
    /// Keep elements of an array; the number of all of them is always known.
    case array(JSONPlan, keep: Keep)

    /// Which elements of an array to keep.
    enum Keep: Sendable {
        case first(Int)
        case last
    }

    /// Enough for ids, statuses, dates and codes, in bytes.
    static let wordLimit = 256
    /// Such a word.
    static let word = JSONPlan.scalar(limit: wordLimit)
    /// Count the elements of an array and keep none.
    static let count = JSONPlan.array(.skip, keep: .first(0))
}

/// What of a text is worth knowing where the text itself must not be kept.
enum TextDigest: Sendable {
    /// Whether a script shows no call: `ScriptSource`.
    case script
    /// The same of a script in Python.
    case python
    /// What a database's or GraphQL's statements do: `StatementSource`.
    case statement

    /// Bytes of the text that are looked at; a longer text is not judged.
    static let limit = 256 << 10

    /// One word about the text: the one that promises least where it was not seen whole.
    func word(_ text: String, isWhole: Bool) -> String {
        switch self {
        case .script: isWhole && ScriptSource.showsNoCall(text) ? "pure" : "calls"
        case .python: isWhole && ScriptSource.showsNoCall(text, .python) ? "pure" : "calls"
        case .statement: (isWhole ? StatementSource(text).kind : .unclear).rawValue
        }
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
