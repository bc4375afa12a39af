internal import Dispatch
internal import MendflowCore
public import MendflowLedger

/// The leases of a ledger on PostgreSQL, on the database's clock. A turn is one transaction; turns are taken one after the other.
///
/// Whoever does not wait any more cancels: then the connection is closed, and nobody knows whether the turn was taken.
public final class PostgresLeases: LeaseTable {
    private let pool: PostgresPool

    init(_ pool: PostgresPool) { self.pool = pool }

    private static let channel = "mendflow_lease"

    /// Who takes a turn holds this lock to its end, and is gone from it soon where it is frozen.
    private static let begin =
        PostgresTransaction.turn + [
            PostgresStatement(
                "SELECT pg_advisory_xact_lock(\(0x4D46_4C58), hashtext('mendflow_lease'::regclass::oid::text))")
        ]

    /// Takes an agent's turn; a third of a lease has to be enough for it.
    public func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
        try await use(within: max(1000, wish.period.milliseconds / 3)) {
            (connection, deadline) throws(PostgresFailure) in
            let statements = Self.begin + Self.look(knowing: wish.knows)
            let answers = try await connection.run(statements, by: deadline)
            let before = try Self.board(answers.suffix(Self.looks), knowing: wish.knows)
            let turn = LeaseTurn(wish, on: before)
            _ = try await connection.run(Self.keep(turn, after: before) + [PostgresStatement("COMMIT")], by: deadline)
            return turn
        }
    }

    /// Who holds what, and who is there.
    public func board() async throws(LedgerFailure) -> LeaseBoard {
        try await use(within: Self.patience) { (connection, deadline) throws(PostgresFailure) in
            let begin = PostgresTransaction.snapshot
            let statements = begin + Self.look(knowing: .start) + [PostgresStatement("COMMIT")]
            let answers = try await connection.run(statements, by: deadline)
            return try Self.board(answers[begin.count..<begin.count + Self.looks], knowing: .start)
        }
    }

    /// Takes the database in which the ledger stands for its own.
    public func settleDoubt() async throws(LedgerFailure) {
        try await use(within: Self.patience) { (connection, deadline) throws(PostgresFailure) in
            _ = try await connection.run([PostgresIdentity.stamp], by: deadline)
        }
    }

    /// Sees to it that the next leases have higher numbers than those of another store. They are nobody's.
    public func outlast(_ epochs: [String: Int64]) async throws(LedgerFailure) {
        let statements = epochs.sorted { $0.key < $1.key }.map { instance, epoch in
            PostgresStatement(
                """
                INSERT INTO mendflow_lease (instance, epoch, holder, since, ends) VALUES ($1, $2, $3, 0, 0)
                ON CONFLICT (instance) DO UPDATE SET epoch = greatest(mendflow_lease.epoch, excluded.epoch)
                """, .bytes(of: instance), .integer(epoch), .bytes(of: ""))
        }
        guard !statements.isEmpty else { return }
        try await use(within: Self.patience) { (connection, deadline) throws(PostgresFailure) in
            let commit = [PostgresStatement("COMMIT")]
            _ = try await connection.run(PostgresTransaction.turn + statements + commit, by: deadline)
        }
    }

    /// How long what nobody is in a hurry for may take, in milliseconds.
    private static let patience: Int64 = 10_000

    private func use<T: Sendable>(
        within milliseconds: Int64,
        _ body: (PostgresConnection, DispatchTime) async throws(PostgresFailure) -> T
    ) async throws(LedgerFailure) -> T {
        let deadline = DispatchTime.now() + .milliseconds(Int(milliseconds))
        do throws(PostgresFailure) {
            return try await pool.use(by: deadline) { (connection) throws(PostgresFailure) in
                try await body(connection, deadline)
            }
        } catch { throw error.failure(at: pool.address) }
    }

    /// Yields whenever a lease was given back. It has a connection of its own, to which a pooler in transaction mode tells nothing.
    public func returns() -> AsyncStream<Void> {
        let pool = pool
        return AsyncStream { continuation in
            let listening = Task {
                do throws(PostgresFailure) {
                    let connection = try await pool.dial(by: .now() + .seconds(30))
                    _ = try await connection.run(
                        [PostgresStatement("LISTEN \(Self.channel)")], by: .now() + .seconds(30))
                    while true {
                        try await connection.notification(by: .distantFuture)
                        continuation.yield()
                    }
                } catch {
                    // Whoever waits for a lease asks again after a while as well.
                    continuation.finish()
                }
            }
            continuation.onTermination = { _ in listening.cancel() }
        }
    }
}

