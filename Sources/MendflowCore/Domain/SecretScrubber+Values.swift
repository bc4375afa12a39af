private import MendflowText

// Secrets that show by the name before them: `name=value`, `name: value`, `"name":"value"`, `Bearer value`.
extension SecretScrubber {
    private func kind(of word: ArraySlice<UInt8>) -> SecretName {
        let before = word.startIndex > 0 ? bytes[word.startIndex - 1] : 0
        let isInQuery = before == UInt8(ascii: "?") || before == UInt8(ascii: "&")
        let kind = SecretNames.known.kind(of: word, isInQuery: isInQuery) { isQualified(word) }
        if kind == .code, isCodeOfAccess { return .value }
        guard kind == .none else { return kind }
        if isOwnKey(word) { return .weak(least: 8) }
        // `key = 17` is a database's.
        let isBareKey = word.count == 3 && stands("=", at: position) && lowercased(word) == "key"
        return isBareKey ? .dense : .none
    }

    /// `verification code`: whether what stands before `code` makes it one that lets in.
    private var isCodeOfAccess: Bool {
        guard let previous, previous.count <= 14 else { return false }
        return SecretWords.codeQualifiers.contains(lowercased(bytes[previous]))
    }

    /// `X-Whatever-Key`.
    private func isOwnKey(_ word: ArraySlice<UInt8>) -> Bool {
        guard word[word.startIndex] | 0x20 == UInt8(ascii: "x"), (6...40).contains(word.count),
            word[word.startIndex + 1] == UInt8(ascii: "-")
        else { return false }
        return lowercased(word.suffix(4)) == "-key"
    }

    mutating func redactValue(of word: ArraySlice<UInt8>) {
        if word[word.startIndex] == UInt8(ascii: "-"), redactOption(word) { return }
        if isPairValue(word) || isNamedBehind(word) { return redactPaired(word) }
        if isStatement(word) { return redactValue(.value, at: skipBlanks(from: position)) }
        let kind = self.kind(of: word)
        switch kind {
        case .none:
            // `contrase` and its kin, which go on beyond ASCII.
            guard position < bytes.count, bytes[position] >= 0xC3, word.count <= 8 else { return }
            redactForeign(word)
        case .command(let index): note(SecretWords.commands[index])
        case .scheme: redactCredential()
        default: if !redactAuth(word) { redactValue(kind, of: word) }
        }
    }

    /// The value of a name, or what stands apart from it.
    mutating func redactValue(_ kind: SecretName, of word: ArraySlice<UInt8>) {
        let written = output.count
        if let value = valueStart(of: word, kind) { redactValue(kind, at: value) }
        if output.count == written, kind == .value || kind == .header { notePair(word) }
    }

    private mutating func redactPaired(_ word: ArraySlice<UInt8>) {
        let isElement = pair?.isElement == true
        if let value = valueStart(of: word, .value) { redactValue(.value, at: value) }
        if !isElement { pair = nil }
    }

    /// A word that is the beginning of a name in letters beyond ASCII.
    private mutating func redactForeign(_ word: ArraySlice<UInt8>) {
        guard let name = SecretWords.foreign.first(where: { stands($0, at: word.startIndex) }) else { return }
        let end = word.startIndex + name.utf8.count
        output += bytes[position..<end]
        position = end
        redactValue(.value, of: bytes[word.startIndex..<end])
    }

    /// The word behind `Bearer`, if it is none of a sentence.
    private mutating func redactCredential() {
        let start = skipBlanks(from: position)
        let end = self.end(from: start, while: SecretScrubber.isCredential)
        // `-A bearer -a x` goes on with another option.
        guard start > position, end > start, !isOrdinary(bytes[start..<end]), bytes[start] != UInt8(ascii: "-") else {
            return
        }
        output += bytes[position..<start]
        redact(to: end)
    }

    /// Where the value of a name begins, behind what stands between; nil where a sentence goes on, whose value is taken out
    /// here, or where there is none.
    private mutating func valueStart(of word: ArraySlice<UInt8>, _ kind: SecretName) -> Int? {
        if isElement(word), position < bytes.count {
            if bytes[position] == UInt8(ascii: ">"), let start = elementText(from: position) {
                guard start < bytes.count, bytes[start] == UInt8(ascii: "<") else { return start }
                // Elements of its own.
                pair = NamedApart(end: position + 256)
                return nil
            }
            // Its attributes, and the text behind them.
            if SecretScrubber.isBlank(bytes[position]), let tag {
                pair = NamedApart(end: position + 256, tag: tag, isElement: true)
                return nil
            }
        }
        if let start = escapedElementText(of: word) { return start }
        let quote = skipQuote(from: position)
        var start = skipBlanks(from: skipEscapedQuote(from: skipIndex(from: quote?.end ?? position)))
        guard start < bytes.count else { return nil }
        if let value = arrowStart(of: word, start) { return value }
        if let value = endOfEscapedSeparator(at: start) { return skipEscapedQuote(from: skipBlanks(from: value)) }
        switch bytes[start] {
        case UInt8(ascii: ":"), UInt8(ascii: "="):
            start += 1
            // `=>`, `:=`, `==`
            while start < bytes.count, bytes[start] == UInt8(ascii: ">") || bytes[start] == UInt8(ascii: "=") {
                start += 1
            }
            return skipEscapedQuote(from: skipFold(of: word, from: skipBlanks(from: start)))
        case UInt8(ascii: "("):
            // A function's argument, `password("x")`, and no error's words, `ExpiredSignature("Signature has expired")`.
            guard start == position, let quote = skipQuote(from: start + 1), quote.end == start + 2 else { return nil }
            let isSentence = bytes[quote.end...].prefix(64).prefix { $0 != quote.mark }.contains(0x20)
            return isSentence ? nil : start + 1
        case UInt8(ascii: ","), UInt8(ascii: "v"):
            return quote == nil ? optionStart(word, start, kind) : pairStart(from: start)
        default: return optionStart(word, start, kind)
        }
    }

