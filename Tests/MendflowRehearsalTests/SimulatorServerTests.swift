import MendflowHTTP
import MendflowHTTPServer
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

/// A clock that a test moves by hand.
private final class HandClock: Sendable {
    private struct State: Sendable {
        var now: Int64
        var sleepers: [(id: Int, until: Int64, continuation: CheckedContinuation<Void, any Error>)] = []
        var count = 0
        var cancelled: Set<Int> = []
    }
    private let state: Mutex<State>
    init(_ now: Int64) { state = Mutex(State(now: now)) }

    var now: Int64 { state.withLock { $0.now } }

    func move(by time: Int64) {
        let due = state.withLock { state in
            state.now += time
            let due = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { $0.until <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    func sleep(until time: Int64) async throws {
        let id = state.withLock { state in
            state.count += 1
            return state.count
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.contains(id) { return .failure(CancellationError()) }
                    if time <= state.now { return .success(()) }
                    state.sleepers.append((id, time, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

@Suite("The simulator over HTTP", .timeLimit(.minutes(30)))
struct SimulatorServerTests {
    private let clock = HandClock(1_795_435_200_000)

    private func start() throws -> SimulatorServer {
        var simulator = Simulator(now: clock.now)
        simulator.add(
            Simulator.Workflow(
                id: "orders", name: "Order sync", nodes: [.webhook("o"), .http(url: "http://x")],
                script: .init(next: [.error(.http(503), after: 0)], thenAlways: [.success(after: 60_000)])))
        simulator.trigger("orders", now: clock.now)
        return try SimulatorServer.start(simulator, now: { [clock] in clock.now }) { [clock] in
            try await clock.sleep(until: $0)
        }
    }

    private func get(_ path: String) -> String {
        "GET /api/v1\(path) HTTP/1.1\r\nHost: h\r\nX-N8N-API-KEY: test-key\r\nConnection: close\r\n\r\n"
    }

    private let retry =
        "POST /api/v1/executions/1/retry HTTP/1.1\r\nHost: h\r\nX-N8N-API-KEY: test-key\r\nConnection: close\r\n\r\n"

    @Test("answers with the simulator's rows and clock")
    func list() async throws {
        let server = try start()
        let answer = await RawClient(port: server.port).exchange(get("/executions?status=error"))
        await server.stop()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.contains("Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n"))
        #expect(answer.contains(#""id":"1""#))
    }

    @Test("answers a retry when the clock reaches the run's end")
    func retried() async throws {
        let server = try start()
        let client = RawClient(port: server.port)
        let connection = client.open()
        client.send(connection, retry)
        // The retry has arrived once its child is there.
        while server.withSimulator({ $0.database[2] }) == nil { await Task.yield() }
        clock.move(by: 60_000)
        let answer = await client.rest(of: connection)
        await server.stop()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.contains(#""status":"success""#))
        #expect(server.withSimulator { $0.retries(of: 1, by: .key("agent")) } == [2])
    }

    @Test("is steered over HTTP, also while it is down")
    func steered() async throws {
        let server = try start()
        let client = RawClient(port: server.port)
        func post(_ path: String) async -> String {
            await client.exchange(
                "POST /simulate\(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        #expect(await post("/kill").contains(#""power":"down""#))
        #expect(await client.exchange(get("/executions")) == "")
        #expect(await post("/start").contains(#""power":"up""#))
        #expect(await client.exchange(get("/executions")).hasPrefix("HTTP/1.1 200 "))
        await server.stop()
    }

    @Test("answers HEAD with the length of GET's body and none, and takes bodies as large as n8n does")
    func framing() async throws {
        let server = try start()
        let client = RawClient(port: server.port)
        let whole = await client.exchange(get("/executions"))
        let head = await client.exchange(get("/executions").replacing("GET ", with: "HEAD "))
        let length = whole.split(separator: "\r\n").first { $0.hasPrefix("Content-Length:") }
        #expect(head.contains(try #require(length) + "\r\n"))
        #expect(head.hasSuffix("\r\n\r\n"))
        func put(_ size: Int) -> String {
            "PUT /api/v1/executions/1/tags HTTP/1.1\r\nHost: h\r\nX-N8N-API-KEY: test-key\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(size)\r\n\r\n"
        }
        let body = "[" + String(repeating: " ", count: 15 << 20) + "]"
        #expect(await client.exchange(put(body.utf8.count) + body).hasPrefix("HTTP/1.1 200 "))
        #expect(await client.exchange(put(17 << 20)).hasPrefix("HTTP/1.1 413 "))
        await server.stop()
    }

    @Test("drops the connection of a call whose answer is lost, and of held ones when stopped")
    func lost() async throws {
        let server = try start()
        server.withSimulator { $0.faults = [.init(.loseAnswer(), at: [.list])] }
        let client = RawClient(port: server.port)
        #expect(await client.exchange(get("/executions")) == "")
        async let held = client.exchange(retry)
        while server.withSimulator({ $0.database[2] }) == nil { await Task.yield() }
        await server.stop()
        #expect(await held == "")
    }

    @Test(
        "obeys no page of another site, and no other name of this machine, where it asks for no key",
        arguments: [
            ("127.0.0.1", nil, 200), ("localhost", nil, 200), ("127.0.0.1", "http://127.0.0.1:PORT", 200),
            ("evil.example", nil, 403), ("127.0.0.1", "https://evil.example", 403), ("127.0.0.1", "null", 403),
            ("evil.example", "http://evil.example:PORT", 403), ("127.0.0.1", "http://127.0.0.1:1", 403),
        ])
    func foreign(host: String, origin: String?, status: Int) async throws {
        let server = try start()
        let port = "\(server.port)"
        let line = origin.map { "Origin: " + $0.replacing("PORT", with: port) + "\r\n" } ?? ""
        let answer = await RawClient(port: server.port).exchange(
            "GET /simulate HTTP/1.1\r\nHost: \(host):\(port)\r\n\(line)Connection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        await server.stop()
    }
}
