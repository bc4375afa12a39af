import MendflowText

/// Secrets that we send, found in texts by their value: whole or in long pieces, in any case, and in the ways in which URLs,
/// JSON, HTML, Base64 and hexadecimal digits write them.
///
/// What a server or a proxy echoes is whatever was sent, often in another writing or cut, and a key need not look like one.
/// Every eight bytes of a text are looked up among all eight bytes in a row of the secrets, so a text is read once, however
/// long the secrets are.
struct OwnSecrets: Sendable {
    /// One writing of a secret, folded.
    private struct Writing {
        var bytes: [UInt8]
        /// So many bytes in a row of it give it away, wherever they stand.
        var least: Int
        /// Whether it is written in digits that hold parts of its neighbours.
        var isEncoded = false
    }

    /// Eight bytes in a row of a writing.
    private struct Anchor {
        var bytes: UInt64
        var writing: Int
        var offset: Int
    }

    /// A stretch of a text as it reads unescaped.
    private struct Match {
        var range: Range<Int>
        /// Whether it is a secret as it is, from its beginning to its end.
        var isWhole: Bool
        var isEncoded: Bool
    }

    /// How many bytes an anchor has. So many give a secret away too where a text ends with its beginning, being cut.
    private static let window = 8
    private var writings: [Writing] = []
    /// In order of their bytes.
    private var anchors: [Anchor] = []
    /// A bit for each hash of an anchor: nearly all places of a text are none.
    private var filter: [UInt64] = []
    /// Secrets that are shorter than an anchor: all their bytes, and which bits those are.
    private var short: [(bytes: UInt64, mask: UInt64, count: Int)] = []

    init(_ secrets: [String]) {
        for secret in Set(secrets).sorted() where secret.utf8.count >= 4 { add(Array(secret.utf8)) }
        guard !writings.isEmpty else { return }
        filter = Array(repeating: 0, count: 1024)
        for (index, writing) in writings.enumerated() {
            var bytes: UInt64 = 0
            for (place, byte) in writing.bytes.enumerated() {
                bytes = bytes << 8 | UInt64(byte)
                guard place >= OwnSecrets.window - 1 else { continue }
                anchors.append(Anchor(bytes: bytes, writing: index, offset: place + 1 - OwnSecrets.window))
                filter[OwnSecrets.place(of: bytes)] |= OwnSecrets.bit(of: bytes)
            }
        }
        anchors.sort { $0.bytes < $1.bytes }
    }

    /// The value of a header field may be a scheme and then the secret itself, which is echoed by itself.
    static func values(ofField value: String) -> [String] {
        let parts = value.split(separator: " ", maxSplits: 1)
        return parts.count == 2 ? [value, String(parts[1])] : [value]
    }

    private mutating func add(_ secret: [UInt8]) {
        let plain = Unescaped(secret).bytes.map(OwnSecrets.folded)
        if plain.count < OwnSecrets.window {
            let bytes = plain.reduce(0) { $0 << 8 | UInt64($1) }
            short.append((bytes, (1 << (8 * UInt64(plain.count))) - 1, plain.count))
        } else {
            // Twelve bytes of a key are found in no other text by chance.
            writings.append(Writing(bytes: plain, least: min(plain.count, 12)))
        }
        guard secret.count >= 6 else { return }
        let hex = Array(Hex.text(secret).utf8)
        writings.append(Writing(bytes: hex, least: min(hex.count, 24), isEncoded: true))
        guard secret.count >= 9 else { return }
        // Within a longer text Base64 begins at any of three places; what depends on its neighbours is left out.
        for shift in 0..<3 {
            let whole = Base64.digits(of: Array(repeating: 0, count: shift) + secret)
            let digits = whole[(shift * 8 + 5) / 6..<(shift + secret.count) * 8 / 6].map(OwnSecrets.folded)
            writings.append(Writing(bytes: digits, least: min(digits.count, 16), isEncoded: true))
        }
    }

    /// Letters in one case, and the digits of both alphabets of Base64, and a blank and a form's `+`, as one.
    private static func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x41...0x5A: byte | 0x20
        case UInt8(ascii: "-"), UInt8(ascii: " "): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: byte
        }
    }

    /// Every byte, folded.
    private static let folds = (0...255).map { folded(UInt8($0)) }

    private static func hash(_ bytes: UInt64) -> Int { Int(truncatingIfNeeded: (bytes &* 0x9E37_79B9_7F4A_7C15) >> 48) }
    private static func place(of bytes: UInt64) -> Int { hash(bytes) >> 6 }
    private static func bit(of bytes: UInt64) -> UInt64 { 1 << UInt64(hash(bytes) & 63) }
}

