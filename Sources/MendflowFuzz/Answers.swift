import MendflowCore
import MendflowHTTP
import MendflowN8N
import MendflowSimulator
import MendflowTestKit
import MendflowText
import Synchronization

/// A server that answers every request with the same bytes, in pieces of one size, and remembers what was asked.
final class Answers: Transport {
    /// The key that the reader is let in by; no evidence may show it.
    static let key = "n8n-secret-5c1e9b7d0a64f2"

    private let body: [UInt8]
    private let pieces: Int
    private let asked = Mutex<[String]>([])

    init(_ body: [UInt8], pieces: Int) {
        self.body = body
        self.pieces = pieces
    }

    /// The URLs of the requests so far.
    var urls: [String] { asked.withLock { $0 } }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        asked.withLock { $0.append(request.url) }
        _ = observer(.sending)
        let answer = HTTPResponse(
            status: 200, headers: ["Content-Type": "application/json; charset=utf-8"], body: body)
        return answer.deliver(in: pieces, to: observer, bytesSent: 200)
    }

    private static let noon = AgentTime(milliseconds: 1_780_000_000_000)

    /// A simulated n8n with five executions.
    static func listing() -> SimulatedTransport {
        SimulatedTransport(SimulatorBox(server) { noon.milliseconds })
    }

    private static let server: Simulator = {
        var simulator = Simulator(now: noon.milliseconds)
        simulator.configuration.keys = [.init(key: key, name: "agent")]
        simulator.add(Simulator.Workflow(id: "Wf00000000000001", name: "Order sync", nodes: [.webhook("orders")]))
        for number: Int64 in 1...5 {
            let at = noon.milliseconds - number * 1000
            simulator.addExecution(of: "Wf00000000000001", status: .error, startedAt: at, stoppedAt: at + 5)
        }
        return simulator
    }()

    /// A reader of what a transport brings.
    static func reader(_ transport: any Transport, clock: VirtualClock) throws -> N8NReader {
        N8NReader(
            connection: try N8NConnection(url: try ServerURL("http://n8n.example")) { key }, transport: transport,
            clock: clock
        ) { SecretScrubber.scrub($0) }
    }

    /// What is read of an answer, in this thread and in no time.
    static func read<Value: Sendable>(
        _ body: [UInt8], pieces: Int, _ read: @escaping @Sendable (N8NReader) async throws(ReadFailure) -> Value
    ) throws(BrokenPromise) -> Result<Value, ReadFailure> {
        try outcome(from: Answers(body, pieces: pieces), read)
    }

    /// The same from any server.
    static func outcome<Value: Sendable>(
        from transport: any Transport, _ read: @escaping @Sendable (N8NReader) async throws(ReadFailure) -> Value
    ) throws(BrokenPromise) -> Result<Value, ReadFailure> {
        let world = Simulation(seed: 1, start: noon, Simulator(now: noon.milliseconds))
        do {
            let reader = try reader(transport, clock: world.clock)
            return try world.run {
                do throws(ReadFailure) { return .success(try await read(reader)) } catch { return .failure(error) }
            }
        } catch {
            throw BrokenPromise(description: "reading ends: \(error)")
        }
    }
}
