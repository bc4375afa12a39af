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
    ///
    /// Every spelling but one is refused where it stands, so that nothing has to be written again to compare; a test holds
    /// that what is read is written as it was.
    public static func decode(_ bytes: [UInt8]) throws(CanonicalJSONError) -> JSONValue {
        var reader = Reader(bytes: bytes)
        let value = try reader.value(depth: 0)
        guard reader.position == bytes.count else { throw CanonicalJSONError(reader.position, "more than one value") }
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
            var members = JSONObject()
            if skip("}") { return .object(members) }
            repeat {
                let start = position
                let key = try text()
                guard skip(":") else { throw wrong("no colon after a key") }
                guard members.append(key, try value(depth: depth + 1)) else {
                    throw CanonicalJSONError(start, "a key out of order, or twice")
                }
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
            let isNegative = skip("-")
            let first = position
            // Taken together below zero, where there is room for one more.
            var (number, isTooLarge) = (Int64(0), false)
            while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                let (tenfold, high) = number.multipliedReportingOverflow(by: 10)
                let (longer, low) = tenfold.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
                isTooLarge = isTooLarge || high || low
                number = longer
                position += 1
            }
            if !isNegative {
                isTooLarge = isTooLarge || number == .min
                number = isTooLarge ? 0 : -number
            }
            guard position > first, !isTooLarge else { throw CanonicalJSONError(start, "no whole number of 64 bits") }
            let isZero = position == first + 1 && bytes[first] == UInt8(ascii: "0")
            guard bytes[first] != UInt8(ascii: "0") || isZero && !isNegative else {
                throw CanonicalJSONError(start, "not the canonical spelling")
            }
            return .integer(number)
        }

        private mutating func text() throws(CanonicalJSONError) -> String {
            let start = position
            guard skip("\"") else { throw wrong("no string") }
            // Nearly all texts have no escape and no letter beyond ASCII, and are taken as they stand.
            var all: UInt8 = 0
            while position < bytes.count {
                let byte = bytes[position]
                if byte == UInt8(ascii: "\"") {
                    let content = bytes[start + 1..<position]
                    position += 1
                    return all < 0x80 ? String(decoding: content, as: UTF8.self) : try checked(content, start)
                }
                all |= byte
                if byte == UInt8(ascii: "\\") { return try escapedText(start) }
                guard byte >= 0x20 else { throw wrong("not the canonical spelling") }
                position += 1
            }
            throw wrong("no end of the string")
        }

        /// The rest of a text from its first escape on.
        private mutating func escapedText(_ start: Int) throws(CanonicalJSONError) -> String {
            var content = Array(bytes[start + 1..<position])
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return try checked(content[...], start)
                case UInt8(ascii: "\\"): content.append(try escaped())
                case ..<0x20: throw CanonicalJSONError(position - 1, "not the canonical spelling")
                default: content.append(byte)
                }
            }
            throw wrong("no end of the string")
        }

        private func checked(_ content: ArraySlice<UInt8>, _ start: Int) throws(CanonicalJSONError) -> String {
            guard let text = String(validating: content, as: UTF8.self) else {
                throw CanonicalJSONError(start, "no valid UTF-8")
            }
            return text
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
                guard let code = UInt8(digits, radix: 16), code < 0x20, ![0x08, 0x09, 0x0A, 0x0C, 0x0D].contains(code),
                    digits == "00" + Hex.text([code])
                else { throw wrong("a needless escape") }
                position += 4
                return code
            default: throw wrong("an unknown escape")
            }
        }
    }
}
