import MendflowCore
import MendflowText

extension JSONValue {
    /// A time in milliseconds, or null.
    static func optional(_ time: (some Moment)?) -> JSONValue { time.map { .integer($0.milliseconds) } ?? .null }
}
