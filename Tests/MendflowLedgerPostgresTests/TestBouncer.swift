import FoundationEssentials
import MendflowPostgresKit
import MendflowText
import Testing

@testable import MendflowLedgerPostgres

/// A PgBouncer of the test's own before a server, in transaction mode: each transaction of a client may be on another of the two
/// connections that it has to the server. It goes with the process.
final class TestBouncer: Sendable {
    let port: UInt16

    static let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    static let lack = "no PgBouncer: scripts/setup postgres installs one"

    /// One for users that are there already.
    init(_ server: TestServer, users: [String]) async throws {
        port = TestServer.freePort()
        let folder = server.folder + "-bouncer"
        let program = try #require(TestBouncer.program)
        let list = users.map { "\"\($0)\" \"\"" }.joined(separator: "\n")
        let settings = """
            [databases]
            * = host=127.0.0.1 port=\(server.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = trust
            auth_file = users
            pool_mode = transaction
            default_pool_size = 2
            max_client_conn = 400
            """
        try PostgresTestServer.leave(
            """
            exec >'\(folder).log' 2>&1
            mkdir -m 755 '\(folder)' && cd '\(folder)'
            printf '%s\\n' '\(list)' >users
            printf '%s\\n' '\(settings)' >settings
            \(PostgresTestServer.user)\(program) settings &
            read line
            kill $! && wait
            rm -rf '\(folder)' '\(folder).log'
            """)
        try await wait(users[0])
    }

    func address(_ user: String) throws -> PostgresAddress {
        try PostgresAddress("postgres://\(user)@127.0.0.1:\(port)/postgres?connect_timeout=60")
    }

    private func wait(_ user: String) async throws {
        let pool = PostgresPool(PostgresServer(try address(user)))
        for _ in 0..<400 {
            if (try? await pool.dial(by: .late)) != nil { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("PgBouncer does not start")
    }
}
