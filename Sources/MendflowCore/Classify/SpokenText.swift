/// What of an error's texts n8n and the services say, without what the workflow's author wrote: a query, a row, a name.
///
/// n8n puts a failed query into the description and databases quote rows and columns, services the values that they refuse.
/// None of it tells what went wrong, however much it speaks of limits and waits.
struct SpokenText {
    /// Whether what stands in quotation marks is a name or a value of the user's.
    private let quotesNames: Bool

    /// Statuses with which a service says that it does not like what it was sent, and quotes it.
    private static let quoting: Set<String> = ["400", "404", "409", "422"]
    private static let databases = RepeatRiskTable.sqlTypes + RepeatRiskTable.base("mongoDb", "mongoDbTool")

    init(of error: ErrorEvidence, nodeType: String?) {
        quotesNames =
            SpokenText.databases.match(nodeType) || error.answeredStatus.map(SpokenText.quoting.contains) == true
    }

    /// The text without what the author wrote.
    func spoken(_ text: String) -> String {
        // n8n's Postgres and MySQL nodes say which query failed.
        if text.hasPrefix("Failed query: ") { return "Failed query" }
        if text.hasPrefix("sql: ") {
            return text.lastBytes(of: ", code: ").map { "code: " + text[$0.upperBound...] } ?? ""
        }
        var told = text
        for (opening, closing) in [("Failing row contains (", ")"), ("Key (", ")"), ("dup key: {", "}")] {
            guard let start = told.firstBytes(of: opening), let end = told.lastBytes(of: closing),
                start.upperBound <= end.lowerBound
            else { continue }
            told.removeSubrange(start.upperBound..<end.lowerBound)
        }
        return quotesNames ? QuotedNames(told).removed : told
    }
}

extension ErrorEvidence {
    /// The error's texts without what the workflow's author wrote: his query, his rows and, where the service quotes what it
    /// was sent, his names and values.
    public func spokenTexts(ofNode type: String?) -> [String] {
        let spoken = SpokenText(of: self, nodeType: type)
        return texts.map(spoken.spoken)
    }
}

/// Takes what stands in quotation marks out of a text. Those of JSON are its grammar and stay; what is quoted inside of a
/// text of JSON has more backslashes before its marks.
private struct QuotedNames {
    private let text: [Unicode.Scalar]
    /// Backslashes before the marks that belong to JSON; -1 where there is none.
    private var grammar = -1
    /// Whether apostrophes belong to a dictionary as Python writes it.
    private var isPython = false

    private static let pairs: [Unicode.Scalar: Unicode.Scalar] = [
        "\"": "\"", "'": "'", "`": "`", "\u{201C}": "\u{201D}", "\u{2018}": "\u{2019}", "\u{AB}": "\u{BB}",
    ]

    init(_ text: String) {
        self.text = Array(text.unicodeScalars)
        // The whole answer may be one text: `400 - "no"`.
        if self.text.starts(with: Array("4".unicodeScalars)),
            self.text.dropFirst(3).starts(with: Array(" - \"".unicodeScalars))
        {
            grammar = 0
        }
        for index in self.text.indices where self.text[index] == "{" || self.text[index] == "[" {
            if let mark = firstMark(after: index) { grammar = max(grammar, mark) }
            if index + 1 < self.text.count, self.text[index + 1] == "'" { isPython = true }
        }
    }

    /// The backslashes before a mark that follows an opening bracket.
    private func firstMark(after bracket: Int) -> Int? {
        var index = bracket + 1
        while index < text.count, text[index] == " " || text[index] == "\n" { index += 1 }
        let start = index
        while index < text.count, text[index] == "\\" { index += 1 }
        return index < text.count && text[index] == "\"" ? index - start : nil
    }

    var removed: String {
        var kept = String.UnicodeScalarView()
        var index = 0
        while index < text.count {
            kept.append(text[index])
            if let closing = QuotedNames.pairs[text[index]], opens(index), let end = end(closing, after: index) {
                index = end
            } else {
                index += 1
            }
        }
        return String(kept)
    }

    /// Whether a quoted name begins here: not inside of a word, and not with a mark of grammar.
    private func opens(_ index: Int) -> Bool {
        let slashes = slashes(before: index)
        if text[index] == "\"" ? slashes <= grammar : text[index] == "'" && isPython { return false }
        guard index - slashes > 0 else { return true }
        let before = text[index - slashes - 1]
        return !before.properties.isAlphabetic && before.properties.numericType == nil
    }

    /// Where the mark stands that closes what was opened.
    private func end(_ closing: Unicode.Scalar, after opening: Int) -> Int? {
        let depth = slashes(before: opening)
        return text.indices[(opening + 1)...].first { index in
            guard text[index] == closing, slashes(before: index) == depth else { return false }
            // An apostrophe closes nothing.
            return index + 1 == text.count || !text[index + 1].properties.isAlphabetic
        }
    }

    private func slashes(before index: Int) -> Int { text[..<index].reversed().prefix { $0 == "\\" }.count }
}
