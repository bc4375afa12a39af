/// A word of a statement, in capitals.
struct StatementWord {
    var text: String
    /// Whether a parenthesis opens behind it, as behind a function that is called.
    var opensParenthesis = false
    /// Whether it stands directly behind an opening one, as a query inside of another does.
    var followsParenthesis = false
    /// Whether a point stands before it, as behind a schema's name.
    var followsPoint = false
    /// Whether it is a name in quotation marks, whatever these are.
    var isQuoted = false
    /// Whether it is something that n8n puts in.
    var isPlaceholder = false
    /// Of something that n8n puts in: whether it stands where a value, a name or a list of them is due.
    var standsForValue = true
}

/// Takes statements apart into words, without texts and comments. Dialects differ in what is a text and what a comment: what
/// one of them may read in another way is read in the way that shows more, or not at all.
struct StatementWords {
    /// The statements' words; nil where a text or a comment is not closed, or may end elsewhere.
    private(set) var statements: [[StatementWord]]?
    private let text: [UInt8]
    private var words: [[StatementWord]] = [[]]
    private var at: Int

    init(_ source: String) {
        text = Array(source.utf8)
        at = text.first == UInt8(ascii: "=") ? 1 : 0
        while at < text.count {
            guard step() else { return }
        }
        statements = words
    }

    /// Reads what comes next; false where it cannot be told what it is.
    private mutating func step() -> Bool {
        let byte = text[at]
        if starts("{{") { return placeholder() }
        if starts("--") || byte == UInt8(ascii: "#") { return comment() }
        if starts("/*") {
            // MySQL runs what stands behind an exclamation mark.
            guard !starts("/*!"), let end = end("*/", from: at + 2) else { return false }
            at = end
            return true
        }
        switch byte {
        // Escapes could hide the end of a text.
        case UInt8(ascii: "\\"): return false
        case UInt8(ascii: "'"): return skipText()
        case UInt8(ascii: "\""), UInt8(ascii: "`"): return name(byte)
        case UInt8(ascii: "$") where opensDollarText: return false
        case _ where StatementWords.isWordByte(byte): return word(StatementWords.isWordByte)
        // Letters that are not ASCII are words of their own, for some of them are spaces to some databases.
        case 0x80...: return word { $0 >= 0x80 }
        case UInt8(ascii: ";"): words.append([])
        case UInt8(ascii: "{") where words[words.count - 1].isEmpty: add(StatementWord(text: "{"))
        // SQL Server's names stand in brackets.
        case UInt8(ascii: "]") where byteAfter(at + 1) == UInt8(ascii: "("):
            add(StatementWord(text: "]", opensParenthesis: true, isQuoted: true))
        default: break
        }
        at += 1
        return true
    }

    private mutating func add(_ word: StatementWord) { words[words.count - 1].append(word) }

    private mutating func word(_ isPart: (UInt8) -> Bool) -> Bool {
        let start = at
        while at < text.count, isPart(text[at]) { at += 1 }
        let written = String(decoding: text[start..<at], as: UTF8.self).uppercased()
        // Oracle lets a text choose its marks.
        if ["Q", "NQ"].contains(written), at < text.count, text[at] == UInt8(ascii: "'") { return false }
        let last = byteBefore(start)
        add(
            StatementWord(
                text: written, opensParenthesis: byteAfter(at) == UInt8(ascii: "("),
                followsParenthesis: last == UInt8(ascii: "("), followsPoint: last == UInt8(ascii: ".")))
        return true
    }

    private mutating func skipText() -> Bool {
        guard let end = end("'", from: at + 1), !text[at..<end].contains(UInt8(ascii: "\\")) else { return false }
        at = end
        return true
    }

