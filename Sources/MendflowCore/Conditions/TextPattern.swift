/// A compiled regular expression, as the policy loader makes it; equal where its source is equal.
public protocol TextPattern: Sendable {
    /// The pattern as the user wrote it.
    var source: String { get }
    /// Whether it matches anywhere in the text; only the text's first 64 KiB are looked at.
    func matches(_ text: String) -> Bool
}

/// How a text is compared: by literal with `*` wild, by a whole glob, or by a regular expression.
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
        case .wildcard(let pattern):
            isLiteral ? pattern == text : Glob(pattern, onlyStar: true).matches(text)
        case .glob(let pattern): Glob(pattern, onlyStar: false).matches(text)
        case .expression(let pattern): pattern.matches(text)
        case .contains(let part): text.containsBytes(of: part)
        }
    }
}

extension String {
    /// Whether the other text's bytes stand somewhere in this one; the standard library alone has no `contains` for it.
    func containsBytes(of part: String) -> Bool {
        let needle = Array(part.utf8)
        let hay = Array(utf8)
        guard needle.count <= hay.count else { return false }
        guard !needle.isEmpty else { return true }
        for start in 0...(hay.count - needle.count) where hay[start] == needle[0] {
            if hay[start..<start + needle.count].elementsEqual(needle) { return true }
        }
        return false
    }
}

/// A glob, matched in time linear in pattern times text: it never backtracks further than to the last `*`.
struct Glob {
    private enum Element {
        case any
        case one
        case literal(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], negated: Bool)

        func accepts(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .any: false
            case .one: true
            case .literal(let own): own == scalar
            case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
            }
        }
    }
    private let elements: [Element]

    init(_ pattern: String, onlyStar: Bool) {
        var elements: [Element] = []
        let scalars = Array(pattern.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "*" {
                elements.append(.any)
            } else if onlyStar {
                elements.append(.literal(scalar))
            } else if scalar == "?" {
                elements.append(.one)
            } else if scalar == "\\", index < scalars.count {
                elements.append(.literal(scalars[index]))
                index += 1
            } else if scalar == "[", let (set, next) = Glob.set(scalars, from: index) {
                elements.append(set)
                index = next
            } else {
                elements.append(.literal(scalar))
            }
        }
        self.elements = elements
    }

    private static func set(_ scalars: [Unicode.Scalar], from start: Int) -> (Element, Int)? {
        var index = start
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        let negated = index < scalars.count && (scalars[index] == "!" || scalars[index] == "^")
        if negated { index += 1 }
        let first = index
        while index < scalars.count, scalars[index] != "]" || index == first {
            let low = scalars[index]
            if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
                let high = scalars[index + 2]
                ranges.append(low <= high ? low...high : high...low)
                index += 3
            } else {
                ranges.append(low...low)
                index += 1
            }
        }
        return index < scalars.count ? (.set(ranges, negated: negated), index + 1) : nil
    }

    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var (element, position) = (0, 0)
        var star: (element: Int, position: Int)?
        while position < scalars.count {
            if element < elements.count, case .any = elements[element] {
                star = (element, position)
                element += 1
            } else if element < elements.count, elements[element].accepts(scalars[position]) {
                element += 1
                position += 1
            } else if let last = star {
                star = (last.element, last.position + 1)
                element = last.element + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { if case .any = $0 { true } else { false } }
    }
}
