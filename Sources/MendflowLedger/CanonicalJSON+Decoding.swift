internal import MendflowCore
public import MendflowText

/// Bytes that are no canonical JSON.
public struct CanonicalJSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The offset of the first byte that is wrong, from 0.
    public var offset: Int
    /// What is wrong with it.
    public var reason: String
    /// What is wrong, and where.
    public var description: String { "byte \(offset): \(reason)" }

    init(_ offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }
}

extension CanonicalJSON {
    /// The value of canonical bytes; anything that `encode` would have written differently is refused.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalJSONError) -> JSONValue {
        var reader = Reader(bytes: bytes)
        let value = try reader.value(depth: 0)
        guard reader.position == bytes.count else { throw CanonicalJSONError(reader.position, "more than one value") }
        // One comparison refuses every other spelling: order and repetition of keys, leading zeros, needless escapes.
        let canonical = encode(value)
        guard canonical == bytes else {
            let same = zip(canonical, bytes).prefix { $0 == $1 }.count
            throw CanonicalJSONError(same, "not the canonical spelling")
        }
        return value
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        private func wrong(_ reason: String) -> CanonicalJSONError { CanonicalJSONError(position, reason) }

        mutating func value(depth: Int) throws(CanonicalJSONError) -> JSONValue {
            guard depth <= maximumDepth else { throw wrong("nested deeper than \(maximumDepth)") }
            switch next {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try list(depth: depth)
            case UInt8(ascii: "\""): return .text(try text())
            case UInt8(ascii: "-"): return try number()
            case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
            default:
                for (word, value) in [("true", JSONValue.flag(true)), ("false", .flag(false)), ("null", .null)]
                where bytes[position...].starts(with: word.utf8) {
                    position += word.utf8.count
                    return value
                }
                throw wrong("no value")
            }
        }

        private mutating func object(depth: Int) throws(CanonicalJSONError) -> JSONValue {
            position += 1
            var members: [String: JSONValue] = [:]
            if skip("}") { return .object(members) }
            repeat {
                let key = try text()
                guard skip(":") else { throw wrong("no colon after a key") }
                members[key] = try value(depth: depth + 1)
            } while skip(",")
            guard skip("}") else { throw wrong("no end of the object") }
            return .object(members)
        }

        private mutating func list(depth: Int) throws(CanonicalJSONError) -> JSONValue {
            position += 1
            var elements: [JSONValue] = []
            if skip("]") { return .list(elements) }
            repeat { elements.append(try value(depth: depth + 1)) } while skip(",")
            guard skip("]") else { throw wrong("no end of the list") }
            return .list(elements)
        }

        private mutating func number() throws(CanonicalJSONError) -> JSONValue {
            let start = position
            _ = skip("-")
            while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { position += 1 }
            guard let number = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
                throw CanonicalJSONError(start, "no whole number of 64 bits")
            }
            return .integer(number)
        }

        private mutating func text() throws(CanonicalJSONError) -> String {
            let start = position
            guard skip("\"") else { throw wrong("no string") }
            var content: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: content, as: UTF8.self) else {
                        throw CanonicalJSONError(start, "no valid UTF-8")
                    }
                    return text
                case UInt8(ascii: "\\"): content.append(try escaped())
                default: content.append(byte)
                }
            }
            throw wrong("no end of the string")
        }

        private mutating func escaped() throws(CanonicalJSONError) -> UInt8 {
            guard let letter = next else { throw wrong("no end of the string") }
            position += 1
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return letter
            case UInt8(ascii: "b"): return 0x08
            case UInt8(ascii: "t"): return 0x09
            case UInt8(ascii: "n"): return 0x0A
            case UInt8(ascii: "f"): return 0x0C
            case UInt8(ascii: "r"): return 0x0D
            case UInt8(ascii: "u"):
                let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
                guard digits.utf8.count == 4, let code = UInt8(digits, radix: 16), code < 0x20 else {
                    throw wrong("a needless escape")
                }
                position += 4
                return code
            default: throw wrong("an unknown escape")
            }
        }
    }
}