// Reading.
extension PostgresLeases {
    private static let looks = 6

    /// What a board is made of. The clock comes first: nothing that is read behind it is older.
    private static func look(knowing known: AuditHead) -> [PostgresStatement] {
        [
            PostgresStatement("SELECT mendflow_now()"),
            PostgresStatement("SELECT instance, epoch, holder, since, ends FROM mendflow_lease"),
            PostgresStatement(
                """
                SELECT name, place, since, ends, one, coalesce(one = ANY(blind), false), coalesce(one = ANY(sees), false)
                FROM mendflow_agent LEFT JOIN LATERAL unnest(instances) AS one ON true ORDER BY name
                """),
            PostgresTransaction.head,
            PostgresStatement("SELECT hash FROM mendflow_entry WHERE sequence = $1", .integer(known.sequence)),
            PostgresIdentity.look,
        ]
    }

    private static func board(
        _ answers: ArraySlice<PostgresRows>, knowing known: AuditHead
    ) throws(PostgresFailure) -> LeaseBoard {
        let answers = Array(answers)
        guard let now = try answers[0].first({ $0.time() }) else { throw .unexpected("the server tells no time") }
        let leases = try answers[1].map { Lease(&$0) }
        let head = try answers[3].first { AuditHead(sequence: $0.integer(), hash: $0.bytes()) }
        var board = LeaseBoard(
            now: now, leases: Dictionary(leases.map { ($0.instance, $0) }) { one, _ in one },
            agents: try agents(answers[2]), head: head ?? .start)
        if let moved = try PostgresIdentity.moved(answers[5]) { board.doubt = .moved(moved) }
        let found = try answers[4].first { $0.bytes() }
        if known.sequence > 0, found != known.hash { board.doubt = .lost(known) }
        return board
    }

    private static func agents(_ rows: PostgresRows) throws(PostgresFailure) -> [AgentName: AgentPresence] {
        var agents: [AgentName: AgentPresence] = [:]
        _ = try rows.map { (row) throws(PostgresFailure) in
            let agent = AgentPresence(
                name: AgentName(row.text()), place: row.text(), since: row.time(), ends: row.time(), instances: [])
            let (instance, isBlind, sees) = (row.optionalText(), row.flag(), row.flag())
            guard let instance else {
                agents[agent.name] = agent
                return
            }
            agents[agent.name, default: agent].instances.insert(instance)
            if isBlind { agents[agent.name]?.blind.insert(instance) }
            if sees { agents[agent.name]?.sees.insert(instance) }
        }
        return agents
    }
}

// Writing.
extension PostgresLeases {
    /// What a turn changed.
    private static func keep(_ turn: LeaseTurn, after before: LeaseBoard) -> [PostgresStatement] {
        let board = turn.board
        var statements = turn.changedLeases.sorted().compactMap { board.leases[$0] }.map(keep)
        let agents = board.agents.values.filter { before.agents[$0.name] != $0 }
        statements += agents.sorted { $0.name < $1.name }.map(keep)
        let gone = before.agents.keys.filter { board.agents[$0] == nil }.map(\.text).sorted()
        if !gone.isEmpty {
            statements.append(
                PostgresStatement("DELETE FROM mendflow_agent WHERE name = ANY($1)", .bytes(of: gone)))
        }
        if turn.hasReturned { statements.append(PostgresStatement("SELECT pg_notify('\(channel)', '')")) }
        return statements
    }

    private static func keep(_ lease: Lease) -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO mendflow_lease (instance, epoch, holder, since, ends) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (instance) DO UPDATE SET
            epoch = excluded.epoch, holder = excluded.holder, since = excluded.since, ends = excluded.ends
            """, .bytes(of: lease.instance), .integer(lease.epoch), .bytes(of: lease.holder.text), .time(lease.since),
            .time(lease.ends))
    }

    private static func keep(_ agent: AgentPresence) -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO mendflow_agent (name, place, since, ends, instances, blind, sees)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (name) DO UPDATE SET
            place = excluded.place, since = excluded.since, ends = excluded.ends, instances = excluded.instances,
            blind = excluded.blind, sees = excluded.sees
            """, .bytes(of: agent.name.text), .bytes(of: agent.place), .time(agent.since), .time(agent.ends),
            .bytes(of: agent.instances.sorted()), .bytes(of: agent.blind.sorted()), .bytes(of: agent.sees.sorted()))
    }
}
