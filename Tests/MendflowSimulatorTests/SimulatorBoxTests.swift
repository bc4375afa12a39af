import MendflowHTTP
import MendflowSimulator
import Synchronization
import Testing

@Suite("A shared simulator", .timeLimit(.minutes(30)))
struct SimulatorBoxTests {
    private func withBox(_ body: (SimulatorBox, Clock) async throws -> Void) async throws {
        let clock = Clock()
        let server = server(script: .init(next: [.error(.http(503), after: 0), .success(after: 1_000)]))
        server.trigger(orders)
        try await body(SimulatorBox(server.n8n, now: { clock.now.withLock { $0 } }), clock)
    }

    final class Clock: Sendable { let now = Mutex(noon) }

    @Test("answers a held call when the time has come")
    func held() async throws {
        try await withBox { box, clock in
            async let reply = box.send(request(.post, "/executions/1/retry"))
            while box.withSimulator({ $0.retries(of: 1) }).isEmpty { await Task.yield() }
            #expect(box.nextEvent == noon + 1_000)
            clock.now.withLock { $0 += 1_000 }
            box.advance()
            #expect(await reply?.response?.status == 200)
        }
    }

    @Test("lets a client give up without stopping the run")
    func cancelled() async throws {
        try await withBox { box, clock in
            let caller = Task { await box.send(request(.post, "/executions/1/retry")) }
            while box.withSimulator({ $0.retries(of: 1) }).isEmpty { await Task.yield() }
            caller.cancel()
            #expect(await caller.value == nil)
            clock.now.withLock { $0 += 1_000 }
            box.advance()
            #expect(box.withSimulator { $0.database[2]?.status } == .success)
        }
    }
}
