public import MendflowCore

/// The one way to write a value as bytes, so that its hash is the same everywhere and for ever (semantics 56).
///
/// JSON in UTF-8 without white space; keys sorted by their UTF-8 bytes; whole numbers only; strings escape `"`, `\` and
/// the control characters below U+0020 (by `\b`, `\t`, `\n`, `\f`, `\r`, else by `\u00xx` in lower case), nothing else.
public enum CanonicalJSON {
    /// How deep lists and objects may nest.
    public static let maximumDepth = 200

    /// The bytes of a value; one nested deeper than `maximumDepth` is a programmer's error.
    public static func encode(_ value: AuditValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, to: &bytes, depth: 0)
        return bytes
    }

    private static func append(_ value: AuditValue, to bytes: inout [UInt8], depth: Int) {
        precondition(depth <= maximumDepth, "a value of the audit log nests deeper than \(maximumDepth)")
        switch value {
        case .text(let text): append(text, to: &bytes)
        case .integer(let number): bytes += String(number).utf8
        case .flag(let flag): bytes += (flag ? "true" : "false").utf8
        case .null: bytes += "null".utf8
        case .list(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(element, to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            // String's own order is that of Unicode's normal forms, not that of bytes.
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value, to: &bytes, depth: depth + 1)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += #"\""#.utf8
            case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
            case 0x08: bytes += #"\b"#.utf8
            case 0x09: bytes += #"\t"#.utf8
            case 0x0A: bytes += #"\n"#.utf8
            case 0x0C: bytes += #"\f"#.utf8
            case 0x0D: bytes += #"\r"#.utf8
            case 0..<0x20:
                bytes += (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8
                bytes += String(byte, radix: 16).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
