internal import Dispatch

/// What a server has to promise before anything is sent on the strength of what it keeps.
struct PostgresDemands: Sendable {
    /// Whether it has to keep what it has committed when the power goes. Only tests do without.
    var isDurable: Bool

    static let all = PostgresDemands(isDurable: true)

    private static let look = PostgresStatement(
        """
        SELECT current_setting('server_version_num'), current_setting('server_encoding'), pg_is_in_recovery(),
        current_setting('transaction_read_only'), current_setting('fsync'), current_setting('full_page_writes'),
        current_setting('synchronous_commit')
        """)

    /// Looks at the server; throws what it does not promise, and what to change.
    func check(_ connection: PostgresConnection, by deadline: DispatchTime) async throws(PostgresFailure) {
        let found = try await PostgresDemands.promises(connection, by: deadline)
        if found.isStandby || found.isReadOnly { throw .server(code: "25006", "read-only") }
        if let words = found.lack(isDurable: isDurable) { throw .unreachable(words) }
    }

    /// What the server says of itself now.
    static func promises(
        _ connection: PostgresConnection, by deadline: DispatchTime
    ) async throws(PostgresFailure) -> Promises {
        let found = try await connection.run([PostgresDemands.look], by: deadline)[0].first { row in
            Promises(
                version: Int(row.text()) ?? 0, encoding: row.text(), isStandby: row.flag(),
                isReadOnly: row.text() == "on", fsync: row.text(), fullPageWrites: row.text(),
                synchronousCommit: row.text())
        }
        guard let found else { throw .unexpected("the server tells nothing of itself") }
        return found
    }

    /// What a server says of itself.
    struct Promises: Sendable {
        var version: Int, encoding: String, isStandby: Bool, isReadOnly: Bool
        var fsync: String, fullPageWrites: String, synchronousCommit: String

        /// What is missing; nil where nothing is.
        func lack(isDurable: Bool) -> String? {
            if version < 120_000 { return "PostgreSQL 12 or later is needed, and this is \(version / 10_000)" }
            if encoding != "UTF8" { return "the database's encoding is \(encoding); a ledger needs UTF8" }
            guard isDurable else { return nil }
            let weak = [
                ("fsync", fsync), ("full_page_writes", fullPageWrites), ("synchronous_commit", synchronousCommit),
            ]
            .filter { $0.1 == "off" }.map(\.0)
            guard !weak.isEmpty else { return nil }
            return
                "PostgreSQL may lose what it has committed: \(weak.joined(separator: ", ")) is off, and what is lost of a "
                + "ledger may be sent twice. Set it to on"
        }
    }
}
