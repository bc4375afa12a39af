internal import MendflowText
public import MendflowYAML

/// Hides what looks like a secret wherever findings would show it: in source lines and in messages.
struct SecretMask {
    /// By number from 0. Empty where a line is not shown and need not be judged by its looks.
    private var lines: [[Unicode.Scalar]] = []
    private var secrets: Set<String> = []

    /// Looks at a file. Where YAML itself had faults the tree lacks parts, and lines are judged by their looks.
    init(_ bytes: [UInt8], _ reading: YAMLReading, shown: Set<Int>) {
        let source = SourceText(bytes: bytes)
        for number in 1...source.count {
            let line = reading.hasErrors || shown.contains(number) ? source.line(number) : nil
            lines.append(line.map { Array($0.unicodeScalars) } ?? [])
        }
        for index in lines.indices where !lines[index].isEmpty { hideWords(index) }
        if reading.hasErrors { hideByLooks() }
        if let root = reading.root { cover(root) }
    }

    /// The findings as they may be shown.
    static func hiding(_ findings: [Finding], of bytes: [UInt8], _ reading: YAMLReading) -> [Finding] {
        guard !findings.isEmpty else { return [] }
        let mask = SecretMask(bytes, reading, shown: Set(findings.compactMap(\.line)))
        return findings.map(mask.hiding)
    }

    private func hiding(_ finding: Finding) -> Finding {
        var finding = finding
        finding.message = clean(finding.message)
        finding.suggestion = finding.suggestion.flatMap { clean($0) == $0 ? $0 : nil }
        finding.notes = finding.notes.map { Finding.Note(clean($0.message), at: $0.range) }
        if let line = finding.line, lines.indices.contains(line - 1) {
            finding.shownLine = String(String.UnicodeScalarView(lines[line - 1]))
        }
        return finding
    }

    private func clean(_ text: String) -> String {
        // The longest first: one may be a part of another.
        secrets.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }.reduce(text) { text, secret in
            text.replacing(secret, with: "***")
        }
    }

    /// Whether a text can be the name of an environment variable, and not what should stand in it.
    static func isVariable(_ text: String) -> Bool {
        let isName = text.utf8.enumerated().allSatisfy { index, byte in
            byte == 95 || (65...90).contains(byte) || (97...122).contains(byte)
                || (index > 0 && (48...57).contains(byte))
        }
        return isName && !text.isEmpty && text.utf8.count <= 100 && !looksSecret(text)
    }

    /// Whether a word looks like a key of n8n's.
    static func looksSecret(_ word: some StringProtocol) -> Bool {
        SecretWords.apiKeyPrefixes.contains { word.hasPrefix($0) }
    }

    /// Whether an address holds a user or a password.
    static func hasUser(_ address: some StringProtocol) -> Bool {
        guard let at = address.lastIndex(of: "@") else { return false }
        return address[..<at].contains(":")
    }
}

extension SecretMask {
    /// Hides the values of written keys, of literal headers and of addresses with a password.
    private mutating func cover(_ node: YAMLNode) {
        for item in node.items ?? [] { cover(item) }
        if let scalar = node.scalar, SecretMask.hasUser(scalar.text) { hide(node) }
        for entry in node.entries ?? [] {
            if SecretWords.isName(entry.key.text) || SecretMask.looksSecret(entry.key.text) || isMisused(entry) {
                hide(entry.value)
            }
            for header in entry.key.text == "headers" ? entry.value.entries ?? [] : [] where header.value.entries == nil
            {
                hide(header.value)
            }
            cover(entry.value)
        }
    }

    /// Whether a value stands where only its place belongs.
    private func isMisused(_ entry: YAMLEntry) -> Bool {
        // Where the password stands belongs there, as a map; a text is the password.
        if entry.key.text == "ledger_password" { return entry.value.scalar != nil }
        guard ["env", "api_key_env", "token_env"].contains(entry.key.text), let text = entry.value.scalar?.text else {
            return false
        }
        return !SecretMask.isVariable(text.hasPrefix("$") ? String(text.dropFirst()) : text)
    }

    private mutating func hide(_ node: YAMLNode) {
        let range = node.range
        if let scalar = node.scalar { remember(scalar.text) }
        for number in range.start.line...max(range.start.line, range.end.line) where lines.indices.contains(number - 1)
        {
            let first = number == range.start.line ? range.start.column - 1 : 0
            let last = number == range.end.line ? range.end.column - 1 : lines[number - 1].count
            hide(number - 1, first, last)
        }
    }

