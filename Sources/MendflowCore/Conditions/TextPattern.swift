/// A compiled regular expression, as the policy loader makes it; equal where its source is equal.
public protocol TextPattern: Sendable {
    /// The pattern as the user wrote it.
    var source: String { get }
    /// Whether it matches anywhere in the text; only the text's first 64 KiB are looked at.
    func matches(_ text: String) -> Bool
}

/// How a text is compared: as a literal in which `*` is wild, by a glob, by a regular expression, or as a part
/// (semantics 4).
public enum TextMatch: Sendable, Hashable {
    /// Literal but for `*`, which stands for any text; everything else means itself, brackets included.
    case wildcard(String)
    /// A glob: `*`, `?`, `[a-z]`, `[!a-z]`, `\` to take a character literally.
    case glob(String)
    /// A regular expression, unanchored.
    case expression(any TextPattern)
    /// A part of the text.
    case contains(String)

    /// Equal where kind and source are equal.
    public static func == (one: TextMatch, other: TextMatch) -> Bool {
        switch (one, other) {
        case (.wildcard(let a), .wildcard(let b)), (.glob(let a), .glob(let b)), (.contains(let a), .contains(let b)):
            a == b
        case (.expression(let a), .expression(let b)): a.source == b.source
        default: false
        }
    }
    /// Hashes the source.
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }

    /// The text as the user wrote it.
    public var source: String {
        switch self {
        case .wildcard(let text), .glob(let text), .contains(let text): text
        case .expression(let pattern): pattern.source
        }
    }
    /// Whether it names one text exactly.
    public var isLiteral: Bool {
        if case .wildcard(let text) = self { return !text.utf8.contains(UInt8(ascii: "*")) }
        return false
    }

    /// Whether a text matches.
    public func matches(_ text: String) -> Bool {
        switch self {
        // Bytes are compared first, for nearly all texts differ in the first one. Equal texts may still differ in their
        // bytes, as letters with accents can be written in two ways, so a literal is compared as a text too.
        case .wildcard(let pattern): Glob.matches(text, pattern, onlyStar: true) || pattern == text
        case .glob(let pattern): Glob.matches(text, pattern, onlyStar: false)
        case .expression(let pattern): pattern.matches(text)
        case .contains(let part): text.containsBytes(of: part)
        }
    }
}

extension String {
    /// Whether the other text's bytes stand somewhere in this one; the standard library alone has no `contains` for it.
    func containsBytes(of part: String) -> Bool { firstBytes(of: part) != nil }

    /// Where another text stands first, byte for byte: the standard library's search goes by characters, and makes a table of
    /// them each time.
    func firstBytes(of part: String) -> Range<String.Index>? {
        utf8.count < part.utf8.count ? nil : bytes(of: part, from: 0...(utf8.count - part.utf8.count))
    }

    /// Where it stands last.
    func lastBytes(of part: String) -> Range<String.Index>? {
        utf8.count < part.utf8.count ? nil : bytes(of: part, from: (0...(utf8.count - part.utf8.count)).reversed())
    }

    private func bytes(of part: String, from starts: some Sequence<Int>) -> Range<String.Index>? {
        let hay = utf8.span
        let needle = part.utf8.span
        guard needle.count > 0 else { return startIndex..<startIndex }
        let first = needle[0]
        for start in starts where hay[start] == first {
            var length = 1
            while length < needle.count, hay[start + length] == needle[length] { length += 1 }
            guard length == needle.count else { continue }
            let index = utf8.index(startIndex, offsetBy: start)
            return index..<utf8.index(index, offsetBy: length)
        }
        return nil
    }
}

/// Globs, matched byte by byte and in place: time linear in pattern times text, for it never backtracks further than to
/// the last `*`, and no memory.
enum Glob {
    static func matches(_ text: String, _ pattern: String, onlyStar: Bool) -> Bool {
        matches(text.utf8.span, pattern.utf8.span, onlyStar: onlyStar)
    }

    private static func matches(_ text: Span<UInt8>, _ pattern: Span<UInt8>, onlyStar: Bool) -> Bool {
        var (at, position) = (0, 0)
        var star: (at: Int, position: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                at += 1
                if at == pattern.count { return true }
                star = (at, position)
            } else if let next = step(text, position, pattern, at, onlyStar: onlyStar) {
                (at, position) = next
            } else if let last = star {
                position = last.position + scalarLength(text, last.position)
                star = (last.at, position)
                at = last.at
            } else {
                return false
            }
        }
        while at < pattern.count, pattern[at] == UInt8(ascii: "*") { at += 1 }
        return at == pattern.count
    }

    /// Matches one element of the pattern that is no `*`; nil where it does not accept what stands there.
    private static func step(
        _ text: Span<UInt8>, _ position: Int, _ pattern: Span<UInt8>, _ at: Int, onlyStar: Bool
    ) -> (Int, Int)? {
        guard at < pattern.count else { return nil }
        let byte = pattern[at]
        if !onlyStar {
            if byte == UInt8(ascii: "?") { return (at + 1, position + scalarLength(text, position)) }
            if byte == UInt8(ascii: "\\"), at + 1 < pattern.count {
                return pattern[at + 1] == text[position] ? (at + 2, position + 1) : nil
            }
            if byte == UInt8(ascii: "["), let set = set(pattern, at + 1, accepts: scalar(text, position)) {
                return set.accepts ? (set.next, position + scalarLength(text, position)) : nil
            }
        }
        return byte == text[position] ? (at + 1, position + 1) : nil
    }

    /// Reads a set behind its bracket: whether it accepts a scalar, and where it ends; nil where it is not closed.
    private static func set(
        _ pattern: Span<UInt8>, _ start: Int, accepts wanted: UInt32
    ) -> (accepts: Bool, next: Int)? {
        var at = start
        let negated = at < pattern.count && (pattern[at] == UInt8(ascii: "!") || pattern[at] == UInt8(ascii: "^"))
        if negated { at += 1 }
        let first = at
        var found = false
        while at < pattern.count, pattern[at] != UInt8(ascii: "]") || at == first {
            let low = scalar(pattern, at)
            at += scalarLength(pattern, at)
            var high = low
            if at + 1 < pattern.count, pattern[at] == UInt8(ascii: "-"), pattern[at + 1] != UInt8(ascii: "]") {
                high = scalar(pattern, at + 1)
                at += 1 + scalarLength(pattern, at + 1)
            }
            if min(low, high) <= wanted, wanted <= max(low, high) { found = true }
        }
        return at < pattern.count ? (found != negated, at + 1) : nil
    }

    private static func scalarLength(_ bytes: Span<UInt8>, _ at: Int) -> Int {
        switch bytes[at] {
        case ..<0xc0: 1
        case ..<0xe0: 2
        case ..<0xf0: 3
        default: 4
        }
    }

    private static func scalar(_ bytes: Span<UInt8>, _ at: Int) -> UInt32 {
        let length = scalarLength(bytes, at)
        var value = UInt32(bytes[at]) & (length == 1 ? 0x7f : 0x7f >> UInt32(length))
        for index in 1..<max(1, length) { value = value << 6 | UInt32(bytes[at + index]) & 0x3f }
        return value
    }
}
