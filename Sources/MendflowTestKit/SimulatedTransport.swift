public import MendflowHTTP
public import MendflowSimulator

/// A `Transport` that ends in a simulated n8n in the same process.
///
/// A refused connection has sent nothing; every other failure has sent the whole request, whether n8n processed it or
/// not, for that is what a client can know.
public struct SimulatedTransport: Transport {
    private let box: SimulatorBox
    private let chunk: Int

    /// Makes a transport to the simulator in the box; bodies arrive in pieces of `chunk` bytes.
    public init(_ box: SimulatorBox, chunk: Int = 16_384) {
        precondition(chunk > 0, "a piece has at least one byte")
        self.box = box
        self.chunk = chunk
    }

    /// Sends a request into the simulator and waits, however long the run takes.
    public func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        guard !Task.isCancelled else {
            throw TransportFailure(.cancelled, bytesSent: 0, message: "cancelled before the connection was made")
        }
        let size = Self.size(of: request)
        // As a connection stands that is refused here: whoever looks a last time before it leaves sends no less for that.
        guard observer(.sending) == .more else {
            throw TransportFailure(.cancelled, bytesSent: 0, message: "stopped before the first byte left")
        }
        guard let reply = await box.send(request) else {
            throw TransportFailure(.cancelled, bytesSent: size, message: "cancelled while the answer was awaited")
        }
        switch reply {
        case .drop(.refused):
            throw TransportFailure(.unconnected, bytesSent: 0, message: "connection refused")
        case .drop(.lost), .drop(.cutOff):
            throw TransportFailure(.cutOff, bytesSent: size, message: "the connection ended before an answer")
        case .held: preconditionFailure("the box waits for held calls")
        case .answer(let response):
            let isBare = request.method == .head || response.status == 204 || response.status == 304
            return response.deliver(in: chunk, to: observer, isBare: isBare, bytesSent: size)
        }
    }

    private static func size(of request: HTTPRequest) -> Int {
        let fields = request.headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        return request.method.name.utf8.count + request.url.utf8.count + 12 + fields + (request.body?.count ?? 0)
    }
}