// MARK: - Looking

extension OwnSecrets {
    /// The text with a mark where a secret stood.
    func removed(from text: String) -> String {
        guard !writings.isEmpty || !short.isEmpty else { return text }
        let source = Array(text.utf8)
        let plain = Unescaped(source)
        let ranges = ranges(in: plain.bytes)
        guard !ranges.isEmpty else { return text }
        var output: [UInt8] = []
        var kept = 0
        for range in ranges {
            output += source[kept..<plain.start(range.lowerBound)]
            output += "[redacted]".utf8
            kept = plain.start(range.upperBound)
        }
        output += source[kept...]
        return String(decoding: output, as: UTF8.self)
    }

    private func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        let (folds, filter, isShort) = (OwnSecrets.folds, filter, !short.isEmpty)
        var found: [Range<Int>] = []
        var (recent, filled, index): (UInt64, Int, Int) = (0, 0, 0)
        while index < bytes.count {
            recent = recent << 8 | UInt64(folds[Int(bytes[index])])
            filled += 1
            index += 1
            let isLikely =
                !filter.isEmpty && filter[OwnSecrets.place(of: recent)] & OwnSecrets.bit(of: recent) != 0
            guard isLikely || isShort, let match = match(recent, filled: filled, endingAt: index, bytes) else {
                continue
            }
            let range = match.isWhole ? match.range : widened(match, found.last?.upperBound ?? 0, bytes)
            found.append(range)
            (recent, filled, index) = (0, 0, range.upperBound)
        }
        return found
    }

    /// The longest piece of a secret that the bytes read last begin.
    private func match(_ recent: UInt64, filled: Int, endingAt end: Int, _ bytes: [UInt8]) -> Match? {
        for secret in short where filled >= secret.count && recent & secret.mask == secret.bytes {
            return Match(range: end - secret.count..<end, isWhole: true, isEncoded: false)
        }
        guard filled >= OwnSecrets.window else { return nil }
        let start = end - OwnSecrets.window
        var best: Match?
        for anchor in anchors[firstAnchor(recent)...].prefix(while: { $0.bytes == recent }) {
            let writing = writings[anchor.writing]
            var length = OwnSecrets.window
            while anchor.offset + length < writing.bytes.count, start + length < bytes.count,
                OwnSecrets.folded(bytes[start + length]) == writing.bytes[anchor.offset + length]
            {
                length += 1
            }
            let isCut = anchor.offset == 0 && start + length == bytes.count
            guard length >= writing.least || isCut, length > best?.range.count ?? 0 else { continue }
            best = Match(
                range: start..<start + length, isWhole: !writing.isEncoded && length == writing.bytes.count,
                isEncoded: writing.isEncoded)
        }
        return best
    }

    private func firstAnchor(_ bytes: UInt64) -> Int {
        var (low, high) = (0, anchors.count)
        while low < high {
            let middle = (low + high) / 2
            if anchors[middle].bytes < bytes { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A piece with the rest of its word: a token that shares a piece with ours would not be known by its look any more, and
    /// the digits beside an encoded secret hold bits of it.
    private func widened(_ match: Match, _ floor: Int, _ bytes: [UInt8]) -> Range<Int> {
        var (start, end) = (match.range.lowerBound, match.range.upperBound)
        let dot = UInt8(ascii: ".")
        if match.isEncoded, start > floor, OwnSecrets.isDigit(bytes[start - 1]) { start -= 1 }
        while start > floor, OwnSecrets.isWord(bytes[start - 1]) { start -= 1 }
        while start < match.range.lowerBound, bytes[start] == dot { start += 1 }
        if match.isEncoded, end < bytes.count, OwnSecrets.isDigit(bytes[end]) { end += 1 }
        while end < bytes.count, OwnSecrets.isWord(bytes[end]) { end += 1 }
        while bytes[end - 1] == dot, end > match.range.upperBound { end -= 1 }
        while match.isEncoded, end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
        return start..<end
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// Whether a byte is a digit of Base64.
    private static func isDigit(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: ".") && isWord(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
    }
}
