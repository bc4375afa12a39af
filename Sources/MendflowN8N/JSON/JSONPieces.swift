/// The text that is being read: kept up to a limit, or not at all.
struct TextCapture: Sendable {
    private(set) var isWanted = false
    private var bytes: [UInt8] = []
    private var limit = 0
    private var whole = true
    private var unit: UInt32 = 0
    private var digits = 0
    /// The first half of a surrogate pair, until the second comes or does not.
    private var highSurrogate: UInt32?

    /// Begins a text; without a limit nothing of it is kept.
    mutating func begin(limit: Int?) {
        isWanted = limit != nil
        self.limit = limit ?? 0
        whole = true
        highSurrogate = nil
        bytes.removeAll(keepingCapacity: true)
    }

    mutating func append(_ byte: UInt8) {
        guard isWanted else { return }
        replaceLoneSurrogate()
        push(byte)
    }

    mutating func append(_ slice: ArraySlice<UInt8>) {
        guard !slice.isEmpty else { return }
        replaceLoneSurrogate()
        let room = limit - bytes.count
        bytes.append(contentsOf: slice.prefix(max(0, room)))
        if slice.count > room { whole = false }
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
        if bytes.count < limit { bytes.append(byte) } else { whole = false }
    }

    /// Ends the text: what was kept, and whether that is all of it.
    mutating func take() -> (String, Bool) {
        replaceLoneSurrogate()
        if !whole { dropHalfCharacter() }
        return (String(decoding: bytes, as: UTF8.self), whole)
    }

    /// A cut in the middle of a character must not leave a replacement character behind.
    private mutating func dropHalfCharacter() {
        guard let lead = bytes.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return }
        let width = bytes[lead] < 0x80 ? 1 : bytes[lead] < 0xE0 ? 2 : bytes[lead] < 0xF0 ? 3 : 4
        if bytes.count - lead < width { bytes.removeSubrange(lead...) }
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

    private static let trueBytes = Array("true".utf8)
    private static let falseBytes = Array("false".utf8)
    private static let nullBytes = Array("null".utf8)

    var bytes: [UInt8] {
        switch self {
        case .true: Literal.trueBytes
        case .false: Literal.falseBytes
        case .null: Literal.nullBytes
        }
    }

    var tree: JSONTree {
        switch self {
        case .true: .bool(true)
        case .false: .bool(false)
        case .null: .null
        }
    }
}
