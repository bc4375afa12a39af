/// What a scanner expects next.
enum JSONState: Sendable {
    case value
    case firstElement
    case firstKey
    case key
    case colon
    case afterValue
    case string
    case escape
    case unicode
    case number
    case literal
    case end
}

/// A text that is being put together from pieces and escapes. At most `limit` bytes of it are kept; of a text that
/// nobody wants, none.
struct TextCapture: Sendable {
    /// Whether it is kept.
    private(set) var isWanted = false
    /// Whether all of it was kept.
    private(set) var isWhole = true
    private var bytes: [UInt8] = []
    private var limit = 0
    private var unit: UInt32 = 0
    private var digits = 0
    /// The first half of a surrogate pair, until the second comes or does not.
    private var highSurrogate: UInt32?

    /// Begins a text; without a limit nothing of it is kept.
    mutating func begin(limit: Int?) {
        isWanted = limit != nil
        self.limit = limit ?? 0
        isWhole = true
        highSurrogate = nil
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func append(_ byte: UInt8) {
        guard isWanted else { return }
        replaceLoneSurrogate()
        push(byte)
    }

    mutating func append(_ plain: Span<UInt8>) {
        guard isWanted, !plain.isEmpty else { return }
        replaceLoneSurrogate()
        let room = max(0, limit - bytes.count)
        let kept = plain.extracting(first: room)
        unsafe kept.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        if plain.count > room { isWhole = false }
    }

    mutating func beginUnicode() {
        unit = 0
        digits = 0
    }

    var unicodeIsComplete: Bool { digits == 4 }

    /// Takes one digit of `\uXXXX`; false where it is none.
    mutating func hexDigit(_ byte: UInt8) -> Bool {
        let value: UInt8
        switch byte {
        case 0x30...0x39: value = byte - 0x30
        case 0x41...0x46: value = byte - 0x41 + 10
        case 0x61...0x66: value = byte - 0x61 + 10
        default: return false
        }
        unit = unit << 4 | UInt32(value)
        digits += 1
        if digits == 4, isWanted { endUnicode() }
        return true
    }

    private mutating func endUnicode() {
        if let high = highSurrogate, (0xDC00...0xDFFF).contains(unit) {
            highSurrogate = nil
            return push(scalar: 0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00))
        }
        replaceLoneSurrogate()
        if (0xD800...0xDBFF).contains(unit) { highSurrogate = unit } else { push(scalar: unit) }
    }

    private mutating func replaceLoneSurrogate() {
        guard highSurrogate != nil else { return }
        highSurrogate = nil
        push(scalar: 0xFFFD)
    }

    private mutating func push(scalar value: UInt32) {
        let character = Character(Unicode.Scalar(value) ?? "\u{FFFD}")
        for byte in character.utf8 { push(byte) }
    }

    private mutating func push(_ byte: UInt8) {
        if bytes.count < limit { bytes.append(byte) } else { isWhole = false }
    }

    /// Ends the text: what was kept of it, cut between characters.
    mutating func finish() -> [UInt8] {
        replaceLoneSurrogate()
        if !isWhole { bytes.removeSubrange(bytes.span.countOfWholeCharacters...) }
        return bytes
    }
}

extension Span<UInt8> {
    /// The number of bytes without a character that was cut off at the end. If a limit of bytes falls into the middle
    /// of a character, that character has to go as a whole: half of it would be read as U+FFFD.
    var countOfWholeCharacters: Int {
        for lead in indices.suffix(4).reversed() where self[lead] & 0xC0 != 0x80 {
            let width = self[lead] < 0x80 ? 1 : self[lead] < 0xE0 ? 2 : self[lead] < 0xF0 ? 3 : 4
            return count - lead < width ? lead : count
        }
        return count
    }

    /// Where the plain bytes of a text end: at a quotation mark, a backslash, a control character, or the span's end.
    func endOfPlainText(from start: Int) -> Int {
        var index = start
        while index + 8 <= count {
            let ends = word(at: index).endsOfPlainText
            if ends != 0 { return index + ends.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < count, self[index] != 0x22, self[index] != 0x5C, self[index] >= 0x20 { index += 1 }
        return index
    }

}

extension UInt64 {
    /// Looks at eight bytes at once for one that ends a plain text (`"`, `\` or a control character). The highest bit
    /// of the first such byte is set; without one the result is 0. Bits of later bytes mean nothing, since a
    /// subtraction may carry into them.
    fileprivate var endsOfPlainText: UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = (self ^ (ones &* 0x22)) &- ones
        let backslashes = (self ^ (ones &* 0x5C)) &- ones
        return (quotes | backslashes | (self &- ones &* 0x20)) & ~self & (ones &* 0x80)
    }
}

/// The grammar of JSON's numbers, byte by byte.
struct NumberGrammar: Sendable {
    private enum Part: Sendable { case start, minus, zero, whole, point, fraction, exponent, exponentSign, power }
    private var part = Part.start

    /// Whether the number may end here.
    var isComplete: Bool { part == .zero || part == .whole || part == .fraction || part == .power }

    /// Takes a byte; false where it cannot belong to the number.
    mutating func accepts(_ byte: UInt8) -> Bool {
        let isDigit = (0x30...0x39).contains(byte)
        switch (part, byte) {
        case (.start, 0x2D): part = .minus
        case (.start, 0x30), (.minus, 0x30): part = .zero
        case (.start, _) where isDigit, (.minus, _) where isDigit: part = .whole
        case (.whole, _) where isDigit, (.fraction, _) where isDigit, (.power, _) where isDigit: break
        case (.zero, 0x2E), (.whole, 0x2E): part = .point
        case (.point, _) where isDigit: part = .fraction
        case (.zero, 0x65), (.whole, 0x65), (.fraction, 0x65): part = .exponent
        case (.zero, 0x45), (.whole, 0x45), (.fraction, 0x45): part = .exponent
        case (.exponent, 0x2B), (.exponent, 0x2D): part = .exponentSign
        case (.exponent, _) where isDigit, (.exponentSign, _) where isDigit: part = .power
        default: return false
        }
        return true
    }
}

/// JSON's three words.
enum Literal: Sendable {
    case `true`
    case `false`
    case null

    /// Its letters behind the first one, as a number whose lowest byte is the next letter.
    var rest: UInt64 {
        switch self {
        case .true: 0x65_75_72
        case .false: 0x65_73_6C_61
        case .null: 0x6C_6C_75
        }
    }

    var scalar: JSONScalar {
        switch self {
        case .true: .true
        case .false: .false
        case .null: .null
        }
    }
}

/// The containers around a place.
struct Nesting: Sendable {
    /// Containers within containers that are followed.
    static let maxDepth = 1024

    private(set) var depth = 0
    /// Whether the innermost container is an object.
    private(set) var isInObject = false
    /// The same of those around it.
    private var outer: [Bool] = []

    /// A container begins; false where that is too deep.
    mutating func open(isObject: Bool) -> Bool {
        guard depth < Nesting.maxDepth else { return false }
        outer.append(isInObject)
        isInObject = isObject
        depth += 1
        return true
    }

    /// The innermost one ends.
    mutating func close() {
        isInObject = outer.removeLast()
        depth -= 1
    }
}
