import FoundationEssentials
import MendflowEnvironment
import MendflowLedger
import MendflowPostgresKit
import MendflowText
import Testing

@testable import MendflowLedgerPostgres

@Suite("Getting into PostgreSQL", .serialized, .enabled(if: TestServer.programs != nil, "\(TestServer.lack)"))
struct AccessTests {
    /// A server that lets nobody in from the network without TLS, nor without a password; its certificate is `localhost`'s.
    static let server = Task {
        let request = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        let server = try await TestServer(
            ["shared_buffers=16MB", "ssl=on", "ssl_cert_file=../server.crt", "ssl_key_file=../server.key"],
            rules: "hostssl all all 127.0.0.1/32 scram-sha-256",
            before: """
                \(request) -x509 -keyout ca.key -out ca.crt -subj /CN=authority &&
                \(request) -keyout server.key -out server.csr -subj /CN=localhost &&
                echo subjectAltName=DNS:localhost >names && openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key \\
                -CAcreateserial -days 2 -out server.crt -extfile names && chmod 600 server.key
                """)
        try await server.ask("CREATE ROLE guest LOGIN PASSWORD '\(password)'; CREATE SCHEMA AUTHORIZATION guest")
        return server
    }
    static let password = "hunter2 with a blank"

    func open(_ host: String, _ parameters: String, _ variables: [String: String]) async throws {
        let port = try await AccessTests.server.value.port
        let address = "postgres://guest@\(host):\(port)/postgres" + parameters + "&connect_timeout=60"
        _ = try await PostgresLedgers(variables: variables).open(address, .create)
    }

    func words(
        _ host: String, _ parameters: String, _ variables: [String: String] = ["PGPASSWORD": password]
    ) async throws -> String {
        do {
            try await open(host, parameters, variables)
            return "nothing was thrown"
        } catch {
            #expect(!"\(error)".contains(AccessTests.password))
            return "\(error)"
        }
    }

    func authority() async throws -> String {
        "&sslrootcert=" + (try await AccessTests.server.value.folder) + "/ca.crt"
    }

    @Test("a server whose certificate is its own is let in to, with the password of the environment or of a file")
    func passwords() async throws {
        let trusted = "?sslmode=verify-full" + (try await authority())
        try await open("localhost", trusted, ["PGPASSWORD": AccessTests.password])
        let file = try await AccessTests.server.value.folder + ".passwords"
        try "*:*:*:guest:\(AccessTests.password)\n".write(toFile: file, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        try await open("localhost", trusted, ["PGPASSFILE": file])
        try await open("localhost", trusted + "&passfile=" + file, [:])
    }

    @Test("no password, or a wrong one, is told without it")
    func wrongPassword() async throws {
        let trusted = "?sslmode=verify-full" + (try await authority())
        #expect(try await words("localhost", trusted, ["PGPASSFILE": "/none"]).contains("no password supplied"))
        let wrong = try await words("localhost", trusted, ["PGPASSWORD": "another"])
        #expect(wrong.contains("password authentication failed") && !wrong.contains("another"))
    }

    @Test("a certificate of another name, one of an unknown authority, and a connection without TLS are refused")
    func certificates() async throws {
        let trusted = "?sslmode=verify-full" + (try await authority())
        #expect(try await words("127.0.0.1", trusted).contains("does not match host name"))
        let unknown = try await words("localhost", "?sslmode=verify-full")
        #expect(unknown.contains("certificate verify failed") && unknown.contains("`sslrootcert=FILE` in the address"))
        // An authority that is named is asked, also on this machine.
        let named = "?" + (try await authority()).dropFirst()
        #expect(try await words("localhost", named) == "nothing was thrown")
        #expect(try await words("127.0.0.1", named).contains("judged by sslrootcert=/"))
        #expect(try await words("localhost", "?sslrootcert=/nowhere").contains("judged by sslrootcert=/nowhere"))
        #expect(try await words("localhost", "?sslmode=disable").contains("no encryption"))
        #expect(try await words("127.0.0.1", "?sslmode=require") == "nothing was thrown")
    }
}
