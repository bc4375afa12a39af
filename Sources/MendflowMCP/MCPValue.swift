import FoundationEssentials
import MendflowText

/// A JSON value as a client sends it.
public indirect enum MCPValue: Sendable, Hashable, Decodable {
    /// null, true or false, a whole number, any other number, a text.
    case null, flag(Bool), integer(Int64), number(Double), text(String)
    /// A list, and an object.
    case list([MCPValue]), object([String: MCPValue])

    /// Reads a value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([MCPValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: MCPValue].self))
        }
    }

    /// Reads a line; nil where it is no JSON.
    init?(_ line: [UInt8]) {
        guard let value = try? JSONDecoder().decode(MCPValue.self, from: Data(line)) else { return nil }
        self = value
    }

    var members: [String: MCPValue]? { if case .object(let members) = self { members } else { nil } }
    var string: String? { if case .text(let text) = self { text } else { nil } }

    /// What it is, for people.
    var kind: String {
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

/// What a request is known by: a text or a whole number.
enum RequestID: Sendable, Hashable {
    case text(String), number(Int64)

    init?(_ value: MCPValue?) {
        switch value {
        case .text(let text)?: self = .text(text)
        case .integer(let number)?: self = .number(number)
        default: return nil
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.text(text)
        case .number(let number): writer.integer(number)
        }
    }
}
