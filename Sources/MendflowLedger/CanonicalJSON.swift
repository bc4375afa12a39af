public import MendflowCore
import MendflowText

/// The one way to write a value as bytes, so that its hash is the same everywhere and for ever (semantics 56).
///
/// JSON in UTF-8 without white space; keys sorted by their UTF-8 bytes; whole numbers only; strings escape `"`, `\` and
/// the control characters below U+0020 (by `\b`, `\t`, `\n`, `\f`, `\r`, else by `\u00xx` in lower case), nothing else.
public enum CanonicalJSON {
    /// How deep lists and objects may nest.
    static let maximumDepth = JSONWriter.maximumDepth

    /// The bytes of a value; one nested deeper than 200 lists and objects is a programmer's error.
    public static func encode(_ value: AuditValue) -> [UInt8] {
        var writer = JSONWriter()
        write(value, to: &writer)
        return writer.bytes
    }

    private static func write(_ value: AuditValue, to writer: inout JSONWriter) {
        switch value {
        case .text(let text): writer.text(text)
        case .integer(let number): writer.integer(number)
        case .flag(let flag): writer.flag(flag)
        case .null: writer.null()
        case .list(let elements): writer.list { for element in elements { write(element, to: &$0) } }
        case .object(let members):
            writer.object {
                // String's own order is that of Unicode's normal forms, not that of bytes.
                for member in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                    $0.key(member.key)
                    write(member.value, to: &$0)
                }
            }
        }
    }
}