    private mutating func hide(_ line: Int, _ first: Int, _ last: Int) {
        let end = min(last, lines[line].count)
        guard first < end else { return }
        for column in first..<end where lines[line][column] != " " { lines[line][column] = "*" }
    }

    private mutating func remember(_ text: String) {
        guard text.count >= 4, !text.allSatisfy({ $0 == "*" }) else { return }
        secrets.insert(text)
        // Messages cut long words.
        if text.count > 60 { secrets.insert(String(text.prefix(60))) }
    }
}

extension SecretMask {
    /// Hides words that look like a key of n8n's or hold a password, wherever they stand.
    private mutating func hideWords(_ index: Int) {
        let stops: Set<Unicode.Scalar> = [" ", "\t", "\"", "'", ",", "{", "}", "[", "]", "&", "*", "!"]
        // Only words with `eyJ`, `_` or `@` are of interest; most lines have none.
        guard lines[index].contains(where: { $0 == "J" || $0 == "_" || $0 == "@" }) else { return }
        var start = 0
        while start < lines[index].count {
            guard !stops.contains(lines[index][start]) else {
                start += 1
                continue
            }
            let end = lines[index][start...].firstIndex(where: stops.contains) ?? lines[index].count
            let word = String(String.UnicodeScalarView(lines[index][start..<end]))
            if SecretMask.looksSecret(word) || (word.contains("://") && SecretMask.hasUser(word)) {
                remember(word.hasSuffix(":") ? String(word.dropLast()) : word)
                hide(index, start, end)
            }
            start = end
        }
    }

    /// Hides what stands behind a key that holds a secret, and below it, and everything below `headers:` but names.
    private mutating func hideByLooks() {
        var (secretBelow, headersBelow): (Int?, Int?) = (nil, nil)
        for index in lines.indices {
            let indent = lines[index].firstIndex { $0 != " " } ?? lines[index].count
            guard indent < lines[index].count else { continue }
            if let depth = secretBelow, indent > depth {
                hideRest(index, from: indent)
                continue
            }
            secretBelow = nil
            if let depth = headersBelow, indent <= depth { headersBelow = nil }
            for (key, colon) in keys(index) {
                let isHeader = headersBelow != nil && !["env", "file"].contains(key) && !opensMap(index, colon)
                guard SecretWords.isName(key) || key == "headers" || isHeader else { continue }
                let isOpen = key == "headers"
                if isOpen { headersBelow = indent } else { secretBelow = indent }
                if !isOpen || !isBlank(index, from: colon + 1) { hideRest(index, from: colon + 1) }
                break
            }
        }
    }

    /// The words of a line that a colon follows, with the colon's column.
    private func keys(_ index: Int) -> [(String, Int)] {
        let line = lines[index]
        let stops: Set<Unicode.Scalar> = [" ", "{", ",", "[", "\"", "'"]
        return line.indices.filter { line[$0] == ":" }.map { colon in
            var start = colon
            let end = start > 0 && (line[start - 1] == "\"" || line[start - 1] == "'") ? start - 1 : start
            start = end
            while start > 0, !stops.contains(line[start - 1]) { start -= 1 }
            return (String(String.UnicodeScalarView(line[start..<end])), colon)
        }
    }

    private func opensMap(_ index: Int, _ colon: Int) -> Bool {
        let rest = lines[index][(colon + 1)...].drop { $0 == " " }
        return rest.isEmpty || rest.first == "{"
    }

    private func isBlank(_ index: Int, from column: Int) -> Bool {
        lines[index][column...].allSatisfy { $0 == " " }
    }

    private mutating func hideRest(_ index: Int, from column: Int) {
        let stops: Set<Unicode.Scalar> = [" ", "\"", "'", "*", "&", "!", ",", "{", "}"]
        for word in lines[index][column...].split(whereSeparator: stops.contains) {
            remember(String(String.UnicodeScalarView(word)))
        }
        hide(index, column, lines[index].count)
    }
}

extension Finding {
    /// As it may be shown with the line of its file that it is about, whoever found it: without secrets that stand there.
    public func hidingSecrets(of source: SourceText) -> Finding {
        let reading = YAMLReader.read(bytes: source.bytes, file: file)
        return SecretMask.hiding([self], of: source.bytes, reading).first ?? self
    }
}
