private import MendflowText

/// Takes likely secrets out of evidence before anything keeps or judges it, and bounds its length.
///
/// One pass over the bytes, each looked at a bounded number of times: error texts are made by strangers. It errs on the
/// side of taking too much out; words of ordinary messages ("Unexpected token <", "Bearer authentication") stay.
public struct SecretScrubber {
    /// What stands where a secret stood.
    public static let mark = "[redacted]"

    let bytes: [UInt8]
    var position = 0
    var output: [UInt8] = []
    /// Whether the position is in the path of a URL.
    var isInPath = false
    /// The word before the present one.
    var previous: Range<Int>?

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The text without likely secrets, at most `limit` bytes of UTF-8; a cut one ends with `…`.
    public static func scrub(_ text: String, limit: Int = 2048) -> String {
        // A redaction makes text shorter, so more than `limit` is read; how much more is bounded all the same.
        let bound = limit * 4 + 4096
        let input = text.utf8.count <= bound ? Array(text.utf8) : Array(text.utf8.prefix(bound))
        var scrubber = SecretScrubber(input)
        scrubber.run(limit: limit)
        let isCut = scrubber.output.count > limit || input.count < text.utf8.count
        guard isCut else { return String(decoding: scrubber.output, as: UTF8.self) }
        var kept = scrubber.output.prefix(max(0, limit - 3))
        while let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
        if let last = kept.last, last >= 0xC0 { kept.removeLast() }
        return String(decoding: kept, as: UTF8.self) + (limit >= 3 ? "…" : "")
    }

    private mutating func run(limit: Int) {
        while position < bytes.count, output.count <= limit {
            if skipMarked() { continue }
            guard SecretScrubber.isWord(bytes[position]) else {
                if !SecretScrubber.isPath(bytes[position]) { isInPath = false }
                output.append(bytes[position])
                position += 1
                continue
            }
            let end = self.end(from: position, while: SecretScrubber.isWord)
            let word = bytes[position..<end]
            if let length = knownToken(word) {
                redact(to: position + length)
            } else {
                output += word
                position = end
                redactValue(of: word)
            }
            previous = word.startIndex..<end
        }
    }

    /// Skips a secret that its surroundings show; each kind begins with a byte of its own.
    private mutating func skipMarked() -> Bool {
        switch bytes[position] {
        case UInt8(ascii: "-"): skipPrivateKey()
        case UInt8(ascii: ":"): skipUserInfo()
        case UInt8(ascii: "%"): skipEncodedUserInfo()
        case UInt8(ascii: "/"): skipPathSecret()
        default: false
        }
    }

    mutating func redact(to end: Int) {
        output += SecretScrubber.mark.utf8
        position = end
    }

    func end(from start: Int, while holds: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, holds(bytes[end]) { end += 1 }
        return end
    }

    func stands(_ text: String, at start: Int) -> Bool {
        let wanted = text.utf8.span
        guard start >= 0, start + wanted.count <= bytes.count else { return false }
        for offset in wanted.indices where bytes[start + offset] != wanted[offset] { return false }
        return true
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    static func isCredential(_ byte: UInt8) -> Bool {
        isWord(byte) || [".", "~", "+", "/", "=", "%"].contains(Unicode.Scalar(byte))
    }
}

// Secrets that show by the name before them: `name=value`, `name: value`, `"name":"value"`, `Bearer value`.
extension SecretScrubber {
    private func kind(of word: ArraySlice<UInt8>) -> SecretName {
        let before = word.startIndex > 0 ? bytes[word.startIndex - 1] : 0
        let isInQuery = before == UInt8(ascii: "?") || before == UInt8(ascii: "&")
        return SecretNames.known.kind(of: word, isInQuery: isInQuery) { isQualified(word) }
    }

    private mutating func redactValue(of word: ArraySlice<UInt8>) {
        let kind = self.kind(of: word)
        guard kind != .none else { return }
        var start = position
        if kind == .scheme {
            start = end(from: start) { $0 == 0x20 }
            let end = self.end(from: start, while: SecretScrubber.isCredential)
            guard start > position, end > start, !isOrdinary(bytes[start..<end]) else { return }
            output += bytes[position..<start]
            return redact(to: end)
        }
        start = skipQuote(from: start)?.end ?? start
        start = end(from: start) { $0 == 0x20 }
        guard start < bytes.count, bytes[start] == UInt8(ascii: ":") || bytes[start] == UInt8(ascii: "=") else {
            return redactTold()
        }
        start = end(from: start + 1) { $0 == 0x20 }
        let quote = skipQuote(from: start)
        start = quote?.end ?? start
        if quote == nil, isOrdinaryValue(bytes[start...].prefix(while: SecretScrubber.isPlain)) { return }
        let end = quote.map { endOfQuoted(from: start, $0) } ?? endOfPlain(from: start, isHeader: kind == .header)
        guard end > start, !isOrdinaryValue(bytes[start..<end]) else { return }
        output += bytes[position..<start]
        redact(to: end)
    }

