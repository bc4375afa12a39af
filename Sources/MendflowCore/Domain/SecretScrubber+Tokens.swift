private import MendflowText

/// Secrets that show by their own shape.
extension SecretScrubber {
    /// A beginning with how many bytes follow it, and what they look like.
    private typealias Beginning = (text: [UInt8], least: Int, rest: SecretShapes.Rest)

    /// Beginnings of tokens by their first byte.
    private static let prefixes = byFirstByte(SecretShapes.prefixes)
    /// First parts of tokens in several parts by their first byte.
    private static let dotted = byFirstByte(SecretShapes.dotted)
    /// Beginnings of what is longer than a word.
    private static let runs = byFirstByte(SecretShapes.runs)

    private static func byFirstByte(_ shapes: [SecretShapes.Prefix]) -> [[Beginning]] {
        var table = [[Beginning]](repeating: [], count: 128)
        for shape in shapes {
            let text = Array(shape.text.utf8)
            table[Int(text[0] & 0x7F)].append((text, shape.least, shape.rest))
        }
        return table
    }

    /// The length of a token that is known by how it looks; nil where the word is none.
    func knownToken(_ word: ArraySlice<UInt8>) -> Int? {
        if word.endIndex < bytes.count {
            if bytes[word.endIndex] == UInt8(ascii: "."), let length = dottedToken(word) { return length }
            if bytes[word.endIndex] == UInt8(ascii: ":"), let length = botToken(word) { return length }
        }
        if let length = run(from: word.startIndex) { return length }
        guard word.count >= 16 else { return nil }
        if isNotion(word) || isTwilio(word) || isBareDigest(word) || isMarked(word) { return word.count }
        let count = word.count
        // Not more than a handful of them begin with one letter.
        for beginning in SecretScrubber.prefixes[Int(word[word.startIndex] & 0x7F)]
        where count >= beginning.text.count + beginning.least && word.starts(with: beginning.text) {
            if fits(word.dropFirst(beginning.text.count), beginning.rest) { return count }
        }
        return isMailchimp(word) || isMailgun(word) ? count : nil
    }

    private func fits(_ run: ArraySlice<UInt8>, _ rest: SecretShapes.Rest) -> Bool {
        switch rest {
        case .mixed: isRandom(run)
        case .dense: SecretScrubber.isDense(run)
        case .uuid: run.count == 36 && isUUID(at: run.startIndex)
        }
    }

    /// Twelve or more letters and digits in a row in which both stand, or twenty of both cases: no name is so.
    static func isDense(_ run: ArraySlice<UInt8>) -> Bool {
        run.split { !isLetterOrDigit($0) }.contains { part in
            let (digits, lower) = (part.count(where: isDigit), part.count { (97...122).contains($0) })
            let upper = part.count - digits - lower
            return part.count >= 12 && digits >= 2 && lower + upper >= 2 || part.count >= 20 && lower > 3 && upper > 3
        }
    }

    /// What goes on beyond a word: in signs of Base64, and a key over its lines.
    private func run(from start: Int) -> Int? {
        let known = SecretScrubber.runs[Int(bytes[start] & 0x7F)].first { shape in
            start + shape.text.count <= bytes.count && bytes[start..<start + shape.text.count].elementsEqual(shape.text)
        }
        guard let known else { return nil }
        let rest = start + known.text.count
        let look = bytes[rest...].prefix(200).prefix(while: SecretScrubber.isCredential)
        guard look.count >= known.least, fits(look, known.rest) else { return nil }
        var end = self.end(from: rest, while: SecretScrubber.isCredential)
        while true {
            // A line break, or one that is written as `\n`.
            let next = self.end(from: end) { [0x0A, 0x0D, 0x5C, UInt8(ascii: "n"), UInt8(ascii: "r")].contains($0) }
            guard next > end, bytes[end] == 0x5C || bytes[end] == 0x0A || bytes[end] == 0x0D else { break }
            let line = self.end(from: next, while: SecretScrubber.isCredential)
            guard line - next >= 16, SecretScrubber.isDense(bytes[next..<line]) else { break }
            end = line
        }
        return end - start
    }

    /// Keys that bear their service's mark inside or at their end: Azure's of 84 bytes, MaxMind's.
    private func isMarked(_ word: ArraySlice<UInt8>) -> Bool {
        let marks = word.count == 40 ? ["_mmk"] : (76...88).contains(word.count) ? ["JQQJ99", "AZDO", "ACDb"] : []
        return marks.contains { mark in
            word.indices.contains { bytes[$0...].prefix(mark.utf8.count).elementsEqual(mark.utf8) }
        }
    }

    /// Mailgun's 32 hexadecimal digits with eight and eight behind them.
    private func isMailgun(_ word: ArraySlice<UInt8>) -> Bool {
        word.count == 50
            && word.split(separator: UInt8(ascii: "-")).map(\.count) == [32, 8, 8]
            && word.allSatisfy { SecretScrubber.isHexDigit($0) || $0 == UInt8(ascii: "-") }
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
        let isTerraform = word.count == 14 && stands(".atlasv1.", at: word.endIndex)
        guard isAirtable || isDiscord || isTerraform || known != nil else { return nil }
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
        // Parts of a JWT may be padded.
        let isPadded = word.starts(with: "eyJ".utf8)
        return end(from: word.endIndex) { SecretScrubber.isDotted($0) || isPadded && $0 == UInt8(ascii: "=") }
            - word.startIndex
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
        // SSH's own form has four dashes and a blank.
        guard stands("-----BEGIN", at: position) || stands("---- BEGIN", at: position) else { return false }
        let label = end(from: position + 10) { $0 != UInt8(ascii: "-") }
        // A blank may be `%20` or `+`.
        guard String(decoding: bytes[position..<label].prefix(60), as: UTF8.self).contains("PRIVATE") else {
            return false
        }
        var end = label
        while end < bytes.count, !stands("-----END", at: end), !stands("---- END", at: end) { end += 1 }
        end = self.end(from: min(end + 8, bytes.count)) { $0 != UInt8(ascii: "-") }
        redact(to: self.end(from: end) { $0 == UInt8(ascii: "-") })
        return true
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
