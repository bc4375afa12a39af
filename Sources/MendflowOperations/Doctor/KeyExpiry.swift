import MendflowCore

/// When an API key ends, as it tells by itself: n8n's keys are signed tokens (JWT), and only n8n can say whether one is good. Nothing
/// but the time is taken out of it.
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
        guard parts.count == 3, let payload = KeyExpiry.text(ofBase64: parts[1]), payload.hasPrefix("{") else {
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

    /// The text of base64 in the alphabet of addresses, without padding; nil where it is none.
    private static func text(ofBase64 word: Substring) -> String? {
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in word.utf8 {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"), UInt8(ascii: "+"): 62
        case UInt8(ascii: "_"), UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
