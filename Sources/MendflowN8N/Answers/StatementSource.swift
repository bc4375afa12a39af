/// Tells what the statements of a database query, a GraphQL document or a pipeline of MongoDB do: only from what is written
/// there, and a value that n8n puts in where a value may stand counts as a value.
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
        "EXECUTE", "GRANT", "REVOKE", "DENY", "BACKUP", "RESTORE", "KILL", "SHUTDOWN", "DBCC", "RECONFIGURE", "NEXTVAL",
        "SUBSCRIPTION", "MUTATION",
    ]
    /// Stages of a pipeline of MongoDB that write.
    private static let writingStages: Set<String> = ["$MERGE", "$OUT"]

    init(_ text: String) {
        guard let statements = StatementWords(text).statements else {
            kind = .unclear
            return
        }
        var counts = Counts()
        for words in statements where !words.isEmpty {
            guard counts.add(words) else {
                kind = .unclear
                return
            }
        }
        kind = counts.kind
    }

    /// What the statements amount to.
    private struct Counts {
        private var reads = 0
        private var writes = 0
        private var compounds = 0
        private var needsSemicolons = false

        var kind: Kind {
            if compounds > 0 || writes > 1 { return .several }
            if writes == 1 { return needsSemicolons ? .unseparated : .single }
            return reads > 0 ? .reading : .unclear
        }

        /// Adds a statement; false where it is not known what it is.
        mutating func add(_ words: [StatementWord]) -> Bool {
            let head = words[0].isQuoted ? "" : words[0].text
            if transactions.contains(head) || words[0].isPlaceholder { return false }
            if putsInWords(words) || reachesOut(words) || !beginsAStatement(head) { return false }
            if settings.contains(head), words.count < 2 || words[1].text != "STATEMENT" { return addSetting(words) }
            if compound.contains(head) {
                compounds += 1
            } else if readers.contains(head), onlyReads(words) {
                reads += 1
            } else {
                writes += 1
                if mayHoldAnother(words) { needsSemicolons = true }
            }
            return true
        }

        /// A setting does nothing by itself, but SQL Server takes the next statement on the same line, and the value may be
        /// a call.
        private mutating func addSetting(_ words: [StatementWord]) -> Bool {
            let next = words.dropFirst().firstIndex { heads.contains($0.text) && !$0.followsParenthesis }
            let setting = words[..<(next ?? words.endIndex)]
            if setting.contains(where: { $0.opensParenthesis && !calledFreely($0) }) { writes += 1 }
            guard let next else { return true }
            return add(Array(words[next...]))
        }
    }

    /// Whether n8n puts in something where a clause is due or the name of a function, which may be anything.
    private static func putsInWords(_ words: [StatementWord]) -> Bool {
        words.indices.contains { place in
            guard words[place].isPlaceholder else { return false }
            let isTable = place > 0 && words[place - 1].text == "INTO"
            return !words[place].standsForValue || (words[place].opensParenthesis && !isTable)
        }
    }

    /// Beginnings of the names of functions that do something outside of the database or of their own transaction, which no
    /// rollback takes back; and words of clauses that do.
    private static let outside = [
        "HTTP", "DBLINK", "XP_", "UTL_", "DBMS_", "LO_EXPORT", "PG_BACKGROUND", "OPENROWSET", "OPENQUERY",
        "OPENDATASOURCE", "AWS_", "SYSTEM$",
    ]
    private static let outsideClauses: Set<String> = ["PROGRAM", "OUTFILE", "DUMPFILE"]

    private static func reachesOut(_ words: [StatementWord]) -> Bool {
        words.contains { word in
            if outsideClauses.contains(word.text), !word.isQuoted { return true }
            guard word.opensParenthesis, let name = word.text.uppercased().split(separator: ".").last else {
                return false
            }
            return outside.contains { name.hasPrefix($0) }
        }
    }

    /// Words that begin a statement and stand in no other list here.
    private static let otherHeads: Set<String> = [
        "REPLACE", "UPSERT", "COPY", "LOAD", "LOCK", "UNLOCK", "COMMENT", "VACUUM", "REINDEX", "CLUSTER", "REFRESH",
        "OPTIMIZE", "REPAIR", "RENAME", "NOTIFY", "LISTEN", "UNLISTEN", "FLUSH", "PURGE", "PUT", "GET", "REMOVE",
        "UNDROP", "BULK", "PRAGMA", "RESET", "DISCARD", "PIVOT", "FROM", "MATCH", "RETURN", "UNWIND", "(", "[",
    ]

    /// Whether a statement may begin so: SQL Server takes a name by itself for a procedure that is to be run.
    private static func beginsAStatement(_ head: String) -> Bool {
        head.isEmpty || readers.contains(head) || settings.contains(head) || compound.contains(head)
            || heads.contains(head)
            || writers.contains(head) || otherHeads.contains(head)
    }

    /// Words that begin a statement, wherever SQL Server meets them.
    private static let heads: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "DROP", "ALTER", "EXEC", "EXECUTE", "SELECT",
        "SET", "WITH", "CALL",
        "DECLARE", "IF", "WHILE", "PRINT", "RAISERROR", "THROW", "GRANT", "REVOKE", "COMMIT", "ROLLBACK",
    ]
    /// Words behind which such a word goes on with the same statement.
    private static let continuing: Set<String> = [
        "DO", "KEY", "THEN", "FOR", "ON", "OR", "AFTER", "BEFORE", "OF", "UNION", "ALL", "EXCEPT", "INTERSECT",
    ]

    /// Whether another statement may begin inside of it. An `INSERT` takes its rows from one `SELECT`, an `UPDATE` has one
    /// `SET`.
    private static func mayHoldAnother(_ words: [StatementWord]) -> Bool {
        var allowed: Set<String> = [words[0].text == "INSERT" ? "SELECT" : words[0].text == "UPDATE" ? "SET" : ""]
        for (word, before) in zip(words.dropFirst(), words)
        where heads.contains(word.text) && word.text != "WITH" && !word.followsParenthesis
            && !continuing.contains(before.text)
        {
            // ON DUPLICATE KEY UPDATE has no SET, ON CONFLICT DO UPDATE has its own.
            let isUpsert = before.text == "UPDATE" && word.text == "SET"
            if isUpsert || allowed.remove(word.text) != nil { continue }
            return true
        }
        return false
    }

    private static func onlyReads(_ words: [StatementWord]) -> Bool {
        // A GraphQL query's fields and arguments look like functions and are none.
        let isGraph = words[0].text == "{" || words[0].text == "QUERY"
        var before = ""
        for word in words {
            defer { before = word.text }
            // FOR UPDATE locks rows until the statement ends, NEXT VALUE FOR takes a number that is gone then.
            let isLock = word.text == "UPDATE" && (before == "FOR" || before == "KEY")
            if word.isQuoted ? writingStages.contains(word.text) : writers.contains(word.text) && !isLock {
                return false
            }
            if word.text == "VALUE", before == "NEXT" { return false }
            if !isGraph, word.opensParenthesis, !calledFreely(word) { return false }
        }
        return true
    }

    /// Whether a word before a parenthesis calls nothing, or a function of the database's own that only reads. A quoted
    /// name, and one behind a schema, is the user's.
    private static func calledFreely(_ word: StatementWord) -> Bool {
        !word.isQuoted && !word.followsPoint && harmless.contains(word.text)
    }
}
