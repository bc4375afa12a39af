extension Simulator {
    /// Why bytes are not JSON.
    public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
        /// Where reading stopped, in bytes from the beginning.
        public var offset: Int
        /// What was wrong there.
        public var message: String

        /// The message with its place.
        public var description: String { "not JSON at byte \(offset): \(message)" }
    }
}

extension Simulator.JSON {
    /// Arrays and objects may nest this deep.
    static let depthLimit = 256

    /// Reads one JSON value and nothing behind it but white space.
    public init(parsing bytes: some Sequence<UInt8>) throws(Simulator.JSONError) {
        var parser = JSONParser(bytes: Array(bytes))
        self = try parser.document()
    }

    /// Reads one JSON value and nothing behind it but white space.
    public init(parsing text: String) throws(Simulator.JSONError) {
        try self.init(parsing: text.utf8)
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    var at = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func failure(_ message: String) -> Simulator.JSONError { .init(offset: at, message: message) }

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func document() throws(Simulator.JSONError) -> JSON {
        let value = try self.value()
        skipSpace()
        guard next == nil else { throw failure("something stands behind the value") }
        return value
    }

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0D) { at += 1 }
    }

    mutating func value() throws(Simulator.JSONError) -> JSON {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some: return try number()
        case nil: throw failure("the text ends where a value should begin")
        }
    }

    mutating func word(_ word: String, _ value: JSON) throws(Simulator.JSONError) -> JSON {
        guard bytes[at...].starts(with: word.utf8) else { throw failure("no value begins like this") }
        at += word.utf8.count
        return value
    }

    mutating func enter() throws(Simulator.JSONError) {
        depth += 1
        guard depth <= JSON.depthLimit else { throw failure("nested deeper than \(JSON.depthLimit)") }
        at += 1
        skipSpace()
    }

    mutating func array() throws(Simulator.JSONError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var elements: [JSON] = []
        if next == UInt8(ascii: "]") {
            at += 1
            return .array([])
        }
        while true {
            elements.append(try value())
            if try closes(with: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    mutating func object() throws(Simulator.JSONError) -> JSON {
        try enter()
        defer { depth -= 1 }
        var object = Simulator.JSON.Object()
        if next == UInt8(ascii: "}") {
            at += 1
            return .object(.init())
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a field's name should stand here") }
            let key = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw failure("a colon should stand here") }
            at += 1
            let value = try value()
            object[key] = value
            if try closes(with: UInt8(ascii: "}")) { return .object(object) }
        }
    }

    mutating func closes(with bracket: UInt8) throws(Simulator.JSONError) -> Bool {
        skipSpace()
        guard let byte = next, byte == bracket || byte == UInt8(ascii: ",") else {
            throw failure("a comma or a closing bracket should stand here")
        }
        at += 1
        return byte == bracket
    }

    mutating func number() throws(Simulator.JSONError) -> JSON {
        let start = at
        while let byte = next, "+-0123456789.eE".utf8.contains(byte) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if let whole = Int64(text), text.utf8.first != UInt8(ascii: "+") { return .int(whole) }
        guard let value = Double(text), value.isFinite, text.utf8.first != UInt8(ascii: "+") else {
            at = start
            throw failure("no value begins like this")
        }
        return .double(value)
    }

    mutating func string() throws(Simulator.JSONError) -> String {
        at += 1
        let start = at
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { at += 1 }
        // Most strings have no escapes and are taken as they stand.
        if next == UInt8(ascii: "\"") {
            at += 1
            return String(decoding: bytes[start..<(at - 1)], as: UTF8.self)
        }
        var text = Array(bytes[start..<at])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw failure("a control character stands in a string")
            default:
                text.append(byte)
                at += 1
            }
        }
        throw failure("the text ends within a string")
    }

    mutating func escape(into text: inout [UInt8]) throws(Simulator.JSONError) {
        at += 1
        let plain: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "b"): 8,
            UInt8(ascii: "f"): 12, UInt8(ascii: "\""): 34, UInt8(ascii: "\\"): 92, UInt8(ascii: "/"): 47,
        ]
        guard let byte = next else { throw failure("the text ends within a string") }
        if let character = plain[byte] {
            text.append(character)
            at += 1
            return
        }
        guard byte == UInt8(ascii: "u") else { throw failure("no such escape") }
        at += 1
        var code = try hex()
        if code >> 10 == 0x36, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
        {
            at += 2
            let low = try hex()
            code = low >> 10 == 0x37 ? 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF) : 0xFFFD
        }
        text += Array(String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
    }

    mutating func hex() throws(Simulator.JSONError) -> UInt32 {
        guard at + 4 <= bytes.count,
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits should stand here") }
        at += 4
        return value
    }
}
