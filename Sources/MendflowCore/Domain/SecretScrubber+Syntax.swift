private import MendflowText

// How values are written: in quotes, in elements, in pairs of a list, behind options of a command.
extension SecretScrubber {
    /// Whether a word is the name of an element: `<password`, `<wsse:Password`.
    func isElement(_ word: ArraySlice<UInt8>) -> Bool {
        var before = word.startIndex - 1
        if before > 0, bytes[before] == UInt8(ascii: ":"), let previous, previous.upperBound == before {
            before = previous.lowerBound - 1
        }
        return before >= 0 && bytes[before] == UInt8(ascii: "<")
    }

    /// `name[0]`, `user[name]`, `%5Bname%5D`: what closes or indexes the name, where a value follows.
    func skipIndex(from start: Int) -> Int {
        var index = start
        if index < bytes.count, bytes[index] == UInt8(ascii: "[") {
            index = end(from: index + 1, while: SecretScrubber.isDigit)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") { index += 1 }
        if stands("%5D", at: index) || stands("%5d", at: index) { index += 3 }
        if let quote = skipQuote(from: index), quote.end < bytes.count, bytes[quote.end] == UInt8(ascii: "]") {
            index = quote.end + 1
        }
        guard index > start, index < bytes.count else { return start }
        return bytes[index] == UInt8(ascii: "=") || bytes[index] == UInt8(ascii: ":") || bytes[index] == 0x20
            ? index : start
    }

    /// A quotation mark as HTML or a URL writes it.
    func skipEscapedQuote(from start: Int) -> Int {
        guard start < bytes.count,
            bytes[start] == UInt8(ascii: "&") || bytes[start] == UInt8(ascii: "%") || bytes[start] == UInt8(ascii: "\\")
        else {
            return start
        }
        let mark = SecretWords.escapedQuotes.first { stands($0, at: start) }
        return mark.map { start + $0.utf8.count } ?? start
    }

    /// Where the text of an element begins, behind its attributes; nil where it has none.
    func elementText(from start: Int) -> Int? {
        let end = bytes[start...].prefix(200).firstIndex { $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "<") }
        guard let end, bytes[end] == UInt8(ascii: ">"), bytes[end - 1] != UInt8(ascii: "/") else { return nil }
        let text = self.end(from: end + 1) { SecretScrubber.isBlank($0) || $0 == 0x0A || $0 == 0x0D }
        return stands("<![CDATA[", at: text) ? text + 9 : text
    }

    /// Where the value begins behind the tag of an element whose brackets are escaped: `&lt;password&gt;`, `%3Cpassword%3E`.
    func escapedElementText(of word: ArraySlice<UInt8>) -> Int? {
        if stands("&lt;", at: word.startIndex - 4), stands("&gt;", at: position) { return position + 4 }
        return word.count > 2 && lowercased(word.prefix(2)) == "3c" && lowercased(bytes[position...].prefix(3)) == "%3e"
            ? position + 3 : nil
    }

    /// Where the value begins behind an arrow: `password->x`, `X-Api-Key -> x`; what looks like a word is none.
    func arrowStart(of word: ArraySlice<UInt8>, _ start: Int) -> Int? {
        let isGlued = word.last == UInt8(ascii: "-") && start < bytes.count && bytes[start] == UInt8(ascii: ">")
        guard isGlued || stands("->", at: start) else { return nil }
        let value = skipBlanks(from: start + (isGlued ? 1 : 2))
        let look = bytes[min(value, bytes.count)...].prefix(128).prefix(while: SecretScrubber.isCredential)
        return look.count >= 6 && isMixed(look) ? value : nil
    }

    /// `=` and `:` as URLs and JSON escape them, and as Chinese and Japanese write them: `token%3Dx`, `token\u003dx`. Nil where
    /// there is none.
    func endOfEscapedSeparator(at start: Int) -> Int? {
        if stands("：", at: start) || stands("＝", at: start) { return start + 3 }
        for mark in ["%", "\\u00"] where stands(mark, at: start) {
            var index = start + mark.utf8.count
            // Within URLs within URLs.
            while stands("25", at: index) { index += 2 }
            guard index + 2 <= bytes.count else { return nil }
            let digits = lowercased(bytes[index..<index + 2])
            if digits == "3d" || digits == "3a" { return index + 2 }
        }
        return nil
    }

