extension ErrorEvidence {
    /// All texts of the error, what the service said before what n8n says.
    public var texts: [String] { messages + [description, message].compactMap(\.self) + details }

    /// The HTTP status that the failed call was answered with, wherever it stands: as `httpCode`, as `status`, or in the
    /// texts ("503 - ...", "status code 503", "[503 Service Unavailable]"). Nil where there is none.
    public var answeredStatus: String? {
        if let httpCode, httpCode.isHTTPStatus { return httpCode }
        if let status, status.isHTTPStatus { return status }
        for text in texts {
            if let found = StatusFinder.status(in: text.utf8.span) { return found }
        }
        return nil
    }

    /// What a user's rule on `code` looks at.
    var allCodes: [String] { codes + answerCodes }

    /// What rules on codes look at: `httpCode` and all codes that are no HTTP status, and the status.
    var knownCodes: [String] {
        var codes = ([httpCode].compactMap(\.self) + codes).filter { !$0.isHTTPStatus }
        if let status = answeredStatus { codes.append(status) }
        return codes
    }
}

extension String {
    /// Three digits from 100 to 599.
    fileprivate var isHTTPStatus: Bool {
        utf8.count == 3 && utf8.allSatisfy { (0x30...0x39).contains($0) } && ("1"..."5").contains(prefix(1))
    }
}

/// Finds an HTTP status that a text tells.
private enum StatusFinder {
    /// What stands before a status that is one, blanks and quotation marks between them left out.
    private static let signs: [[UInt8]] = [
        "status", "code", "statuscode", "http", "http error", "http/1.0", "http/1.1", "http/2", "response",
    ].map { Array($0.utf8) }

    static func status(in text: Span<UInt8>) -> String? {
        if let opening = opening(text) { return opening }
        var index = 0
        while index + 3 <= text.count {
            if isStatus(text, at: index, from: 4), !isNamePart(text, at: index - 1), !goesOn(text, at: index + 3),
                isTold(text, before: index)
            {
                return number(text, at: index)
            }
            index += 1
        }
        return nil
    }

    /// A status that the text begins with, unless a mail server's enhanced code follows it.
    private static func opening(_ text: Span<UInt8>) -> String? {
        guard text.count > 4, isStatus(text, at: 0, from: 3) else { return nil }
        var index = 3
        if text[index] == 0x20 { index += 1 }
        if text[index] == 0x2D, index == 4 { return number(text, at: 0) }
        switch text[index] {
        case 0x3A, 0x7B, 0x3C, 0x22: return number(text, at: 0)
        case 0x27, 0x60, 0x41...0x5A, 0x61...0x7A: return index == 4 ? number(text, at: 0) : nil
        default: return nil
        }
    }

    private static func isStatus(_ text: Span<UInt8>, at index: Int, from lowest: UInt8) -> Bool {
        (0x30 + lowest...0x35).contains(text[index]) && isDigit(text[index + 1]) && isDigit(text[index + 2])
    }

    private static func number(_ text: Span<UInt8>, at index: Int) -> String {
        String(decoding: [text[index], text[index + 1], text[index + 2]], as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isNamePart(_ text: Span<UInt8>, at index: Int) -> Bool {
        index >= 0 && (isLetter(text[index]) || isDigit(text[index]) || [0x2E, 0x2D, 0x5F].contains(text[index]))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    /// Whether the number goes on, as a longer one, a name or a fraction.
    private static func goesOn(_ text: Span<UInt8>, at index: Int) -> Bool {
        guard index < text.count else { return false }
        if text[index] == 0x2E { return index + 1 < text.count && isDigit(text[index + 1]) }
        return isLetter(text[index]) || isDigit(text[index]) || text[index] == 0x5F
    }

    private static func isTold(_ text: Span<UInt8>, before start: Int) -> Bool {
        if start > 0, text[start - 1] == UInt8(ascii: "[") { return true }
        var end = start
        while end > 0, [0x20, 0x22, 0x27, 0x3A, 0x3D, 0x5C].contains(text[end - 1]) { end -= 1 }
        guard end < start else { return false }
        return signs.contains { sign in
            let begin = end - sign.count
            guard begin >= 0, begin == 0 || !isLetter(text[begin - 1]) else { return false }
            return sign.indices.allSatisfy { RequiredLiterals.small(text[begin + $0]) == sign[$0] }
        }
    }
}
