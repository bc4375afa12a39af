/// A JSON value without fractions, so that its bytes are the same everywhere.
public enum JSONValue: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    /// A text.
    case text(String)
    /// A whole number; times are milliseconds since 1970.
    case integer(Int64)
    /// true or false.
    case flag(Bool)
    /// null.
    case null
    /// A list.
    case list([JSONValue])
    /// An object.
    case object(JSONObject)

    /// A text of a literal.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A number of a literal.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A flag of a literal.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// A text, or null.
    public static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }
    /// A number, or null.
    public static func optional(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
    /// A list of texts.
    public static func texts(_ texts: some Sequence<String>) -> JSONValue { .list(texts.map { .text($0) }) }
}