    private mutating func name(_ mark: UInt8) -> Bool {
        guard let end = end(String(decoding: [mark], as: UTF8.self), from: at + 1),
            !text[at..<end].contains(UInt8(ascii: "\\"))
        else { return false }
        let written = String(decoding: text[(at + 1)..<(end - 1)], as: UTF8.self).uppercased()
        add(StatementWord(text: written, opensParenthesis: byteAfter(end) == UInt8(ascii: "("), isQuoted: true))
        at = end
        return true
    }

    private mutating func placeholder() -> Bool {
        guard let end = end("}}", from: at + 2) else { return false }
        // What a model fills in is not its author's: of it nothing but a single value is taken for one.
        let isModels = String(decoding: text[at..<end], as: UTF8.self).contains("$fromAI")
        add(
            StatementWord(
                text: "{{", opensParenthesis: byteAfter(end) == UInt8(ascii: "("), isPlaceholder: true,
                standsForValue: isValueDue(isModels)))
        at = end
        return true
    }

    /// Whether a value is due here: behind a sign that asks for one, or a word that does.
    private func isValueDue(_ isModels: Bool) -> Bool {
        guard let last = byteBefore(at) else { return true }
        if [UInt8]("=<>,(+-/%|![:{~&^?".utf8).contains(last) { return true }
        let isJoined = at > 0 && !StatementWords.isSpace(text[at - 1])
        // Part of a name, or of a text whose marks it stands in.
        if isJoined, last == UInt8(ascii: ".") || StatementWords.isWordByte(last) { return !isModels }
        guard StatementWords.isWordByte(last), let word = words[words.count - 1].last, !word.isQuoted else {
            return false
        }
        return StatementWords.askForValue.contains(word.text)
            || (!isModels && StatementWords.askForNames.contains(word.text))
    }

    private static let askForValue: Set<String> = [
        "AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "LIMIT", "OFFSET", "BETWEEN", "THEN", "ELSE", "TOP", "INTERVAL",
        "IS",
        "DATE", "TIMESTAMP", "REGEXP", "RLIKE", "ESCAPE", "FETCH", "NEXT", "FIRST", "RETURN", "TO",
    ]
    private static let askForNames: Set<String> = [
        "SELECT", "DISTINCT", "FROM", "JOIN", "WHERE", "BY", "ON", "AS", "HAVING", "WHEN", "CASE", "VALUES", "TABLE",
        "DESCRIBE", "SHOW", "USING", "INTO", "UPDATE", "SET", "ASC", "DESC", "USE",
    ]

    /// MySQL takes two strokes for a comment only where a space follows, and a `#` that others know as an operator. Where no
    /// mark of a text stands in the line, its words are read whatever they are.
    private mutating func comment() -> Bool {
        let line = text[at...].prefix { $0 != 0x0A }
        let isSure = starts("--") && (at + 2 == text.count || StatementWords.isSpace(text[at + 2]))
        if isSure {
            at = min(line.endIndex + 1, text.count)
            return true
        }
        if line.contains(where: { [0x22, 0x27, 0x60].contains($0) }) || line.dropFirst().starts(with: "/*".utf8) {
            return false
        }
        at += 1
        return true
    }

    /// Whether a text in PostgreSQL's dollar marks begins.
    private var opensDollarText: Bool {
        let name = text[(at + 1)...].prefix { $0 != UInt8(ascii: "$") && StatementWords.isWordByte($0) }
        return name.endIndex < text.count && text[name.endIndex] == UInt8(ascii: "$")
    }

    private func starts(_ mark: String) -> Bool { text[at...].starts(with: mark.utf8) }

    private func end(_ mark: String, from start: Int) -> Int? {
        var index = start
        while index < text.count {
            if text[index...].starts(with: mark.utf8) { return index + mark.utf8.count }
            index += 1
        }
        return nil
    }

    private func byteAfter(_ place: Int) -> UInt8? { text[place...].first { !StatementWords.isSpace($0) } }
    private func byteBefore(_ place: Int) -> UInt8? { text[..<place].last { !StatementWords.isSpace($0) } }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// What a name may hold of ASCII.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "@"): true
        default: false
        }
    }
}
