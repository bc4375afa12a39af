private import Dispatch
private import FoundationEssentials
private import Glibc

/// A PostgreSQL of a test's own in a temporary folder, on a port of this machine. It goes with the process, however that ends: it
/// is stopped by a shell that waits for the end of its input.
public final class PostgresTestServer: Sendable {
    /// Where it keeps everything, its socket among it.
    public let folder: String
    /// The address that it listens on, beside its socket, and the port.
    public let host: String, port: UInt16
    private let settings: [String]
    private let users = UserStock()

    /// What went wrong, with what the server says.
    public struct Failed: Error, CustomStringConvertible {
        /// In words.
        public var description: String
    }

    /// Debian's folder of the server's programs, of the newest version; nil where PostgreSQL is not installed.
    public static let programs: String? = {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
    }()

    /// What a test says that is left out without it.
    public static let lack = "no PostgreSQL: scripts/setup postgres installs one"

    /// One for all tests of a process that do nothing to it. Nothing of it has to outlive a failure of the power.
    public static func shared() async throws -> PostgresTestServer { try await single.value }
    private static let single = Task {
        try await PostgresTestServer([
            "fsync=off", "full_page_writes=off", "max_connections=400", "shared_buffers=64MB",
        ])
    }

    /// Starts one with settings (`name=value`). Who comes over the network is judged by lines of `pg_hba.conf`; a shell
    /// script makes files in its folder before.
    public convenience init(
        _ settings: [String] = ["shared_buffers=16MB"], rules: String? = nil, host: String = "127.0.0.1",
        before script: String = "true"
    ) async throws {
        let rules = rules ?? "host all all \(host)/32 trust"
        try await self.init(settings, host: host, before: script) { command in
            """
            \(try command("initdb")) -D data -U admin -A trust -E UTF8 --no-locale --no-sync >/dev/null
            printf 'local all,replication all trust\\n%s\\n' '\(rules)' >data/pg_hba.conf
            """
        }
    }

    /// Starts one that follows another, and that `standby` is the name of in its `synchronous_standby_names`.
    public convenience init(standbyOf primary: PostgresTestServer) async throws {
        try await self.init(primary.settings + ["cluster_name=standby"], host: primary.host) { command in
            "\(try command("pg_basebackup")) -h '\(primary.folder)' -p \(primary.port) -U admin -D data -R -c fast --no-sync"
        }
    }

    private init(
        _ settings: [String], host: String, before script: String = "true",
        making: ((_ program: String) throws -> String) throws -> String
    ) async throws {
        folder = "/tmp/mendflow-postgres-\(UUID().uuidString.prefix(8))"
        (self.host, port) = (host, PostgresTestServer.freePort(on: host))
        self.settings = settings
        try PostgresTestServer.leave(
            """
            exec >'\(folder).log' 2>&1
            mkdir -m 755 '\(folder)' && cd '\(folder)' && \(script)
            \(PostgresTestServer.user.isEmpty ? "" : "chown -R postgres .")
            \(try making(command))
            \(try start) && touch ready
            read line
            \(try stopping)
            rm -rf '\(folder)' '\(folder).log'
            """)
        try await wait()
    }

    /// What is put before a command so that it is not run as root, which PostgreSQL refuses; nothing where it would not be.
    public static let user = getuid() == 0 ? "setpriv --reuid postgres --regid postgres --clear-groups " : ""

    private func command(_ program: String) throws -> String {
        guard let programs = PostgresTestServer.programs else {
            throw Failed(description: PostgresTestServer.lack)
        }
        return PostgresTestServer.user + programs + "/" + program
    }

    private var start: String {
        get throws {
            let all = settings + ["port=\(port)", "listen_addresses=\(host)", "unix_socket_directories=\(folder)"]
            let options = all.map { "-c \($0)" }.joined(separator: " ")
            return "\(try command("pg_ctl")) -D '\(folder)/data' -l '\(folder)/data/log' -w -o '\(options)' start"
        }
    }
    private var stopping: String {
        get throws { "\(try command("pg_ctl")) -D '\(folder)/data' -m immediate -w stop" }
    }

    /// Starts a shell that ends with this process.
    public static func leave(_ script: String) throws {
        // Left open: the end of its input is what the shell waits for.
        guard unsafe popen(script, "we") != nil else { throw Failed(description: "no shell") }
    }

