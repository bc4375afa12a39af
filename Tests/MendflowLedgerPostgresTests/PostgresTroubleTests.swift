import Dispatch
import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import MendflowText
import Testing

@testable import MendflowLedgerPostgres

@Suite(
    "The ledger on PostgreSQL, when things go wrong", .serialized,
    .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct PostgresTroubleTests {
    func entry(_ execution: ExecutionID) -> LedgerEntry { LedgerEntry(latched(.healed, execution), at: at(1)) }

    /// A ledger, and a store that reaches it through a proxy.
    func proxied() async throws -> (home: PostgresUnderTest, store: PostgresLedgerStore, proxy: TestProxy) {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let proxy = try TestProxy(to: home.server.port)
        let address = "postgres://\(home.user)@127.0.0.1:\(proxy.port)/postgres?sslmode=disable&connect_timeout=60"
        let pool = PostgresPool(PostgresServer(try PostgresAddress(address)))
        let store = try await PostgresLedgerStore.open(pool, isChanged: true, isMade: false, demanding: .none)
        return (home, store, proxy)
    }

    @Test("an append whose answer is lost after the commit is found by the head, and written once")
    func answerLost() async throws {
        let (_, store, proxy) = try await proxied()
        let ledger = try await Ledger(store, LedgerScope())
        proxy.next(.afterCommit)
        #expect(try await ledger.append([entry("1")]) == [1])
        #expect(try await ledger.append([entry("2")]) == [2])
        #expect(try await store.verify(expecting: nil).count == 2)
    }

    @Test("without somebody who asks, such an append is a failure that says nothing of what became of it")
    func nobodyKnows() async throws {
        let (_, store, proxy) = try await proxied()
        proxy.next(.afterCommit)
        await #expect {
            try await store.append([entry("1")], expecting: .start, fence: nil)
        } throws: { error in
            if case .away(let words)? = error as? LedgerFailure {
                words.contains("connection broke")
            } else {
                false
            }
        }
        #expect(try await store.records(after: 0, limit: 9).count == 1)
    }

    @Test("an append whose commit never arrives is not written, and can be made again")
    func commitLost() async throws {
        let (_, store, proxy) = try await proxied()
        let ledger = try await Ledger(store, LedgerScope())
        proxy.next(.beforeCommit)
        await #expect(throws: LedgerFailure.self) { try await ledger.append([entry("1")]) }
        #expect(try await store.records(after: 0, limit: 9).isEmpty)
        #expect(try await ledger.append([entry("1")]) == [1])
    }

    @Test("of two who append behind the same record one is told that it moved, and both are in the chain at last")
    func concurrent() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let (one, other) = (try await home.open(), try await home.open())
        async let first = Result { try await one.append([entry("1")], expecting: .start, fence: nil) }
        async let second = Result { try await other.append([entry("2")], expecting: .start, fence: nil) }
        let results = [await first, await second]
        let heads = results.compactMap { try? $0.get() }
        #expect(heads.count == 1)
        let failures = results.compactMap {
            if case .failure(let failure) = $0 { failure as? LedgerFailure } else { nil }
        }
        #expect(failures == heads.map(LedgerFailure.moved))
    }

    @Test("a connection that the server ends while an append waits is replaced, and the append is made once")
    func terminated() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let store = try await home.open()
        let holder = try await home.server.connect()
        let hold = "SELECT 1 FROM \(home.user).mendflow_ledger FOR UPDATE"
        _ = try await holder.run([PostgresStatement("BEGIN"), PostgresStatement(hold)], by: .late)
        async let head = store.append([entry("1")], expecting: .start, fence: nil)
        let waiting = """
            SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity
            WHERE usename = '\(home.user)' AND wait_event_type = 'Lock'
            """
        while try await home.server.ask(waiting) == [["0"]] { await Task.yield() }
        _ = try await holder.run([PostgresStatement("ROLLBACK")], by: .late)
        #expect(try await head.sequence == 1)
        #expect(try await store.verify(expecting: nil).count == 1)
    }

    @Test("a transaction that is left alone is ended by the server, so that a frozen process keeps nobody waiting")
    func frozen() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        try await home.pool.use(by: .late) { connection throws(PostgresFailure) in
            _ = try await connection.run(PostgresTransaction.append, by: .late)
            let other = PostgresLedgerStore(PostgresPool(home.pool.server))
            // A lock is waited for not much longer than the server lets it stand: where the machine is busy one try may
            // miss its end.
            var head: LedgerHead?
            for isLast in [false, true] where head == nil {
                do throws(LedgerFailure) {
                    head = try await other.append([entry("1")], expecting: .start, fence: nil)
                } catch { if isLast { throw .ledger(error) } }
            }
            #expect(head?.sequence == 1)
        }
    }
}

extension PostgresTroubleTests {
    @Test("a process that is frozen in the middle of a statement keeps nobody waiting for long either")
    func frozenInStatement() async throws {
        let home = try await PostgresUnderTest(try await TestServer.shared())
        let settings = try home.pool.server.settings(home.pool.server.address.hosts[0]) { _ in false }
        let frozen = try await PostgresConnection.open(settings, by: .late)
        _ = try await frozen.run(PostgresTransaction.append, by: .late)
        try await frozen.submit([PostgresStatement("SELECT 1")], isWhole: false, by: .late)
        let store = PostgresLedgerStore(home.pool)
        #expect(try await store.append([entry("1")], expecting: .start, fence: nil).sequence == 1)
        await #expect(throws: PostgresFailure.self) { try await frozen.run([PostgresStatement("COMMIT")], by: .late) }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
