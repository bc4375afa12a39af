import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import Testing

@testable import MendflowLedgerPostgres

@Suite("The ledger on PostgreSQL", .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct PostgresStoreTests {
    @Test("keeps every rule of a store", arguments: StoreRule.all, [StoreKind.postgres])
    func rule(rule: StoreRule, kind: StoreKind) async throws { try await rule.check(on: kind) }
}
