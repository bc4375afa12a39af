import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import MendflowPostgresKit
import Testing

@testable import MendflowLedgerPostgres

@Suite("The leases on PostgreSQL", .serialized, .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct LeaseTableTests {
    let home: PostgresUnderTest
    let store: PostgresLedgerStore
    let leases: PostgresLeases

    init() async throws {
        home = try await PostgresUnderTest(try await TestServer.shared())
        store = try await PostgresLedgerStore.open(home.pool, isChanged: true, isMade: false, demanding: .none)
        leases = PostgresLeases(home.pool)
    }

    func wish(
        _ agent: String, holds: [String: Int64] = [:], returns: [String: Int64] = [:], period: Period = .minutes(5),
        knows: AuditHead = .start, isLeaving: Bool = false
    ) -> LeaseWish {
        LeaseWish(
            agent: AgentName(agent), place: "here", instances: ["production", "test"], holds: holds, returns: returns,
            period: period, knows: knows, isLeaving: isLeaving)
    }

    func entry(_ execution: ExecutionID) -> LedgerEntry { LedgerEntry(latched(.healed, execution), at: at(1)) }

    @Test("a turn is what the pure turn makes of the board, and the next one finds it so")
    func turns() async throws {
        let first = try await leases.turn(wish("a"))
        #expect(Set(first.held.keys) == ["production", "test"])
        #expect(try await leases.board().leases == first.board.leases)
        let second = try await leases.turn(wish("b"))
        #expect(second.held.isEmpty && second.board.agents.keys.sorted() == [AgentName("a"), AgentName("b")])
        let renewed = try await leases.turn(wish("a", holds: first.held.mapValues(\.epoch)))
        #expect(renewed.surplus == "test" && renewed.held.count == 2)
        let given = try await leases.turn(wish("a", holds: ["production": 1], returns: ["test": 1]))
        #expect(given.held.keys.sorted() == ["production"] && given.hasReturned)
        let taken = try await leases.turn(wish("b"))
        #expect(taken.held.mapValues(\.epoch) == ["test": 2])
        let left = try await leases.turn(wish("a", returns: ["production": 1], isLeaving: true))
        #expect(left.board.agents.keys.map(\.text) == ["b"])
        let board = try await leases.board()
        #expect(board.agents[AgentName("b")]?.instances == ["production", "test"] && board.agents.count == 1)
        #expect(board.held("production") == nil && board.held("test")?.holder == AgentName("b"))
    }

    @Test("an agent says which n8n's it does not reach, and which it does though their leaders do not")
    func sight() async throws {
        var wish = wish("a")
        (wish.blind, wish.sees) = (["production"], ["test"])
        let turn = try await leases.turn(wish)
        #expect(try await leases.board().agents == turn.board.agents)
        #expect(turn.board.agents[AgentName("a")]?.blind == ["production"])
        (wish.blind, wish.sees, wish.holds) = ([], [], turn.held.mapValues(\.epoch))
        _ = try await leases.turn(wish)
        let agent = try #require(try await leases.board().agents[AgentName("a")])
        #expect(agent.blind.isEmpty && agent.sees.isEmpty && agent.instances.count == 2)
    }

    @Test("lease numbers go on where a ledger was taken over from another place, and never go back")
    func outlast() async throws {
        try await leases.outlast(["production": 41])
        #expect(try await leases.board().held("production") == nil)
        let taken = try await leases.turn(wish("a"))
        #expect(taken.held.mapValues(\.epoch) == ["production": 42, "test": 1])
        try await leases.outlast(["production": 7, "test": 1])
        let board = try await leases.board()
        #expect(board.leases.mapValues(\.epoch) == ["production": 42, "test": 1] && board.held("production") != nil)
    }

    @Test("two who take turns at once do not both get an instance")
    func atOnce() async throws {
        async let one = leases.turn(wish("a"))
        async let other = leases.turn(wish("b"))
        let held = try await [one.held, other.held]
        #expect(held[0].keys.filter { held[1][$0] != nil }.isEmpty)
        #expect(held[0].count + held[1].count == 2)
    }

    @Test("an append under a lease is admitted while that lasts long enough, and nothing of it is written else")
    func fence() async throws {
        _ = try await leases.turn(wish("a"))
        let token = FenceToken(instance: "production", epoch: 1, margin: .seconds(2))
        let head = try await store.append([entry("1")], expecting: .start, fence: token)
        for wrong in [
            FenceToken(instance: "production", epoch: 2, margin: .seconds(2)),
            FenceToken(instance: "production", epoch: 1, margin: .hours(1)),
            FenceToken(instance: "nobody's", epoch: 1, margin: .seconds(2)),
            FenceToken(instance: "production", epoch: 1, margin: .seconds(2), holder: AgentName("b")),
        ] {
            await #expect {
                try await store.append([entry("2")], expecting: head, fence: wrong)
            } throws: {
                if case .fenced? = $0 as? LedgerFailure { true } else { false }
            }
        }
        #expect(try await store.records(after: 0, limit: 9).count == 1)
    }

    @Test("the last word on a lease is the database's, right before what is written")
    func proof() async throws {
        _ = try await leases.turn(wish("a"))
        for (margin, holder, isAdmitted) in [
            (Period.seconds(2), "a", true), (.hours(1), "a", false), (.seconds(2), "b", false),
        ] {
            let token = FenceToken(instance: "production", epoch: 1, margin: margin, holder: AgentName(holder))
            do throws(PostgresFailure) {
                _ = try await home.pool.use(by: .late) { connection throws(PostgresFailure) in
                    try await connection.run([token.proof], by: .late)
                }
                #expect(isAdmitted)
            } catch { #expect(error.isOfLease && !isAdmitted) }
        }
    }

    @Test("an append asks for that last word itself: a lease that ends while it is judged lets nothing be written")
    func lastWord() async throws {
        _ = try await leases.turn(wish("a"))
        let ends = """
            CREATE OR REPLACE FUNCTION mendflow_admit(wanted bytea, token bigint, margin bigint, agent bytea)
            RETURNS void LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'it has just ended' USING ERRCODE = 'MF001'; END $$
            """
        try await home.run(PostgresStatement(ends))
        let token = FenceToken(instance: "production", epoch: 1, margin: .seconds(2), holder: AgentName("a"))
        let failure = await #expect(throws: LedgerFailure.self) {
            try await store.append([entry("1")], expecting: .start, fence: token)
        }
        guard case .fenced? = failure else {
            Issue.record("\(failure.map { "\($0)" } ?? "nothing was thrown")")
            return
        }
        #expect(try await store.records(after: 0, limit: 1).isEmpty)
    }

    @Test("who knows a record that is not in the ledger says so")
    func lost() async throws {
        let head = try await store.append([entry("1")], expecting: .start, fence: nil).chain
        #expect(try await leases.turn(wish("a", knows: head)).board.doubt == nil)
        #expect(try await leases.board().head == head)
        let later = AuditHead(sequence: 7, hash: head.hash)
        #expect(try await leases.turn(wish("a", knows: later)).board.doubt == .lost(later))
    }

    @Test("a ledger that was put into another place says so until somebody has seen to it")
    func moved() async throws {
        try await home.run(PostgresStatement("UPDATE mendflow_ledger SET entries = entries + 1"))
        guard case .moved? = try await leases.board().doubt else {
            Issue.record("nothing is seen")
            return
        }
        try await leases.settleDoubt()
        #expect(try await leases.board().doubt == nil)
        try await home.run(PostgresStatement("UPDATE mendflow_ledger SET system = system + 1"))
        #expect(try await leases.turn(wish("a")).board.doubt != nil)
    }

    @Test("who waits for a lease hears at once that one was given back")
    func returns() async throws {
        _ = try await leases.turn(wish("a"))
        var waiting = leases.returns().makeAsyncIterator()
        let listening =
            "SELECT count(*)::text FROM pg_stat_activity WHERE usename = '\(home.user)' AND query LIKE 'LISTEN%'"
        while try await home.server.ask(listening) == [["0"]] { await Task.yield() }
        _ = try await leases.turn(wish("a", returns: ["test": 1]))
        #expect(await waiting.next() != nil)
    }
}
