internal import Dispatch
private import Glibc
import MendflowLedger
import MendflowText
private import Synchronization

/// A few connections to one address. Each is used by one caller at a time; the others wait for their turn. What is idle for a
/// minute is closed, and what broke is never used again.
final class PostgresPool: Sendable {
    let server: PostgresServer
    private let turns: PostgresTurns
    private let state = Mutex(State())

    private struct State {
        var idle: [(connection: PostgresConnection, since: DispatchTime)] = []
        /// The host that was connected to last.
        var host = 0
    }
    private static let idleSeconds = 60

    init(_ server: PostgresServer, limit: Int = 4) {
        self.server = server
        turns = PostgresTurns(limit: limit)
    }

    var address: String { server.address.description }

    /// Runs something with a connection. Where that breaks before anything was written, it is run once more with a new one.
    func use<T: Sendable>(
        by deadline: DispatchTime,
        _ body: (PostgresConnection) async throws(PostgresFailure) -> T
    ) async throws(PostgresFailure) -> T {
        try await turns.take(by: deadline)
        defer { turns.pass() }
        let first: PostgresConnection
        if let idle = takeIdle() { first = idle } else { first = try await dial(by: deadline) }
        do throws(PostgresFailure) {
            return try await use(first, body)
        } catch  where error.isOfConnection {
            // The others are no younger than this one.
            state.withLock { $0.idle = [] }
            return try await use(try await dial(by: deadline), body)
        }
    }

    private func use<T: Sendable>(
        _ connection: PostgresConnection, _ body: (PostgresConnection) async throws(PostgresFailure) -> T
    ) async throws(PostgresFailure) -> T {
        do throws(PostgresFailure) {
            let answer = try await body(connection)
            await giveBack(connection)
            return answer
        } catch {
            if !error.isOfConnection { await giveBack(connection) }
            throw error
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        guard await connection.settle(by: .now() + .seconds(5)) else { return }
        state.withLock { $0.idle.append((connection, .now())) }
        let delay = DispatchTimeInterval.seconds(PostgresPool.idleSeconds)
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + delay) { [weak self] in self?.closeIdle() }
    }

    private func closeIdle() {
        let oldest = DispatchTime.now() - .seconds(PostgresPool.idleSeconds)
        // Closing talks to the server, and is not done under the lock.
        let closed = state.withLock { state in
            defer { state.idle.removeAll { $0.since <= oldest } }
            return state.idle.filter { $0.since <= oldest }
        }
        _ = closed
    }

    private func takeIdle() -> PostgresConnection? { state.withLock { $0.idle.popLast()?.connection } }
}

// Connecting.
extension PostgresPool {
    /// Connects to the first host that lets us in and can do what is wanted, beginning with the one that did so last. Each has its
    /// own time: one that answers nothing does not use up that of the others.
    func dial(by deadline: DispatchTime) async throws(PostgresFailure) -> PostgresConnection {
        let hosts = server.address.hosts
        let first = state.withLock { $0.host }
        var (failures, isAway): ([String], Bool) = ([], false)
        for (turn, index) in hosts.indices.map({ ($0 + first) % hosts.count }).enumerated() {
            let settings = try server.settings(hosts[index]) { unsafe access($0, R_OK) == 0 }
            let end = server.patience(until: deadline, hosts: hosts.count - turn)
            do throws(PostgresFailure) {
                let connection = try await PostgresConnection.open(settings, by: end)
                state.withLock { $0.host = index }
                return connection
            } catch {
                // Whatever becomes of one, the next may do.
                switch error {
                case .unreachable(let words): failures.append(words)
                case .away(let words), .lost(let words):
                    let advice = server.adviceOnTrust(words)
                    failures.append(words + advice)
                    isAway = isAway || advice.isEmpty && PostgresFailure.isPassing(words)
                default: throw error
                }
            }
        }
        let words = failures.joined(separator: "; ")
        throw isAway ? .away(words) : .unreachable(words)
    }
}
