import Dispatch
import MendflowPostgresKit
import MendflowText

@testable import MendflowLedgerPostgres

typealias TestServer = PostgresTestServer

extension PostgresTestServer {
    /// A machine that has much to do may take its time to let somebody in.
    func server(of user: String, _ parameters: String = "?connect_timeout=60") throws -> PostgresServer {
        PostgresServer(try PostgresAddress(address(of: user, parameters)))
    }

    /// Connects as the server's owner.
    func connect() async throws -> PostgresConnection {
        let host = PostgresAddress.Host(folder, port: port)
        return try await PostgresConnection.open(
            try server(of: "admin").settings(host) { _ in false }, by: .late)
    }
}

extension PostgresRows {
    /// Every value as a text; only of columns that are texts.
    var texts: [[String?]] {
        (try? map { row in (0..<columns).map { _ in row.optionalText() } }) ?? []
    }
}

extension DispatchTime {
    /// Later than anything in a test takes.
    static var late: DispatchTime { now() + DispatchTimeInterval.seconds(30) }
}