    mutating func redactValue(_ kind: SecretName, at value: Int) {
        let quote = skipQuote(from: value)
        let start = quote?.end ?? value
        guard mayBeSecret(from: start, kind) else { return }
        if quote == nil, let argument = argument(at: start) { return redactValue(kind, at: argument) }
        if quote == nil, isOrdinaryValue(bytes[start...].prefix(while: SecretScrubber.isPlain)) { return }
        let end = quote.map { endOfQuoted(from: start, $0) } ?? endOfPlain(from: start, isHeader: kind == .header)
        guard end > start, !isOrdinaryValue(bytes[start..<end]) else { return }
        output += bytes[position..<start]
        redact(to: end)
    }

    /// Where the quoted argument of a call begins: `decrypt('x')`.
    private func argument(at start: Int) -> Int? {
        let name = bytes[min(start, bytes.count)...].prefix(24).prefix(while: SecretScrubber.isWord)
        guard !name.isEmpty, stands("(", at: name.endIndex),
            skipQuote(from: name.endIndex + 1).map({ $0.end == name.endIndex + 2 }) == true
        else { return nil }
        return name.endIndex + 1
    }

    /// Whether a value is a secret behind a name that says it of any value, or of some, which their beginning tells: what is
    /// left as it is will be looked at again, so it is not looked at to its end.
    private func mayBeSecret(from start: Int, _ kind: SecretName) -> Bool {
        let value = bytes[min(start, bytes.count)...].prefix(128).prefix(while: SecretScrubber.isPlain)
        switch kind {
        case .weak(let least): return value.count >= least && isMixed(value)
        case .dense: return SecretScrubber.isDense(value)
        case .code:
            // Codes of errors are in capitals, or words with a number.
            return value.count >= 10 && value.contains { (97...122).contains($0) }
                && value.count(where: SecretScrubber.isDigit) >= 2
        default: return true
        }
    }

    /// Letters and digits.
    func isMixed(_ value: ArraySlice<UInt8>) -> Bool {
        value.contains(where: SecretScrubber.isDigit) && value.contains { (97...122).contains($0 | 0x20) }
    }

    // MARK: - Without a colon

    /// Where the value of a command's option begins: `--password x`. What stands behind another name and nothing but a blank
    /// is taken out here, if it looks like none of a sentence's words.
    private mutating func optionStart(_ word: ArraySlice<UInt8>, _ start: Int, _ kind: SecretName) -> Int? {
        guard kind == .value || kind == .header, start > position else { return nil }
        let opening = skipQuote(from: start)?.end ?? start
        let value = bytes[opening...].prefix(while: SecretScrubber.isCredential)
        if word.first == UInt8(ascii: "-"), word.count >= 4, let first = value.first, first != UInt8(ascii: "-") {
            let text = value.count <= 8 ? String(decoding: value, as: UTF8.self) : ""
            return SecretWords.verbs.contains(text) ? nil : start
        }
        let isTab = bytes[position..<start].contains(0x09)
        let isQuoted = opening > start && isMixed(value) && value.count >= 6 && !isUnexpected
        let isSecret =
            isTab
            ? value.count >= 3 && !isOrdinary(value)
            : isQuoted || value.count >= 8 && isMixed(value) && !isName(value)
                || value.count >= 5 && isMixed(value) && isExtensionHeader(word)
        guard isSecret else {
            redactTold()
            return nil
        }
        output += bytes[position..<opening]
        redact(to: value.last == UInt8(ascii: ".") ? value.endIndex - 1 : value.endIndex)
        return nil
    }

    /// `X-Auth-Token`.
    private func isExtensionHeader(_ word: ArraySlice<UInt8>) -> Bool {
        word.count >= 8 && word[word.startIndex] | 0x20 == UInt8(ascii: "x")
            && word[word.startIndex + 1] == UInt8(ascii: "-")
    }

    /// `Unexpected token 'a1'` speaks of another kind of token.
    private var isUnexpected: Bool {
        previous.map { $0.count <= 10 && ["unexpected", "invalid", "unknown"].contains(lowercased(bytes[$0])) } == true
    }

    /// Whether a run is made of words: `v2-beta`, `rfc6750`, `oauth2`.
    func isName(_ run: ArraySlice<UInt8>) -> Bool {
        run.count < 20 && run.count(where: SecretScrubber.isDigit) < 3
    }

    /// Whether `key` stands behind `api` or the like, apart from it by one blank.
    private func isQualified(_ word: ArraySlice<UInt8>) -> Bool {
        guard let previous, previous.upperBound + 1 == word.startIndex,
            bytes[previous.upperBound] == 0x20 || bytes[previous.upperBound] == 0x2E,
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
            if !isTold, text == "for", let colon = bytes[wordEnd...].prefix(48).firstIndex(of: UInt8(ascii: ":")) {
                // `password for user me: X`
                (isTold, start) = (!bytes[wordEnd..<colon].contains(0x0A), colon)
                break
            }
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
}
