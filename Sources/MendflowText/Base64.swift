/// Bytes in Base64, in the alphabet with `+` and `/`.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The digits as ASCII, without what only fills them up.
    public static func digits(of bytes: [UInt8]) -> [UInt8] {
        (0..<(bytes.count * 8 + 5) / 6).map { place in
            let (index, shift) = (place * 6 / 8, place * 6 % 8)
            let pair = UInt16(bytes[index]) << 8 | UInt16(index + 1 < bytes.count ? bytes[index + 1] : 0)
            return alphabet[Int(pair >> (10 - shift)) & 63]
        }
    }

    /// The digits as a text on one line, filled up with `=` to a multiple of four.
    public static func text(_ bytes: [UInt8]) -> String {
        let digits = digits(of: bytes)
        return String(decoding: digits, as: UTF8.self) + String(repeating: "=", count: (4 - digits.count % 4) % 4)
    }

    /// The bytes of digits that are not filled up, in this alphabet or in that of addresses; nil where one is no digit.
    public static func bytes(_ digits: some StringProtocol) -> [UInt8]? {
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for character in digits.utf8 {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
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
