internal import MendflowText

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
    /// Where the last `<` stands.
    var tag: Int?
    /// The name of a secret that stands apart from its value.
    var pair: NamedApart?
    /// The command whose options are read, and where it ends.
    var command: (known: SecretWords.Command, end: Int)?

    /// Whether the name before a value says something of it.
    private var minds = true

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A name of a workflow, a node or a tag without what is a secret by its look alone: names are compared, and "Reset
    /// password: step 2" is one.
    public static func scrub(name: String) -> String {
        var scrubber = SecretScrubber(Array(name.utf8))
        scrubber.minds = false
        scrubber.run(limit: .max)
        return String(decoding: scrubber.output, as: UTF8.self)
    }

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
            if minds ? skipMarked() : bytes[position] == UInt8(ascii: "~") && skipAzureSecret() { continue }
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
                if minds { redactValue(of: word) }
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
        case UInt8(ascii: "~"): skipAzureSecret()
        case UInt8(ascii: "$"): skipPasswordHash()
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "}"): skipBracket()
        case 0xC3...0xF4: skipForeignName()
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
