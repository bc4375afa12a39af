import MendflowText

/// What a request is known by: a text or a whole number.
enum RequestID: Sendable, Hashable {
    case text(String), number(Int64)

    init?(_ value: JSONAny?) {
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
