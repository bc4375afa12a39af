private import MendflowText

// Secrets whose names stand apart from them: in another member, attribute, field or element beside them.
extension SecretScrubber {
    /// The name of a secret that stands apart from its value.
    struct NamedApart {
        /// So far the value may stand.
        var end: Int
        /// Where the tag begins in which the name stands; nil where it stands in none, or is the text of an element.
        var tag: Int?
        /// Whether it is the element's own name, so that what stands in it and between its tags are both secret.
        var isElement = false
    }

    /// `"name":"api_key"`, `name=password`, `<key>password</key>`: after the name of a secret, whether it is what a label
    /// names, so that the value stands elsewhere.
    mutating func notePair(_ word: ArraySlice<UInt8>) {
        guard let previous, word.startIndex - previous.upperBound <= 8, previous.count <= 10 else { return }
        let between = bytes[previous.upperBound..<word.startIndex]
        let isText = between.elementsEqual(">".utf8)
        guard isText || between.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=") }),
            between.allSatisfy({ !SecretScrubber.isWord($0) && $0 != 0x0A && $0 != UInt8(ascii: ",") }),
            SecretWords.labels.contains(lowercased(bytes[previous]))
        else { return }
        pair = NamedApart(end: position + 256, tag: isText ? nil : tag)
    }

    /// Whether a word is `value` or the like while the value of a secret's name is looked for.
    func isPairValue(_ word: ArraySlice<UInt8>) -> Bool {
        guard let pair, position <= pair.end else { return false }
        return isLabelled(word)
    }

    /// Whether a word holds the value of what another one names.
    private func isLabelled(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count <= 7 else { return false }
        switch word[word.startIndex] | 0x20 {
        case UInt8(ascii: "v"), UInt8(ascii: "c"), UInt8(ascii: "s"), UInt8(ascii: "d"), UInt8(ascii: "t"):
            return valueFollows(position) && SecretWords.labelled.contains(lowercased(word))
        default: return false
        }
    }

    private func valueFollows(_ start: Int) -> Bool {
        let index = skipBlanks(from: skipQuote(from: start)?.end ?? start)
        return index < bytes.count && [UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: ">")].contains(bytes[index])
    }

    /// `"value":"x","name":"api_key"`: whether the value that stands behind a word is that of a secret whose name follows it.
    func isNamedBehind(_ word: ArraySlice<UInt8>) -> Bool {
        guard isLabelled(word) else { return false }
        var index = skipSeparators(from: position)
        // The value, which may be quoted.
        if let quote = skipQuote(from: max(position, index - 1)), quote.end == index {
            index += bytes[index...].prefix(256).prefix { $0 != quote.mark }.count
        } else {
            index += bytes[index...].prefix(256).prefix(while: SecretScrubber.isPlain).count
        }
        let label =
            index + bytes[index...].prefix(8).prefix { !SecretScrubber.isWord($0) && $0 != UInt8(ascii: "}") }.count
        let labelEnd = label + bytes[label...].prefix(12).prefix(while: SecretScrubber.isWord).count
        guard SecretWords.labels.contains(lowercased(bytes[label..<labelEnd])) else { return false }
        let name = skipSeparators(from: labelEnd)
        let nameEnd = name + bytes[name...].prefix(64).prefix(while: SecretScrubber.isWord).count
        switch SecretNames.known.kind(of: bytes[name..<nameEnd], isInQuery: false, isQualified: { false }) {
        case .value, .header: return name > labelEnd
        default: return false
        }
    }

    private func skipSeparators(from start: Int) -> Int {
        start
            + bytes[min(start, bytes.count)...].prefix(8).prefix {
                [0x20, 0x09, 0x22, 0x27, 0x5C, UInt8(ascii: ":"), UInt8(ascii: "=")].contains($0)
            }.count
    }

    /// Notes where tags begin; at the end of one takes out the text behind it where the tag names a secret. An object ends
    /// what its members name.
    mutating func skipBracket() -> Bool {
        switch bytes[position] {
        case UInt8(ascii: "<"):
            tag = position
            return false
        case UInt8(ascii: "}"):
            pair = nil
            return false
        default: break
        }
        guard let known = pair, known.tag != nil, known.tag == tag, position <= known.end else { return false }
        pair = nil
        guard bytes[position - 1] != UInt8(ascii: "/") else { return false }
        let start = elementText(from: position) ?? position + 1
        if start < bytes.count, bytes[start] == UInt8(ascii: "<") {
            // The value is in an element of its own.
            pair = NamedApart(end: position + 256)
            return false
        }
        var end = start + bytes[min(start, bytes.count)...].prefix(4096).prefix { $0 != UInt8(ascii: "<") }.count
        while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
        guard end > start, !isOrdinaryValue(bytes[start..<end]) else { return false }
        output += bytes[position..<start]
        redact(to: end)
        return true
    }

    /// A name in letters beyond ASCII, and the value behind it.
    mutating func skipForeignName() -> Bool {
        guard let name = SecretWords.foreign.first(where: { stands($0, at: position) }) else { return false }
        let start = position
        position += name.utf8.count
        output += bytes[start..<position]
        redactValue(.value, of: bytes[start..<position])
        return true
    }

    /// Hashes of passwords, which can be guessed from: bcrypt's, Argon2's, those of crypt.
    mutating func skipPasswordHash() -> Bool {
        guard SecretWords.hashMarks.contains(where: { stands($0, at: position) }) else { return false }
        let end = end(from: position + 1) {
            SecretScrubber.isCredential($0) || $0 == UInt8(ascii: "$") || $0 == UInt8(ascii: ",")
        }
        guard end - position >= 28 else { return false }
        redact(to: end)
        return true
    }

    func lowercased(_ word: ArraySlice<UInt8>) -> String {
        String(decoding: word.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
