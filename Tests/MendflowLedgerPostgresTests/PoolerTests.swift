import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import MendflowText
import Testing

@testable import MendflowLedgerPostgres

@Suite(
    "The ledger on PostgreSQL, through PgBouncer in transaction mode", .serialized,
    .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"),
    .enabled(if: TestBouncer.program != nil, "\(TestBouncer.lack)"))
struct PoolerTests {
    @Test("keeps the rules of a store: nothing hangs on a connection")
    func rules() async throws {
        let server = try await TestServer.shared()
        let rules = StoreRule.all.enumerated().filter { $0.offset.isMultiple(of: 6) }.map(\.element)
        var homes: [PostgresUnderTest] = []
        for _ in rules { homes.append(try await PostgresUnderTest(server)) }
        let bouncer = try await TestBouncer(server, users: homes.map(\.user))
        for (rule, home) in zip(rules, homes) {
            let pool = PostgresPool(PostgresServer(try bouncer.address(home.user)))
            try await rule.check(on: StoreKind("through PgBouncer") { PostgresUnderTest(home, through: pool) })
        }
    }
}
