import MendflowCore
import MendflowText

/// When an API key ends, as it tells by itself: n8n's keys are signed tokens (JWT), and only n8n can say whether one is
/// good. Nothing but the time is taken out of it.
enum KeyExpiry: Sendable, Hashable {
    /// It ends then.
    case at(ServerTime)
    /// It has no end.
    case never
    /// It is none of these tokens, or not readable: nobody can tell.
    case untold

    /// Reads it out of a key.
    init(of key: String) {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.bytes(parts[1]),
            let payload = String(validating: bytes, as: UTF8.self), payload.hasPrefix("{")
        else {
            self = .untold
            return
        }
        guard let name = payload.firstRange(of: "\"exp\"") else {
            self = .never
            return
        }
        let value = payload[name.upperBound...].drop { " :\t\n".contains($0) }
        let digits = value.prefix { $0.isNumber }
        self = digits.count <= 12 ? Int64(digits).map { .at(ServerTime(milliseconds: $0 * 1000)) } ?? .untold : .untold
    }
}
