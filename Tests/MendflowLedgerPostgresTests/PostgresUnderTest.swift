import Dispatch
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit

@testable import MendflowLedgerPostgres

/// A ledger on PostgreSQL, in a schema of its own.
struct PostgresUnderTest: StoreUnderTest {
    let server: TestServer
    let user: String
    let pool: PostgresPool

    init(_ server: TestServer) async throws {
        self.server = server
        user = try await server.makeUser()
        pool = PostgresPool(try server.server(of: user), limit: 2)
        _ = try await PostgresLedgerStore.open(pool, isChanged: true, isMade: true, demanding: .none)
    }

    /// The same ledger by other connections.
    init(_ home: PostgresUnderTest, through pool: PostgresPool) {
        (server, user, self.pool) = (home.server, home.user, pool)
    }

    func open() async throws -> any LedgerStore {
        try await PostgresLedgerStore.open(pool, isChanged: true, isMade: false, demanding: .none)
    }

    /// Runs statements as somebody with an editor would, all or none.
    @discardableResult
    func run(_ statements: PostgresStatement...) async throws -> [PostgresRows] { try await run(statements) }

    func run(_ statements: [PostgresStatement]) async throws -> [PostgresRows] {
        try await pool.use(by: .late) { connection throws(PostgresFailure) in
            try await connection.run(statements, by: .late)
        }
    }

    func cells() async throws -> [LedgerCell] {
        let all = PostgresQuestion.tables(Set(LedgerCell.Table.allCases), instance: nil)
        guard case .cells(let cells) = try all.answer(try await run(all.statement)[0]) else { return [] }
        return cells.sorted { $0.key < $1.key }
    }

    let canSeal = true
    var leases: (any LeaseTable)? { PostgresLeases(pool) }

    func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) async throws {
        try await tamper(key, with: cell, in: .standing)
    }

    func tamper(base key: LedgerCell.Key, with cell: LedgerCell?) async throws {
        try await tamper(key, with: cell, in: .base)
    }

    private func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?, in place: CellPlace) async throws {
        var statements = [
            PostgresStatement(
                "DELETE FROM \(place.rawValue) WHERE kind = $1 AND instance = $2 AND epoch = $3 AND name = $4",
                .text(key.table.rawValue), .bytes(of: key.instance), .integer(Int64(key.epoch)), .bytes(of: key.name))
        ]
        if let cell { statements.append(LedgerAppend.upsert([CellColumns(cell)], in: place)) }
        _ = try await run(statements)
    }

    func rows() async throws -> [LedgerAppend.Record] {
        let sql = """
            SELECT sequence, bytes, hash, previous, at, instance, epoch, execution, root FROM mendflow_entry ORDER BY sequence
            """
        return try await run(PostgresStatement(sql))[0].map { row in
            let sealed = SealedRecord(
                sequence: row.integer(), bytes: row.bytes(), hash: row.bytes(), previous: row.bytes())
            return LedgerAppend.Record(sealed: sealed, columns: RecordColumns(&row))
        }
    }

    func replaceRows(_ rows: [LedgerAppend.Record]) async throws {
        try await withoutTriggers([PostgresStatement("DELETE FROM mendflow_entry"), LedgerAppend.insert(rows)])
    }

    /// Runs statements while the triggers sleep.
    func withoutTriggers(_ statements: [PostgresStatement]) async throws {
        let alter = ["DISABLE", "ENABLE"].map { PostgresStatement("ALTER TABLE mendflow_entry \($0) TRIGGER USER") }
        _ = try await run(
            [PostgresStatement("BEGIN"), alter[0]] + statements + [alter[1], PostgresStatement("COMMIT")])
    }
}

extension PostgresDemands {
    /// What a server that forgets everything is asked for.
    static let none = PostgresDemands(isDurable: false)
}

extension StoreKind {
    static let postgres = StoreKind("PostgreSQL") { try await PostgresUnderTest(try await TestServer.shared()) }
}