    /// Whether `key` stands behind `api` or the like, apart from it by one blank.
    private func isQualified(_ word: ArraySlice<UInt8>) -> Bool {
        guard let previous, previous.upperBound + 1 == word.startIndex, bytes[previous.upperBound] == 0x20,
            previous.count <= 12
        else { return false }
        let name = String(decoding: bytes[previous], as: UTF8.self).lowercased()
        return SecretWords.keyQualifiers.contains(name)
    }

    /// A value that a sentence tells: `api key is X`, `API key provided: X`. Ordinary words stay.
    private mutating func redactTold() {
        var start = position
        var isTold = false
        for _ in 0..<3 {
            let word = end(from: start) { $0 == 0x20 }
            let wordEnd = end(from: word, while: SecretScrubber.isWord)
            guard word > start, (2...8).contains(wordEnd - word) else { break }
            let text = String(decoding: bytes[word..<wordEnd], as: UTF8.self).lowercased()
            guard ["is", "was", "provided", "given", "used", "value"].contains(text) else { break }
            isTold = true
            start = wordEnd
        }
        guard isTold else { return }
        let value = end(from: start) { [0x20, 0x22, 0x27, 0x3A, 0x3D].contains($0) }
        var end = end(from: value, while: SecretScrubber.isCredential)
        while end > value, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
        let told = bytes[value..<end]
        guard value > start, told.count >= 6, !isOrdinary(told), told.contains(where: { (48...57).contains($0) }) else {
            return
        }
        output += bytes[position..<value]
        redact(to: end)
    }

    /// A quotation mark, after backslashes where the JSON stands inside a string.
    private func skipQuote(from start: Int) -> (mark: UInt8, backslashes: Int, end: Int)? {
        let end = self.end(from: start) { $0 == UInt8(ascii: "\\") }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") || bytes[end] == UInt8(ascii: "'") else { return nil }
        return (bytes[end], end - start, end + 1)
    }

    private func endOfQuoted(from start: Int, _ quote: (mark: UInt8, backslashes: Int, end: Int)) -> Int {
        var index = start
        var backslashes = 0
        while index < bytes.count {
            if bytes[index] == quote.mark,
                quote.backslashes == 0 ? backslashes.isMultiple(of: 2) : backslashes <= quote.backslashes
            {
                return quote.backslashes == 0 ? index : index - backslashes
            }
            backslashes = bytes[index] == UInt8(ascii: "\\") ? backslashes + 1 : 0
            index += 1
        }
        return index
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && !["&", ",", ";", "\"", "'", ")", "}", "]", "<", ">", "\\"].contains(Unicode.Scalar(byte))
    }

    private func endOfPlain(from start: Int, isHeader: Bool) -> Int {
        // Headers have blanks and semicolons inside: `Bearer x`, `a=1; b=2`. They end with the line or the quotation.
        if isHeader { return end(from: start) { $0 >= 0x20 && $0 != 0x22 && $0 != 0x27 && $0 != 0x5C } }
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else {
            return end(from: start, while: SecretScrubber.isPlain)
        }
        var depth = 0
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "{") || bytes[index] == UInt8(ascii: "[") { depth += 1 }
            if bytes[index] == UInt8(ascii: "}") || bytes[index] == UInt8(ascii: "]") { depth -= 1 }
            index += 1
            if depth == 0 { break }
        }
        return index
    }

    /// A word of a sentence: letters, all but the first in lower case, and not long.
    private func isOrdinary(_ run: ArraySlice<UInt8>) -> Bool {
        run.count < 20 && run.first.map { Unicode.Scalar($0).properties.isAlphabetic } == true
            && run.dropFirst().allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: ".") }
    }

    private func isOrdinaryValue(_ value: ArraySlice<UInt8>) -> Bool {
        ["null", "undefined", "true", "false", SecretScrubber.mark].contains { value.elementsEqual($0.utf8) }
    }
}
