import Dispatch
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import Testing

@testable import MendflowLedgerPostgres

@Suite("The ledger on PostgreSQL", .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct PostgresStoreTests {
    @Test("keeps every rule of a store", arguments: StoreRule.all, [StoreKind.postgres])
    func rule(rule: StoreRule, kind: StoreKind) async throws {
        try await PostgresStoreTests.turns.take(by: .distantFuture)
        defer { PostgresStoreTests.turns.pass() }
        try await rule.check(on: kind)
    }

    /// Some at a time: a server for each of hundreds of connections is more than a small machine bears.
    private static let turns = PostgresTurns(limit: 6)

    static let production = InstanceKey(name: "production", epoch: 1)

    @Test(
        "reads by an index, however much there is",
        arguments: [
            PostgresQuestion.tables([.baseline, .tick], instance: nil), .tables([.baseline], instance: "production"),
            .keys([LedgerCell.Key(.intent, production, "1")]), .holding(["x"]), .since(production, at(1)),
            .about(production, ["1", "2"]), .open(instance: nil), .open(instance: "production"), .places([1, 2]),
        ])
    func indexed(question: PostgresQuestion) async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let statement = question.statement
        let plan = try await home.run(
            PostgresStatement("BEGIN"), PostgresStatement("SELECT set_config('enable_seqscan', 'off', true)"),
            PostgresStatement("EXPLAIN " + statement.sql, values: statement.values), PostgresStatement("ROLLBACK"))
        let steps = plan[2].texts.compactMap(\.[0]).joined(separator: "\n")
        #expect(steps.contains("Index") && !steps.contains("Seq Scan"), "\(steps)")
    }
}
