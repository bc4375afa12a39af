import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import Testing

@testable import MendflowLedgerPostgres

@Suite(
    "What was edited in the database is found", .serialized,
    .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct TamperTests {
    func ledger() async throws -> (PostgresUnderTest, TestLedger) {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let ledger = try await TestLedger(home)
        try await ledger.append([initialised(), .paused(instance: nil, reason: "x", by: "me"), decided("5", .act)])
        return (home, ledger)
    }

    @Test("The log only grows: nothing is changed or removed, not even by SQL, while its triggers stand")
    func appendOnly() async throws {
        let (home, ledger) = try await ledger()
        for sql in [
            "UPDATE mendflow_entry SET root = '1'", "DELETE FROM mendflow_entry WHERE sequence = 3",
            "TRUNCATE mendflow_entry",
        ] {
            await #expect(throws: PostgresFailure.server(code: "P0001", "the ledger only grows")) {
                try await home.run(PostgresStatement(sql))
            }
        }
        #expect(try await ledger.store.verify(expecting: nil).count == 3)
    }

    @Test("The never-twice rule stands in the schema too: SQL that goes round the program breaks on it")
    func index() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let ledger = try await TestLedger(home)
        let id = try await ledger.intent(.void, of: "5")
        try await ledger.reserve(draft("5"))
        let holder = try #require(try await home.cells().compactMap(\.exclusive).first)
        await #expect {
            try await home.run(
                PostgresStatement(
                    "UPDATE mendflow_cell SET exclusive = $1 WHERE name = $2", .bytes(of: holder),
                    .bytes(of: id.description)))
        } throws: { error in
            if case .server("23505", _)? = error as? PostgresFailure { true } else { false }
        }
    }

    @Test(
        "tables, indexes, triggers and functions that are gone, others or too many",
        arguments: [
            ("DROP TRIGGER mendflow_entry_keeps ON mendflow_entry", "trigger mendflow_entry_keeps"),
            ("ALTER TABLE mendflow_entry DISABLE TRIGGER USER", "trigger mendflow_entry_keeps"),
            ("DROP INDEX mendflow_entry_by_root", "index mendflow_entry_by_root"),
            ("DROP INDEX mendflow_cell_exclusive", "index mendflow_cell_exclusive"),
            ("CREATE INDEX more ON mendflow_entry (hash)", "index more"),
            ("ALTER TABLE mendflow_cell ADD COLUMN more text", "column mendflow_cell.more"),
            ("ALTER TABLE mendflow_entry ALTER COLUMN hash DROP NOT NULL", "column mendflow_entry.hash"),
            ("ALTER TABLE mendflow_cell DROP CONSTRAINT mendflow_cell_open_check", "check mendflow_cell_open_check"),
            ("CREATE RULE more AS ON INSERT TO mendflow_entry DO ALSO DELETE FROM mendflow_cell", "rule more"),
            (
                "CREATE OR REPLACE FUNCTION mendflow_now() RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$",
                "function mendflow_now"
            ),
        ])
    func schema(sql: String, what: String) async throws {
        let (home, ledger) = try await ledger()
        try await home.run(PostgresStatement(sql))
        #expect(try await ledger.store.verify(expecting: nil).fault?.problem == .schema(what))
    }

    @Test("every object that is made is known by its facts")
    func made() async throws {
        let (home, _) = try await ledger()
        let rows = try await home.run(PostgresObjects.look)[0].texts
        #expect(rows.count == PostgresObjects.made.count)
        for row in rows { #expect(PostgresObjects.made[row[0] ?? ""] == row[1]) }
    }

    @Test("rows of the log that are no part of the chain, and columns that say something else")
    func extra() async throws {
        let copy = """
            INSERT INTO mendflow_entry SELECT 0, bytes, hash, previous, at, instance, epoch, execution, root
            FROM mendflow_entry WHERE sequence = 2
            """
        let column = "UPDATE mendflow_entry SET instance = 'x' WHERE sequence = 2"
        for (sql, problem) in [(copy, AuditFault.Problem.extra(1)), (column, .column("instance"))] {
            let (home, ledger) = try await ledger()
            try await home.withoutTriggers([PostgresStatement(sql)])
            #expect(try await ledger.store.verify(expecting: nil).fault?.problem == problem)
        }
    }
}
