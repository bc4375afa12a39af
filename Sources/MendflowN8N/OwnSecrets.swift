/// Secrets that we send, found in texts by their value: as they are, and as URLs, JSON and Base64 write them.
///
/// What a server or a proxy echoes is whatever was sent, often in another writing, and a key need not look like one.
struct OwnSecrets: Sendable {
    /// What is looked for, by its first byte; empty where there is nothing to look for.
    private var needles: [[[UInt8]]] = []
    /// At the end of a text, which may be cut, so many bytes of a secret give it away.
    private static let leastAtEnd = 8

    init(_ secrets: [String]) {
        let texts = secrets.filter { $0.utf8.count >= 4 }.flatMap { OwnSecrets.writings(of: Array($0.utf8)) }
        guard !texts.isEmpty else { return }
        needles = Array(repeating: [], count: 256)
        // The longest first, or a part of one would be left.
        for text in texts.sorted(by: { $0.count > $1.count }) { needles[Int(text[0])].append(text) }
    }

    /// The value of a header field may be a scheme and then the secret itself, which is echoed by itself.
    static func values(ofField value: String) -> [String] {
        let parts = value.split(separator: " ", maxSplits: 1)
        return parts.count == 2 ? [value, String(parts[1])] : [value]
    }

    /// The text with a mark where a secret stood.
    func removed(from text: String) -> String {
        guard !needles.isEmpty else { return text }
        let bytes = text.utf8.span
        var output: [UInt8] = []
        var (position, kept) = (0, 0)
        while position < bytes.count {
            if let length = length(in: bytes, at: position) {
                for index in kept..<position { output.append(bytes[index]) }
                output += "[redacted]".utf8
                position += length
                kept = position
            } else {
                position += 1
            }
        }
        guard kept > 0 else { return text }
        for index in kept..<bytes.count { output.append(bytes[index]) }
        return String(decoding: output, as: UTF8.self)
    }

    /// How much of a secret stands at a place: all of it, or its beginning where the text ends.
    private func length(in bytes: Span<UInt8>, at start: Int) -> Int? {
        for needle in needles[Int(bytes[start])] {
            let count = min(needle.count, bytes.count - start)
            guard count == needle.count || count >= OwnSecrets.leastAtEnd else { continue }
            var offset = 1
            while offset < count, bytes[start + offset] == needle[offset] { offset += 1 }
            if offset == count { return count }
        }
        return nil
    }

    /// The ways in which a secret is written.
    private static func writings(of secret: [UInt8]) -> Set<[UInt8]> {
        var all: Set<[UInt8]> = [secret, percentEncoded(secret, upper: true), percentEncoded(secret, upper: false)]
        all.insert(
            secret.flatMap {
                [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains($0) ? [0x5C, $0] : [$0]
            })
        // Within a longer text Base64 begins at any of three places; what depends on its neighbours is left out.
        guard secret.count >= 9 else { return all }
        for shift in 0..<3 {
            let whole = base64(Array(repeating: 0, count: shift) + secret)
            let digits = whole[(shift * 8 + 5) / 6..<(shift + secret.count) * 8 / 6]
            all.insert(Array(digits))
            all.insert(
                digits.map {
                    $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
                })
        }
        return all
    }

    private static func percentEncoded(_ secret: [UInt8], upper: Bool) -> [UInt8] {
        let digits = Array((upper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        return secret.flatMap { byte -> [UInt8] in
            let isLetter =
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._~".utf8.contains(byte)
            return isLetter ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    /// The digits of Base64, those of a last part that is not whole included.
    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return (0..<(bytes.count * 8 + 5) / 6).map { place in
            let (index, shift) = (place * 6 / 8, place * 6 % 8)
            let pair = UInt16(bytes[index]) << 8 | UInt16(index + 1 < bytes.count ? bytes[index + 1] : 0)
            return digits[Int(pair >> (10 - shift)) & 63]
        }
    }
}
