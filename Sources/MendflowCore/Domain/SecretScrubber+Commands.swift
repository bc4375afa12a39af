internal import MendflowText

// Secrets in the lines of commands: behind options, and in sentences of SQL.
extension SecretScrubber {
    /// Notes a command whose options are read from now on.
    mutating func note(_ known: SecretWords.Command) {
        if !known.behind.isEmpty {
            guard let previous, previous.count <= 10, known.behind.contains(lowercased(bytes[previous])) else { return }
        }
        if known.name.hasSuffix("pass"), stands("=", at: position) { return redactValue(.value, at: position + 1) }
        command = (known, position + 256)
    }

    /// What stands behind an option, if that is a secret: `-u me:secret`, `mysql -pSECRET`, `sshpass -p SECRET`.
    mutating func redactOption(_ word: ArraySlice<UInt8>) -> Bool {
        if redactUserOption(word) { return true }
        guard let command, word.startIndex <= command.end else { return false }
        let option = String(decoding: word.prefix(8), as: UTF8.self)
        if command.known.apart.contains(option), word.count == option.utf8.count {
            return redactWord(from: end(from: position, while: SecretScrubber.isBlank))
        }
        guard word.count >= 3 || position < bytes.count && bytes[position] > 0x20,
            command.known.glued.contains(String(option.prefix(2)))
        else { return false }
        // What is glued has been written already, as far as it is a word.
        let glued = word.startIndex + 2
        output.removeLast(position - glued)
        position = glued
        return redactWord(from: glued)
    }

    /// Takes out one word of a command's line, which may be quoted; false where none is there, or another option.
    private mutating func redactWord(from start: Int) -> Bool {
        let quote = skipQuote(from: start)
        let value = quote?.end ?? start
        let end =
            quote.map { endOfQuoted(from: value, $0) } ?? end(from: value) { $0 > 0x20 && $0 != 0x22 && $0 != 0x27 }
        let isWord = quote == nil && end - value <= 8 && SecretWords.verbs.contains(lowercased(bytes[value..<end]))
        guard end > value, quote != nil || bytes[value] != UInt8(ascii: "-"), bytes[value] != UInt8(ascii: "["), !isWord
        else {
            output += bytes[position..<max(position, start)]
            position = max(position, start)
            return true
        }
        output += bytes[position..<value]
        redact(to: end)
        return true
    }

    /// `-u me:secret` and its kin, `-ume:secret` and `-sSu me:secret` too: what stands behind the option and has a colon, or
    /// Samba's `%`, in it.
    private mutating func redactUserOption(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count <= 64 else { return false }
        let option = String(decoding: word.prefix(12), as: UTF8.self)
        let cluster = command?.known.name == "curl" ? endOfUserCluster(word) : nil
        let isApart = word.count <= 12 && SecretWords.userOptions.contains(option) || cluster == word.endIndex
        let isGlued = !isApart && cluster != nil
        guard isApart || isGlued else { return false }
        let blank = isGlued ? position : end(from: position) { SecretScrubber.isBlank($0) || $0 == UInt8(ascii: "=") }
        let start = isGlued ? cluster ?? blank : skipQuote(from: blank)?.end ?? blank
        let end = start + bytes[min(start, bytes.count)...].prefix(256).prefix(while: SecretScrubber.isPlain).count
        let value = bytes[min(start, end)..<end]
        guard isGlued || blank > position,
            value.dropFirst().contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "%") })
        else { return false }
        if isGlued {
            output.removeLast(position - start)
        } else {
            output += bytes[position..<start]
        }
        redact(to: end)
        return true
    }

    /// Where curl's `-u` ends, behind other options in the same word; nil where the word has none.
    private func endOfUserCluster(_ word: ArraySlice<UInt8>) -> Int? {
        let others = word.dropFirst().prefix { SecretWords.curlFlags.contains(Character(Unicode.Scalar($0))) }
        guard word.count >= 2, others.endIndex < word.endIndex, bytes[others.endIndex] | 0x20 == UInt8(ascii: "u")
        else {
            return nil
        }
        return others.endIndex + 1
    }

    /// `IDENTIFIED BY 'x'`, `WITH PASSWORD 'x'`: SQL has no sign between.
    func isStatement(_ word: ArraySlice<UInt8>) -> Bool {
        let first = word[word.startIndex] | 0x20
        guard word.count == 2 && first == UInt8(ascii: "b") || word.count == 8 && first == UInt8(ascii: "p"),
            let previous, previous.count <= 10
        else { return false }
        // In capitals it is SQL's word, whatever stands before it.
        let isBy = word.count == 2 && lowercased(word) == "by" && lowercased(bytes[previous]) == "identified"
        guard isBy || word.elementsEqual("PASSWORD".utf8) || lowercased(word) == "password" && isLogin(bytes[previous])
        else {
            return false
        }
        let start = skipBlanks(from: position)
        let value = bytes[start...].prefix(while: SecretScrubber.isCredential)
        return start > position && (skipQuote(from: start) != nil || isBy && value.count >= 6 && isMixed(value))
    }

    private func isLogin(_ word: ArraySlice<UInt8>) -> Bool {
        ["with", "encrypted", "user", "login"].contains(lowercased(word))
    }

    /// `AUTH user secret`: the second word, where the first is one.
    private mutating func redactSecond(_ first: ArraySlice<UInt8>) -> Bool {
        let start = skipBlanks(from: first.endIndex)
        let value = bytes[start...].prefix(while: SecretScrubber.isCredential)
        guard isOrdinary(first), start > first.endIndex, value.count >= 6, isMixed(value) else { return false }
        output += bytes[position..<start]
        redact(to: value.endIndex)
        return true
    }

    /// Redis's `AUTH secret`, and a mail server's `AUTH PLAIN secret`.
    mutating func redactAuth(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.elementsEqual("AUTH".utf8) else { return false }
        var start = skipBlanks(from: position)
        var end = self.end(from: start, while: SecretScrubber.isCredential)
        let isMethod =
            end - start <= 12 && SecretWords.authMethods.contains(String(decoding: bytes[start..<end], as: UTF8.self))
        if isMethod {
            start = skipBlanks(from: end)
            end = self.end(from: start, while: SecretScrubber.isCredential)
        }
        let value = bytes[start..<end]
        guard start > position, value.count >= 6, isMixed(value), isMethod || !isName(value) else {
            return !isMethod && redactSecond(value)
        }
        output += bytes[position..<start]
        redact(to: end)
        return true
    }
}