    /// The value of a header may begin on the next line, behind a blank. Other names end with their line: a sentence goes on
    /// behind `Enter your password:`.
    func skipFold(of word: ArraySlice<UInt8>, from start: Int) -> Int {
        guard word.contains(UInt8(ascii: "-")) else { return start }
        let line = end(from: start) { $0 == 0x0D || $0 == 0x0A }
        guard line > start, line < bytes.count, SecretScrubber.isBlank(bytes[line]) else { return start }
        return skipBlanks(from: line)
    }

    /// Skips blanks, those that do not break a line too.
    func skipBlanks(from start: Int) -> Int {
        var index = end(from: start, while: SecretScrubber.isBlank)
        while index + 1 < bytes.count, bytes[index] == 0xC2, bytes[index + 1] == 0xA0 {
            index = end(from: index + 2, while: SecretScrubber.isBlank)
        }
        return index
    }

    /// Where the second of two begins that belong together: `"X-Api-Key", "value"`, `"name":"X-Api-Key","value":"x"`,
    /// `key="Password" value="x"`. A list of names is none: what follows looks like a secret.
    func pairStart(from start: Int) -> Int? {
        var index = bytes[start] == UInt8(ascii: ",") ? end(from: start + 1, while: SecretScrubber.isBlank) : start
        let opening = skipQuote(from: index)
        let name = opening?.end ?? index
        if stands("value", at: name) {
            index = skipQuote(from: name + 5)?.end ?? name + 5
            index = end(from: index) {
                SecretScrubber.isBlank($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "=")
            }
            return skipQuote(from: index) == nil ? nil : index
        }
        guard let opening else { return nil }
        let value = bytes[opening.end...].prefix { $0 != opening.mark && $0 >= 0x20 }
        return value.count >= 6 && !isOrdinary(value) && value.contains(where: SecretScrubber.isDigit) ? index : nil
    }

    /// A quotation mark, after backslashes where the JSON stands inside a string.
    func skipQuote(from start: Int) -> (mark: UInt8, backslashes: Int, end: Int)? {
        let end = self.end(from: start) { $0 == UInt8(ascii: "\\") }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") || bytes[end] == UInt8(ascii: "'") else { return nil }
        return (bytes[end], end - start, end + 1)
    }

    func endOfQuoted(from start: Int, _ quote: (mark: UInt8, backslashes: Int, end: Int)) -> Int {
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

    static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && !["&", ",", ";", "\"", "'", ")", "}", "]", "<", ">", "\\"].contains(Unicode.Scalar(byte))
    }

    func endOfPlain(from start: Int, isHeader: Bool) -> Int {
        // Headers have blanks and semicolons inside: `Bearer x`, `a=1; b=2`. They end with the line or the quotation.
        if isHeader {
            return endOfHeader(from: start)
        }
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

    private func endOfHeader(from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] >= 0x20 || bytes[index] == 0x09, bytes[index] != 0x5C {
            if bytes[index] == 0x22 || bytes[index] == 0x27 {
                // `Token token="x", b="y"`: a parameter, and not the end of the text that holds the header.
                let end = bytes[(index + 1)...].firstIndex { $0 == bytes[index] || $0 < 0x20 || $0 == 0x5C }
                guard index > start, bytes[index - 1] == UInt8(ascii: "="), let end, bytes[end] == bytes[index] else {
                    break
                }
                index = end
            }
            index += 1
        }
        return index
    }

    /// A word of a sentence: letters, all but the first in lower case, and not long.
    func isOrdinary(_ run: ArraySlice<UInt8>) -> Bool {
        run.count < 20 && run.first.map { Unicode.Scalar($0).properties.isAlphabetic } == true
            && run.dropFirst().allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: ".") }
    }

    func isOrdinaryValue(_ value: ArraySlice<UInt8>) -> Bool {
        guard value.count <= 10 else { return false }
        let text = String(decoding: value, as: UTF8.self)
        return text == SecretScrubber.mark || SecretWords.noValues.contains(text)
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Azure's secrets of applications: a few letters, `Q~`, and 31 or more.
    mutating func skipAzureSecret() -> Bool {
        guard position > 0, bytes[position - 1] == UInt8(ascii: "Q"), let previous, previous.upperBound == position,
            previous.count <= 6
        else { return false }
        let end = self.end(from: position) {
            SecretScrubber.isWord($0) || $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: ".")
        }
        guard end - position >= 30 else { return false }
        output.removeLast(previous.count)
        redact(to: end)
        return true
    }
}
