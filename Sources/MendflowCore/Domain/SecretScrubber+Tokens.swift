private import MendflowText

/// Secrets that show by their own shape.
extension SecretScrubber {
    private static let prefixes = SecretWords.tokenPrefixes.map { Array($0.utf8) }

    /// The length of a token that is known by how it looks; nil where the word is none.
    func knownToken(_ word: ArraySlice<UInt8>) -> Int? {
        if let length = dottedToken(word) ?? botToken(word) { return length }
        guard word.count >= 16 else { return nil }
        if isNotion(word) || isTwilio(word) { return word.count }
        guard let prefix = SecretScrubber.prefixes.first(where: { word.starts(with: $0) }) else { return nil }
        return isRandom(word.dropFirst(prefix.count)) ? word.count : nil
    }

    /// Digits, or letters of both cases: what names of things seldom have.
    private func isRandom(_ run: ArraySlice<UInt8>) -> Bool {
        run.contains(where: SecretScrubber.isDigit)
            || run.contains { (65...90).contains($0) } && run.contains { (97...122).contains($0) }
    }

    /// JWTs (each part is Base64 of JSON that starts with `{"`), and keys of SendGrid, Google and Airtable.
    private func dottedToken(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.endIndex < bytes.count, bytes[word.endIndex] == UInt8(ascii: ".") else { return nil }
        let isJWT = word.starts(with: "eyJ".utf8)
        let least =
            word.elementsEqual("SG".utf8) ? 33 : word.elementsEqual("ya29".utf8) ? 17 : isJWT ? 1 : nil
        let isAirtable = word.count == 17 && word.starts(with: "pat".utf8)
        guard let least = least ?? (isAirtable ? 33 : nil) else { return nil }
        let end = self.end(from: word.endIndex) { SecretScrubber.isWord($0) || $0 == UInt8(ascii: ".") }
        return end - word.endIndex >= least ? end - word.startIndex : nil
    }

    /// Telegram's `123456789:AA...`, in its URLs after `bot`.
    private func botToken(_ word: ArraySlice<UInt8>) -> Int? {
        let digits = word.starts(with: "bot".utf8) ? word.dropFirst(3) : word
        guard digits.count >= 6, digits.allSatisfy(SecretScrubber.isDigit), word.endIndex < bytes.count,
            bytes[word.endIndex] == UInt8(ascii: ":")
        else { return nil }
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
