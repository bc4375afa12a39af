/// Tells what the statements of a database query, or a GraphQL document, do: only from what is written there, and a value
/// that n8n puts into the text counts as a value.
struct StatementSource {
    /// What the statements do.
    enum Kind: String {
        /// All of them only read.
        case reading
        /// One of them may write; beside it are settings at most.
        case single
        /// The same, but for a database that needs no semicolon between statements, where it may be several.
        case unseparated
        /// Several may write, or one that may do several things, such as a procedure.
        case several
        /// It is not known, or they end a transaction themselves.
        case unclear
    }

    /// What they do.
    let kind: Kind

    private static let readers: Set<String> = [
        "SELECT", "SHOW", "DESCRIBE", "DESC", "VALUES", "TABLE", "WITH", "EXPLAIN", "QUERY", "{",
    ]
    private static let settings: Set<String> = ["SET", "USE"]
    private static let compound: Set<String> = ["CALL", "EXEC", "EXECUTE", "DO", "DECLARE", "IF", "MUTATION"]
    private static let transactions: Set<String> = [
        "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "END", "ABORT", "PREPARE", "DELIMITER",
    ]
    /// Words that make a reading statement write, wherever in it they stand.
    private static let writers: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "TRUNCATE", "CREATE", "DROP", "ALTER", "ANALYZE", "CALL", "EXEC",
        "SUBSCRIPTION", "MUTATION",
    ]
    /// Words before a parenthesis that do not call a function of the user's own.
    private static let harmless: Set<String> = [
        "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "ANY", "ALL", "SOME", "EXISTS", "AS", "ON", "USING",
        "OVER",
        "VALUES", "BY", "HAVING", "UNION", "EXCEPT", "INTERSECT", "JOIN", "LATERAL", "WITH", "THEN", "ELSE", "WHEN",
        "FILTER",
        "GROUP", "DISTINCT", "BETWEEN", "LIKE", "LIMIT", "OFFSET", "INTERVAL", "ARRAY", "ROW", "CASE", "COUNT", "SUM",
        "AVG",
        "MIN", "MAX", "COALESCE", "NULLIF", "IFNULL", "ISNULL", "NVL", "GREATEST", "LEAST", "NOW", "CURDATE", "GETDATE",
        "DATE", "TIME", "TIMESTAMP", "YEAR", "MONTH", "DAY", "HOUR", "DATE_TRUNC", "DATE_PART", "DATE_FORMAT",
        "DATEADD",
        "DATEDIFF", "DATE_ADD", "DATE_SUB", "EXTRACT", "TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "CAST", "CONVERT", "LOWER",
        "UPPER", "TRIM", "LTRIM", "RTRIM", "LENGTH", "LEN", "CHAR_LENGTH", "SUBSTRING", "SUBSTR", "LEFT", "RIGHT",
        "CONCAT",
        "CONCAT_WS", "REPLACE", "POSITION", "SPLIT_PART", "REGEXP_REPLACE", "REGEXP_MATCHES", "FORMAT", "ROUND",
        "FLOOR",
        "CEIL", "CEILING", "ABS", "MOD", "RANDOM", "RAND", "STRING_AGG", "ARRAY_AGG", "GROUP_CONCAT", "JSON_AGG",
        "JSONB_AGG", "JSON_BUILD_OBJECT", "JSONB_BUILD_OBJECT", "JSON_EXTRACT", "JSON_VALUE", "JSON_QUERY", "TO_JSON",
        "TO_JSONB", "ROW_TO_JSON", "JSONB_ARRAY_ELEMENTS", "JSON_OBJECT", "UNNEST", "GENERATE_SERIES", "ROW_NUMBER",
        "RANK",
        "DENSE_RANK", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE", "IIF", "IF", "PG_SLEEP", "SLEEP", "VERSION",
        "DECIMAL",
        "NUMERIC", "VARCHAR", "CHAR", "NVARCHAR", "INT", "TOP",
    ]

    init(_ text: String) {
        guard let statements = StatementSource.split(text) else {
            kind = .unclear
            return
        }
        var reads = 0
        var writes = 0
        var compounds = 0
        var needsSemicolons = false
        for words in statements where !words.isEmpty {
            let head = words[0].text
            if StatementSource.transactions.contains(head) || head == StatementSource.placeholder {
                kind = .unclear
                return
            }
            if StatementSource.settings.contains(head), words.count < 2 || words[1].text != "STATEMENT" { continue }
            if StatementSource.compound.contains(head) {
                compounds += 1
            } else if StatementSource.readers.contains(head), StatementSource.onlyReads(words) {
                reads += 1
            } else {
                writes += 1
                if StatementSource.mayHoldAnother(words) { needsSemicolons = true }
            }
        }
        kind =
            compounds > 0 || writes > 1
            ? .several
            : writes == 1 ? (needsSemicolons ? .unseparated : .single) : reads > 0 ? .reading : .unclear
    }

    /// Words that begin a statement, wherever SQL Server meets them.
    private static let heads: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "DROP", "ALTER", "EXEC", "EXECUTE", "SELECT",
        "SET",
        "DECLARE", "IF", "WHILE", "PRINT", "RAISERROR", "THROW", "GRANT", "REVOKE", "COMMIT", "ROLLBACK",
    ]
    /// Words behind which such a word goes on with the same statement.
    private static let continuing: Set<String> = [
        "DO", "KEY", "THEN", "FOR", "ON", "OR", "AFTER", "BEFORE", "OF", "UNION", "ALL", "EXCEPT", "INTERSECT",
    ]

    /// Whether another statement may begin inside of it. An `INSERT` takes its rows from one `SELECT`, an `UPDATE` has one
    /// `SET`.
    private static func mayHoldAnother(_ words: [Word]) -> Bool {
        var allowed: Set<String> = [words[0].text == "INSERT" ? "SELECT" : words[0].text == "UPDATE" ? "SET" : ""]
        for (word, before) in zip(words.dropFirst(), words)
        where heads.contains(word.text) && !word.followsParenthesis && !continuing.contains(before.text) {
            // ON DUPLICATE KEY UPDATE has no SET, ON CONFLICT DO UPDATE has its own.
            let isUpsert = before.text == "UPDATE" && word.text == "SET"
            if isUpsert || allowed.remove(word.text) != nil { continue }
            return true
        }
        return false
    }

    private static func onlyReads(_ words: [Word]) -> Bool {
        // A GraphQL query's fields and arguments look like functions and are none.
        let isGraph = words[0].text == "{" || words[0].text == "QUERY"
        return words.allSatisfy { word in
            !writers.contains(word.text) && (isGraph || !word.opensParenthesis || harmless.contains(word.text))
        }
    }

    /// A word of a statement, in capitals.
    private struct Word {
        var text: String
        var opensParenthesis = false
        /// Whether it stands directly behind an opening one, as a query inside of another does.
        var followsParenthesis = false
    }

    /// A value that n8n puts in.
    private static let placeholder = "{{"

    /// The statements' words, without texts, quoted names and comments; nil where a text or a comment is not closed.
    private static func split(_ source: String) -> [[Word]]? {
        let text = Array(source.utf8)
        var statements: [[Word]] = [[]]
        var at = text.first == UInt8(ascii: "=") ? 1 : 0
        while at < text.count {
            let byte = text[at]
            if let close = closing(text, at) {
                guard let end = close.end else { return nil }
                if close.isPlaceholder { statements[statements.count - 1].append(Word(text: placeholder)) }
                at = end
            } else if isWordByte(byte) {
                let start = at
                let last = text[..<start].last { !isSpace($0) }
                while at < text.count, isWordByte(text[at]) || text[at] >= 0x80 { at += 1 }
                let word = String(decoding: text[start..<at], as: UTF8.self).uppercased()
                let next = text[at...].first { !isSpace($0) }
                statements[statements.count - 1].append(
                    Word(
                        text: word, opensParenthesis: next == UInt8(ascii: "("),
                        followsParenthesis: last == UInt8(ascii: "(")))
            } else {
                if byte == UInt8(ascii: ";") { statements.append([]) }
                if byte == UInt8(ascii: "{"), statements[statements.count - 1].isEmpty {
                    statements[statements.count - 1].append(Word(text: "{"))
                }
                at += 1
            }
        }
        return statements
    }

    /// Where a text, a quoted name, a comment or a value that n8n puts in ends; `end` is nil where it does not.
    private static func closing(_ text: [UInt8], _ at: Int) -> (end: Int?, isPlaceholder: Bool)? {
        func starts(_ mark: String) -> Bool { text[at...].starts(with: mark.utf8) }
        func end(_ mark: String, from start: Int) -> Int? {
            var index = start
            while index < text.count {
                if text[index...].starts(with: mark.utf8) { return index + mark.utf8.count }
                index += 1
            }
            return nil
        }
        if starts("{{") { return (end("}}", from: at + 2), true) }
        if starts("--") { return (end("\n", from: at + 2) ?? text.count, false) }
        if starts("/*") { return (end("*/", from: at + 2), false) }
        // Texts that are quoted in other ways, or escapes that could hide the end of one, are not followed.
        if text[at] == UInt8(ascii: "\\") { return (nil, false) }
        if text[at] == UInt8(ascii: "$") {
            let name = text[(at + 1)...].prefix(while: isWordByte)
            if name.endIndex < text.count, text[name.endIndex] == UInt8(ascii: "$") { return (nil, false) }
        }
        if starts("'") {
            guard let end = end("'", from: at + 1), !text[at..<end].contains(UInt8(ascii: "\\")) else {
                return (nil, false)
            }
            return (end, false)
        }
        if starts("\"") { return (end("\"", from: at + 1), false) }
        if starts("`") { return (end("`", from: at + 1), false) }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
        default: false
        }
    }
}