    /// A port that nobody listens on.
    public static func freePort(on host: String = "127.0.0.1") -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = unsafe inet_addr(host)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                _ = unsafe bind(socket, raw, length)
                _ = unsafe getsockname(socket, raw, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private func wait() async throws {
        for _ in 0..<1200 {
            if FileManager.default.fileExists(atPath: folder + "/ready") { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        let log = try? String(contentsOfFile: folder + ".log", encoding: .utf8)
        let more = try? String(contentsOfFile: folder + "/data/log", encoding: .utf8)
        throw Failed(description: "PostgreSQL does not start: \(log ?? "")\n\(more ?? "")")
    }
}

// What befalls it.
extension PostgresTestServer {
    /// Kills it as a failure of the power would, and everything that it has begun with it.
    public func kill() throws {
        let text = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
        guard let number = text.split(separator: "\n").first.flatMap({ pid_t($0) }), Glibc.kill(number, SIGKILL) == 0
        else { throw Failed(description: "there is no server to kill") }
    }

    /// Starts it again, as it was, also where it runs still: then what it does is cut off.
    public func restart() throws {
        // Those whom a killed server has begun need a moment to see it.
        try shell("\(try stopping); for each in 1 2 3 4 5 6 7 8 9; do \(try start) && exit 0; sleep 0.2; done; exit 1")
    }

    /// Runs one of PostgreSQL's programs as the server's owner, in its folder.
    public func run(_ program: String, _ arguments: String) throws {
        try shell("cd '\(folder)' && \(try command(program)) -h '\(folder)' -p \(port) -U admin \(arguments)")
    }

    /// Lets a standby take over.
    public func promote() throws {
        try shell("\(try command("pg_ctl")) -D '\(folder)/data' -w promote")
    }

    /// Stops it at once.
    public func stop() throws { try shell(try stopping) }

    private func shell(_ script: String) throws {
        let output = folder + "/said"
        guard unsafe system("(\(script)) >'\(output)' 2>&1 </dev/null") == 0 else {
            throw Failed(description: (try? String(contentsOfFile: output, encoding: .utf8)) ?? script)
        }
    }
}

// Who uses it.
extension PostgresTestServer {
    /// The address of a user's ledger.
    public func address(of user: String, _ parameters: String = "") -> String {
        "postgres://\(user)@\(host):\(port)/postgres\(parameters)"
    }

    /// An address of the same that `psql` understands.
    public func clientAddress(of user: String) -> String { address(of: user) }

    /// Makes a user with a schema of its own, which is a place for one ledger.
    public func makeUser() async throws -> String { try await users.next(self) }

    /// Runs SQL as the server's owner, and answers the rows of the last statement as texts.
    @discardableResult
    public func ask(_ sql: String) async throws -> [[String]] {
        let words = sql.replacing("'", with: "'\\''")
        let psql = "\(try command("psql")) -h '\(folder)' -p \(port) -U admin -AtqX -v ON_ERROR_STOP=1 -F '\t' postgres"
        let file = "/tmp/mendflow-psql-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let code = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: unsafe system("\(psql) -c '\(words)' >\(file) 2>&1 </dev/null"))
            }
        }
        let said = try String(contentsOfFile: file, encoding: .utf8)
        guard code == 0 else { throw Failed(description: said) }
        return said.split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }
}

/// Users that nobody has yet, made some at a time.
private actor UserStock {
    private var stock: [String] = [], made = 0
    private var making: Task<Void, any Error>?

    func next(_ server: PostgresTestServer) async throws -> String {
        while stock.isEmpty {
            let making = self.making ?? Task { try await make(server) }
            self.making = making
            try await making.value
        }
        return stock.removeFirst()
    }

    private func make(_ server: PostgresTestServer) async throws {
        // Whoever waits for this goes on only once they are there.
        defer { making = nil }
        let names = (made..<made + 16).map { "ledger\($0)" }
        made += names.count
        let sql = names.map { "CREATE ROLE \($0) LOGIN; CREATE SCHEMA AUTHORIZATION \($0)" }
        try await server.ask(sql.joined(separator: "; "))
        stock += names
    }
}
