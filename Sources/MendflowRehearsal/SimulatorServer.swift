internal import MendflowHTTP
public import MendflowHTTPServer
public import MendflowSimulator
private import Synchronization

/// A simulated n8n over HTTP, for tests, the demo and load.
public final class SimulatorServer: Sendable {
    /// The simulator; held calls are answered through it.
    public let box: SimulatorBox
    /// The port it listens on.
    public var port: UInt16 { server.port }
    /// The URL without the Public API's path.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The largest body that n8n accepts (`N8N_PAYLOAD_SIZE_MAX`, 16 MiB).
    public static let bodyBytes = 16 << 20

    private let server: HTTPServer
    private let driver: Task<Void, Never>

    private init(box: SimulatorBox, server: HTTPServer, driver: Task<Void, Never>) {
        self.box = box
        self.server = server
        self.driver = driver
    }

    /// Starts serving a simulator.
    ///
    /// `now` is the server's clock in milliseconds since 1970, which may be a scaled one; `sleepUntil` returns when
    /// that clock has reached a time, or throws when its task is cancelled.
    public static func start(
        _ simulator: Simulator, configuration: HTTPServerConfiguration = .init(bodyBytes: bodyBytes),
        now: @escaping @Sendable () -> Int64,
        sleepUntil: @escaping @Sendable (Int64) async throws -> Void
    ) throws(HTTPServerError) -> SimulatorServer {
        // Only the newest due time matters; an older one that was not looked at yet is forgotten.
        let due = AsyncStream<Int64?>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let box = SimulatorBox(simulator, now: now) { due.continuation.yield($0) }
        let server = try HTTPServer.start(configuration) { request in
            if request.url.hasPrefix(Simulator.controlPath) {
                // They need no key, so no page of another site may reach them through a browser on this machine.
                guard isFromHere(request) else { return .respond(HTTPResponse(status: 403)) }
                if let answer = box.withSimulator({ $0.control(request, now: now()) }) { return .respond(answer) }
            }
            switch await box.send(request) {
            case .answer(let response): return .respond(framed(response, of: request))
            case .drop, .held, nil: return .close
            }
        }
        let driver = Task { await drive(box, due.stream, sleepUntil) }
        box.advance()
        return SimulatorServer(box: box, server: server, driver: driver)
    }

    /// Whether a request names this machine as its host, and comes from no page of another one.
    private static func isFromHere(_ request: HTTPRequest) -> Bool {
        let host = request.headers["Host"] ?? ""
        guard let origin = request.headers["Origin"] else { return isLoopback(host) }
        return isLoopback(host) && origin.lowercased() == "http://" + host.lowercased()
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name.lowercased())
    }

    /// A HEAD's answer announces the length of the body that is not sent, which the library takes from a body.
    private static func framed(_ response: HTTPResponse, of request: HTTPRequest) -> HTTPResponse {
        guard request.method == .head, let length = response.head.headers["Content-Length"].flatMap({ Int($0) }) else {
            return response
        }
        var response = response
        response.body = [UInt8](repeating: 0, count: length)
        return response
    }

    /// Advances the simulator whenever something falls due, until its task is cancelled.
    private static func drive(
        _ box: SimulatorBox, _ due: AsyncStream<Int64?>, _ sleepUntil: @escaping @Sendable (Int64) async throws -> Void
    ) async {
        var sleeper: Task<Void, Never>?
        for await next in due {
            sleeper?.cancel()
            guard let next else { continue }
            // Replaced when something falls due sooner, so it is a task by itself; the last one is cancelled below.
            sleeper = Task {
                guard (try? await sleepUntil(next)) != nil, !Task.isCancelled else { return }
                box.advance()
            }
        }
        sleeper?.cancel()
    }

    /// Reads or changes the simulator.
    public func withSimulator<Value: Sendable>(_ body: (inout Simulator) -> Value) -> Value {
        box.withSimulator(body)
    }

    /// Stops serving; calls that are held end without an answer.
    public func stop() async {
        driver.cancel()
        await server.stop()
        await driver.value
    }
}
