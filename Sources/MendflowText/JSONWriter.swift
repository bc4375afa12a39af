/// Writes JSON value by value, members in the order in which they come.
///
/// Everything that this program writes as JSON is written here, with one way to escape texts.
public struct JSONWriter: Sendable {
    /// How values are laid out.
    public enum Layout: Sendable {
        /// Without white space.
        case compact
        /// A member a line, lists on one line: for people.
        case indented
        /// A member a line and an element a line: for people and for programs that compare by lines.
        case spread
    }

    /// Which characters of a text are escaped: always `"`, `\` and the control characters below U+0020.
    public enum Escapes: Sendable {
        /// Those only.
        case needed
        /// Also what shows nothing by itself or changes how the rest is shown (`VisibleText`): it never reaches a terminal.
        case display
    }

    /// How deep lists and objects may nest; going deeper is a programmer's error.
    public static let maximumDepth = 200

    /// What was written.
    public private(set) var bytes: [UInt8] = []
    private let layout: Layout
    private let escapes: Escapes
    /// How many lists and objects are open, and how many of them indent.
    private var depth = 0, level = 0
    /// Whether a value stands in the list or object that is open.
    private var isBegun = false
    /// Whether the value of a key comes next.
    private var isMember = false

    /// Makes a writer that has written nothing.
    public init(_ layout: Layout = .compact, escapes: Escapes = .needed) {
        self.layout = layout
        self.escapes = escapes
    }

    /// What was written, as a text.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// One text as JSON, its quotes included.
    public static func quoted(_ text: String, escapes: Escapes = .needed) -> String {
        var writer = JSONWriter(escapes: escapes)
        writer.append(text)
        return writer.string
    }

    /// Writes a text.
    public mutating func text(_ text: String) {
        begin()
        append(text)
    }

    /// Writes a whole number.
    public mutating func integer(_ number: Int64) { word(String(number)) }
    /// Writes a number as it is spelt.
    public mutating func number(_ spelling: String) { word(spelling) }
    /// Writes true or false.
    public mutating func flag(_ flag: Bool) { word(flag ? "true" : "false") }
    /// Writes null.
    public mutating func null() { word("null") }

    /// Writes a value that is JSON already.
    public mutating func json(_ value: [UInt8]) {
        begin()
        bytes += value
    }

    /// Writes a list of what `elements` writes.
    public mutating func list(_ elements: (inout JSONWriter) -> Void) {
        nest("[", "]", isSpread: layout == .spread, elements)
    }

    /// Writes an object of what `members` writes: by turns a key and a value.
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        nest("{", "}", isSpread: layout != .compact, members)
    }

    /// Writes the key of a member; its value must come next.
    public mutating func key(_ key: String) {
        if isBegun { bytes.append(UInt8(ascii: ",")) }
        breakLine()
        append(key)
        switch layout {
        case .compact: bytes += ":".utf8
        case .indented: bytes += ": ".utf8
        case .spread: bytes += " : ".utf8
        }
        isBegun = false
        isMember = true
    }

    /// Writes a member whose value is a text.
    public mutating func member(_ key: String, _ text: String) {
        self.key(key)
        self.text(text)
    }

    /// Writes a value, the keys of objects sorted by their UTF-8 bytes.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .text(let text): self.text(text)
        case .integer(let number): integer(number)
        case .flag(let flag): self.flag(flag)
        case .null: null()
        case .list(let elements): list { for element in elements { $0.value(element) } }
        case .object(let members):
            object { writer in
                for member in members {
                    writer.key(member.key)
                    writer.value(member.value)
                }
            }
        }
    }

    /// What stands before a value that is no member's.
    private mutating func begin() {
        precondition(depth <= JSONWriter.maximumDepth, "JSON nests deeper than \(JSONWriter.maximumDepth)")
        if isBegun {
            bytes.append(UInt8(ascii: ","))
            if layout == .indented { bytes.append(UInt8(ascii: " ")) }
        }
        if layout == .spread, depth > 0, !isMember { breakLine() }
        isBegun = true
        isMember = false
    }

    private mutating func word(_ word: String) {
        begin()
        bytes += word.utf8
    }

    private mutating func nest(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, isSpread: Bool, _ inside: (inout JSONWriter) -> Void
    ) {
        begin()
        bytes.append(UInt8(ascii: open))
        depth += 1
        if isSpread { level += 1 }
        isBegun = false
        inside(&self)
        depth -= 1
        if isSpread {
            level -= 1
            // Something empty is seen to be so.
            if !isBegun, layout == .spread { bytes.append(UInt8(ascii: "\n")) }
            if isBegun || layout == .spread { breakLine() }
        }
        isBegun = true
        bytes.append(UInt8(ascii: close))
    }

    private mutating func breakLine() {
        guard layout != .compact else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes += repeatElement(UInt8(ascii: " "), count: level * 2)
    }
}

extension JSONWriter {
    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        switch escapes {
        case .needed:
            // Nearly no text has anything to escape.
            if text.utf8.contains(where: JSONWriter.isEscaped) {
                for byte in text.utf8 {
                    if JSONWriter.isEscaped(byte) { escape(UInt32(byte)) } else { bytes.append(byte) }
                }
            } else {
                bytes += text.utf8
            }
        case .display:
            var last: Unicode.Scalar?
            for scalar in text.unicodeScalars {
                if VisibleText.isHidden(scalar, behind: last)
                    || UInt8(exactly: scalar.value).map(JSONWriter.isEscaped) == true
                {
                    for unit in String(scalar).utf16 { escape(UInt32(unit)) }
                } else {
                    bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
                }
                last = scalar
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// By a letter where JSON has one, else by `\u` and four hexadecimal digits in lower case.
    private mutating func escape(_ value: UInt32) {
        bytes.append(UInt8(ascii: "\\"))
        switch value {
        case 0x22, 0x5C: bytes.append(UInt8(value))
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(UInt8(ascii: "u"))
            bytes += Hex.digits(of: [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)])
        }
    }
}
