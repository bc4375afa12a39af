import Dispatch
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import MendflowText
import Testing

@testable import MendflowLedgerPostgres

@Suite("Opening a ledger on PostgreSQL", .serialized, .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct OpeningTests {
    func words(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    func pool(_ user: String) async throws -> PostgresPool {
        PostgresPool(try await TestServer.shared().server(of: user))
    }

    func open(
        _ pool: PostgresPool, isChanged: Bool = true, isMade: Bool = false
    ) async throws -> PostgresLedgerStore {
        try await PostgresLedgerStore.open(pool, isChanged: isChanged, isMade: isMade, demanding: .none)
    }

    /// Does what holds a thread where nobody else needs it.
    func away(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }

    @Test("one that is not there is missing, and looking for it makes nothing")
    func missing() async throws {
        let server = try await TestServer.shared()
        let user = try await server.makeUser()
        let pool = try await pool(user)
        for isChanged in [false, true] {
            await #expect(throws: LedgerFailure.missing(pool.address)) { try await open(pool, isChanged: isChanged) }
        }
        let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = '\(user)'"
        #expect(try await server.ask(tables) == [["0"]])
        await #expect(throws: LedgerFailure.missing(pool.address)) {
            try await PostgresLeases(pool).board()
        }
    }

    @Test("many who make it at once make one")
    func race() async throws {
        let server = try await TestServer.shared()
        let user = try await server.makeUser()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                let pool = try await pool(user)
                group.addTask { _ = try await open(pool, isMade: true) }
            }
            try await group.waitForAll()
        }
        #expect(try await server.ask("SELECT count(*)::text FROM \(user).mendflow_ledger") == [["1"]])
    }

    @Test("one of a newer program is refused to readers and writers, also to those who had it open")
    func newer() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let store = try await home.open()
        try await home.run(PostgresStatement("UPDATE mendflow_ledger SET version = 99"))
        let refusal = LedgerFailure.otherSchema(
            found: 99, supported: Int(PostgresSchema.version), path: home.pool.address)
        for isChanged in [false, true] {
            await #expect(throws: refusal) { try await open(home.pool, isChanged: isChanged) }
        }
        let entry = LedgerEntry(latched(.healed, "1"), at: at(1))
        await #expect(throws: refusal) { try await store.append([entry], expecting: .start, fence: nil) }
    }

    @Test("a server that may forget what it has committed is refused to whoever acts, and says what to set")
    func forgetful() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let words = await words { _ = try await PostgresLedgerStore.open(home.pool.server, create: false) }
        #expect(words.contains("fsync, full_page_writes is off") && words.contains("Set it to on"))
        _ = try await PostgresLedgerStore.openReading(home.pool.server)
        let found = try await PostgresLedgerKeeper(home.pool).weakness()
        #expect(found?.contains("fsync, full_page_writes is off") ?? false)
        #expect(try await PostgresLedgerKeeper(home.pool, demanding: .none).weakness() == nil)
    }

    @Test(
        "what a server has to promise",
        arguments: [
            ("", nil), ("9", "PostgreSQL 12 or later"), ("LATIN1", "encoding is LATIN1"), ("fsync", "fsync is off"),
            ("synchronous_commit", "synchronous_commit is off"),
        ])
    func promises(change: String, lack: String?) {
        let promises = PostgresDemands.Promises(
            version: change == "9" ? 90_624 : 150_018, encoding: change == "LATIN1" ? "LATIN1" : "UTF8",
            isStandby: false,
            isReadOnly: false, fsync: change == "fsync" ? "off" : "on", fullPageWrites: "on",
            synchronousCommit: change == "synchronous_commit" ? "off" : "on")
        let found = promises.lack(isDurable: true)
        #expect(lack.map { found?.contains($0) == true } ?? (found == nil), "\(found ?? "nothing")")
    }

    @Test("an append waits for the disk, also where the server would not")
    func durable() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let setting = PostgresStatement("SELECT current_setting('synchronous_commit')")
        for (level, used) in [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")] {
            try await home.server.ask("ALTER ROLE \(home.user) SET synchronous_commit = \(level)")
            let pool = PostgresPool(home.pool.server)
            let found = try await pool.use(by: .late) { connection throws(PostgresFailure) in
                try await connection.run(PostgresTransaction.append + [setting], by: .late).last?.first { $0.text() }
            }
            #expect(found == used)
        }
    }

    @Test("a server that takes nothing is refused to whoever acts, and says that the primary is wanted")
    func readOnly() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        try await home.server.ask("ALTER ROLE \(home.user) SET default_transaction_read_only = on")
        let pool = PostgresPool(home.pool.server)
        #expect(await words { _ = try await open(pool) }.contains("Name the primary"))
        _ = try await open(pool, isChanged: false)
        let several = "postgres://\(home.user)@127.0.0.1:\(home.server.port),127.0.0.1:1/postgres"
        let list = PostgresPool(PostgresServer(try PostgresAddress(several)))
        #expect(await words { _ = try await open(list) }.contains("read-only"))
    }

    @Test("of several servers the one that can be written to is used, whatever became of the others")
    func list() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let dead = TestServer.freePort()
        let hosts = "127.0.0.1:\(dead),127.0.0.1:\(home.server.port)"
        let address = "postgres://\(home.user)@\(hosts)/postgres?connect_timeout=60"
        let store = try await open(PostgresPool(PostgresServer(try PostgresAddress(address))))
        let entry = LedgerEntry(latched(.healed, "1"), at: at(1))
        #expect(try await store.append([entry], expecting: .start, fence: nil).sequence == 1)
    }

    @Test("a server that was killed and started again is gone on with by the next who asks")
    func restarted() async throws {
        let server = try await TestServer(["shared_buffers=16MB"])
        let home = try await PostgresUnderTest(server)
        let store = try await PostgresLedgerStore.open(home.pool, isChanged: true, isMade: false)
        let head = try await store.append(
            [LedgerEntry(latched(.healed, "1"), at: at(1))], expecting: .start, fence: nil)
        try await away { try server.restart() }
        #expect(try await store.load(LedgerScope()).head == head)
        try await away { try server.restart() }
        let next = LedgerEntry(latched(.healed, "2"), at: at(2))
        #expect(try await store.append([next], expecting: head, fence: nil).sequence == 2)
        try await away { try server.stop() }
        #expect(await words { _ = try await store.records(after: 0, limit: 1) }.contains("Connection refused"))
    }

    @Test("its size is told, and what PostgreSQL does itself is refused with its name")
    func keeper() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let store = try await home.open()
        let entry = LedgerEntry(latched(.healed, "1"), at: at(1))
        _ = try await store.append([entry], expecting: .start, fence: nil)
        let keeper = PostgresLedgerKeeper(home.pool)
        let measure = try await keeper.measure()
        #expect(measure.records == 1 && measure.bytes > 0 && measure.recordBytes > 0 && measure.cells == ["latch": 1])
        #expect(await words { try await keeper.copy(to: "/tmp/x") }.contains("pg_dump"))
        #expect(await words { try await keeper.compact() }.contains("VACUUM"))
        #expect(await words { try await keeper.replace(with: "a", settingAside: "b") }.contains("pg_restore"))
    }
}
