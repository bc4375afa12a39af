/// A JSON value as somebody else sends it, fractions included; what this program writes itself has none (`JSONValue`).
public indirect enum JSONAny: Sendable, Hashable {
    /// null, true or false, a whole number, any other number, a text.
    case null, flag(Bool), integer(Int64), number(Double), text(String)
    /// A list, and an object.
    case list([JSONAny]), object([String: JSONAny])

    /// A number as it is spelt; nil where no number that can be reckoned with is spelt so.
    public init?(number spelling: String) {
        if let whole = Int64(spelling) {
            self = .integer(whole)
        } else if let number = Double(spelling), number.isFinite {
            self = Int64(exactly: number).map { .integer($0) } ?? .number(number)
        } else {
            return nil
        }
    }

    /// The members of an object; nil for anything else.
    public var members: [String: JSONAny]? { if case .object(let members) = self { members } else { nil } }
    /// The text; nil for anything else.
    public var string: String? { if case .text(let text) = self { text } else { nil } }

    /// What it is, for people.
    public var kind: String {
        switch self {
        case .null: "null"
        case .flag: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .object: "an object"
        }
    }
}
