internal import Dispatch
internal import MendflowCore
internal import MendflowLedger

/// A transaction on one connection, from its beginning: with the first statements, and with what the rules are known to ask,
/// everything is sent at once.
struct PostgresTransaction {
    let connection: PostgresConnection
    let deadline: DispatchTime

    /// How long what it does may take, and how long it may be left alone before the server ends it: a process that is frozen
    /// keeps nobody else waiting.
    private static func limits(idle: String) -> String {
        """
        set_config('idle_in_transaction_session_timeout', '\(idle)', true), set_config('lock_timeout', '4s', true),
        set_config('statement_timeout', '60s', true)
        """
    }

    /// Reads everything from one moment.
    static let snapshot = [
        PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        PostgresStatement("SELECT " + limits(idle: "30s")),
    ]

    /// Fills an empty ledger, as long as it takes.
    static let filling = [
        PostgresStatement("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"),
        PostgresStatement("SELECT " + limits(idle: "60s")),
        PostgresStatement("SELECT version FROM mendflow_ledger FOR UPDATE"),
        PostgresStatement("SELECT count(*) FROM (SELECT FROM mendflow_entry LIMIT 1) AS first"),
    ]

    /// Changes what is no part of the ledger.
    static let turn = [
        PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
        PostgresStatement("SELECT " + limits(idle: "2s")),
    ]

    /// Writes, one after the other. What was committed has to be on the disk, whatever the server does for others.
    static let append = [
        PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
        PostgresStatement(
            """
            SELECT \(limits(idle: "4s")), set_config('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)
            """),
        PostgresStatement("SELECT version FROM mendflow_ledger FOR UPDATE"),
    ]

    static let head = PostgresStatement("SELECT sequence, hash, at FROM mendflow_entry ORDER BY sequence DESC LIMIT 1")

    /// Runs what the rules do with cells, in a transaction that begins here and stays open: its statements, what they answered, and
    /// what came of the rules.
    ///
    /// `judge` looks at what the statements answered before the rules do.
    func begin<T>(
        _ statements: [PostgresStatement], judge: ([PostgresRows]) throws(PostgresFailure) -> Void = { _ in },
        _ body: (PostgresAnswers, LedgerHead) throws(LedgerFailure) -> T
    ) async throws(PostgresFailure) -> T {
        let cells = PostgresAnswers()
        // The end of the ledger is not known yet, and a run without it is for its questions only.
        _ = try? cells.run { (cells) throws(LedgerFailure) in try body(cells, .start) }
        let first = try await ask(cells, after: statements + [PostgresTransaction.head])
        try judge(first)
        let head = try first.last.map(PostgresTransaction.readHead) ?? .start
        while true {
            do throws(LedgerFailure) {
                if let made = try cells.run({ (cells) throws(LedgerFailure) in try body(cells, head) }) {
                    return made
                }
            } catch { throw .ledger(error) }
            _ = try await ask(cells, after: [])
        }
    }

    /// Asks what is missing, behind some statements, whose answers it gives back.
    private func ask(
        _ cells: PostgresAnswers, after statements: [PostgresStatement]
    ) async throws(PostgresFailure) -> [PostgresRows] {
        let questions = cells.missing
        let rows = try await run(statements + questions.map(\.statement))
        for (question, rows) in zip(questions, rows.dropFirst(statements.count)) {
            cells.learn(question, try question.answer(rows))
        }
        return Array(rows.prefix(statements.count))
    }

    /// Runs statements inside.
    func run(_ statements: [PostgresStatement]) async throws(PostgresFailure) -> [PostgresRows] {
        try await connection.run(statements, by: deadline)
    }

    /// Ends it: nothing was written.
    func end() async throws(PostgresFailure) { _ = try await run([PostgresStatement("COMMIT")]) }

    static func readHead(_ rows: PostgresRows) throws(PostgresFailure) -> LedgerHead {
        try rows.first { LedgerHead(AuditHead(sequence: $0.integer(), hash: $0.bytes()), at: $0.time()) } ?? .start
    }
}
