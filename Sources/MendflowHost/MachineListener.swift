import MendflowEnvironment
import MendflowHTTP
import MendflowHTTPServer
import MendflowText

/// libmicrohttpd, as the agent's service uses it: few threads and bounded connections, none of which a tick ever waits for.
struct MachineListener: Listener {
    private let server: HTTPServer
    var port: UInt16 { server.port }
    func close() async { await server.stop() }

    static func start(
        _ address: ListenAddress, _ bodyBytes: Int, _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) throws(ListenFailure) -> MachineListener {
        let configuration = HTTPServerConfiguration(
            address: .ipv4(address.number), port: address.port, threads: 2, connections: 128, idleSeconds: 15,
            bodyBytes: bodyBytes)
        do throws(HTTPServerError) {
            return MachineListener(server: try HTTPServer.start(configuration) { .respond(await answer($0)) })
        } catch { throw ListenFailure(address: address, reason: error.reason) }
    }
}
