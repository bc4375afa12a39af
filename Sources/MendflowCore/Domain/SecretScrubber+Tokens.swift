private import MendflowText

/// Secrets that show by their own shape.
extension SecretScrubber {
    /// A beginning with how many bytes follow it.
    private typealias Beginning = (text: [UInt8], least: Int)

    /// Beginnings of tokens by their first byte.
    private static let prefixes = byFirstByte(SecretShapes.prefixes)
    /// First parts of tokens in several parts by their first byte.
    private static let dotted = byFirstByte(SecretShapes.dotted)

    private static func byFirstByte(_ shapes: [SecretShapes.Prefix]) -> [[Beginning]] {
        var table = [[Beginning]](repeating: [], count: 128)
        for shape in shapes {
            let text = Array(shape.text.utf8)
            table[Int(text[0] & 0x7F)].append((text, shape.least))
        }
        return table
    }

    /// The length of a token that is known by how it looks; nil where the word is none.
    func knownToken(_ word: ArraySlice<UInt8>) -> Int? {
        if word.endIndex < bytes.count {
            if bytes[word.endIndex] == UInt8(ascii: "."), let length = dottedToken(word) { return length }
            if bytes[word.endIndex] == UInt8(ascii: ":"), let length = botToken(word) { return length }
        }
        guard word.count >= 16 else { return nil }
        if isNotion(word) || isTwilio(word) || isBareDigest(word) { return word.count }
        let count = word.count
        // Not more than a handful of them begin with one letter.
        for beginning in SecretScrubber.prefixes[Int(word[word.startIndex] & 0x7F)]
        where count >= beginning.text.count + beginning.least && word.starts(with: beginning.text) {
            if isRandom(word.dropFirst(beginning.text.count)) { return count }
        }
        return isMailchimp(word) ? count : nil
    }

    /// Sixty-four hexadecimal digits that nothing calls a digest: what is signed or sealed with as a rule.
    private func isBareDigest(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count == 64, word.allSatisfy(SecretScrubber.isHexDigit) else { return false }
        guard let previous, word.startIndex - previous.upperBound <= 4, previous.count <= 16 else { return true }
        let name = bytes[previous].filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        return !SecretWords.digestNames.contains(String(decoding: name, as: UTF8.self).lowercased())
    }

    /// Mailchimp's 32 hexadecimal digits with the data centre behind them: `...-us12`.
    private func isMailchimp(_ word: ArraySlice<UInt8>) -> Bool {
        (36...37).contains(word.count) && word[word.startIndex + 32] == UInt8(ascii: "-")
            && word[(word.startIndex + 33)...].starts(with: "us".utf8)
            && word.prefix(32).allSatisfy(SecretScrubber.isHexDigit)
    }

    /// Digits, or letters of both cases: what names of things seldom have.
    private func isRandom(_ run: ArraySlice<UInt8>) -> Bool {
        run.contains(where: SecretScrubber.isDigit)
            || run.contains { (65...90).contains($0) } && run.contains { (97...122).contains($0) }
    }

    /// A token in several parts: a JWT (each part is Base64 of JSON that starts with `{"`), those with a known first part,
    /// Discord's, and what stands behind a known first part.
    private func dottedToken(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.count <= 40 || word.starts(with: "eyJ".utf8) else { return nil }
        let isAirtable = word.count == 17 && word.starts(with: "pat".utf8)
        let isDiscord = (23...28).contains(word.count) && isRandom(word)
        let known = SecretScrubber.dotted[Int(word[word.startIndex] & 0x7F)].first {
            word.elementsEqual($0.text) || ($0.text.elementsEqual("eyJ".utf8) && word.starts(with: $0.text))
        }
        guard isAirtable || isDiscord || known != nil else { return nil }
        // What is no token is looked at again, so its beginning has to tell.
        let rest = bytes[word.endIndex...].prefix(200).prefix(while: SecretScrubber.isDotted)
        let least = known?.least ?? (isAirtable ? 33 : 34)
        guard rest.count >= least else { return nil }
        // Names of hosts have parts, too: one of a token's is long and random.
        let parts = rest.split(separator: UInt8(ascii: "."))
        if isDiscord, !isAirtable, known == nil {
            guard parts.count == 2, (5...7).contains(parts[0].count), parts[1].count >= 27 else { return nil }
        } else if least >= 10, !parts.contains(where: { $0.count >= 15 && isRandom($0) }) {
            return nil
        }
        return end(from: word.endIndex, while: SecretScrubber.isDotted) - word.startIndex
    }

    private static func isDotted(_ byte: UInt8) -> Bool { isWord(byte) || byte == UInt8(ascii: ".") }

    /// Telegram's `123456789:AA...`, in its URLs after `bot`.
    private func botToken(_ word: ArraySlice<UInt8>) -> Int? {
        let digits = word.starts(with: "bot".utf8) ? word.dropFirst(3) : word
        guard digits.count >= 6, digits.allSatisfy(SecretScrubber.isDigit) else { return nil }
        let end = self.end(from: word.endIndex + 1, while: SecretScrubber.isWord)
        return end - word.endIndex > 30 ? end - word.startIndex : nil
    }

    private func isNotion(_ word: ArraySlice<UInt8>) -> Bool {
        let rest = word.dropFirst(7)
        return word.starts(with: "secret_".utf8) && rest.count >= 24 && isRandom(rest)
            && !rest.contains(UInt8(ascii: "_")) && !rest.contains(UInt8(ascii: "-"))
    }

    private func isTwilio(_ word: ArraySlice<UInt8>) -> Bool {
        word.count == 34 && (word.starts(with: "SK".utf8) || word.starts(with: "AC".utf8))
            && word.dropFirst(2).allSatisfy(SecretScrubber.isHexDigit)
    }

    mutating func skipPrivateKey() -> Bool {
        guard stands("-----BEGIN", at: position) else { return false }
        let label = end(from: position + 10) { $0 != UInt8(ascii: "-") }
        guard String(decoding: bytes[position..<label], as: UTF8.self).contains("PRIVATE KEY") else { return false }
        var end = label
        while end < bytes.count, !stands("-----END", at: end) { end += 1 }
        end = self.end(from: min(end + 8, bytes.count)) { $0 != UInt8(ascii: "-") }
        redact(to: self.end(from: end) { $0 == UInt8(ascii: "-") })
        return true
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
