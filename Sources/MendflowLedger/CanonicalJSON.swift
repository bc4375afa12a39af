public import MendflowText

/// The one way to write a value as bytes, so that its hash is the same everywhere and for ever (semantics 56).
///
/// JSON in UTF-8 without white space; keys sorted by their UTF-8 bytes; whole numbers only; strings escape `"`, `\` and
/// the control characters below U+0020 (by `\b`, `\t`, `\n`, `\f`, `\r`, else by `\u00xx` in lower case), nothing else.
public enum CanonicalJSON {
    /// How deep lists and objects may nest.
    static let maximumDepth = JSONWriter.maximumDepth

    /// The bytes of a value; one nested deeper than 200 lists and objects is a programmer's error.
    public static func encode(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(value)
        return writer.bytes
    }
}
