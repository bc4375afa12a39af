public import MendflowHTTP
import Synchronization

/// Sends requests with libcurl (semantics 30). Each transport has one thread and one multi handle, and carries any
/// number of requests at once.
///
/// Reads and mutations go through separate transports, so that retries that stay open for hours never hold up a poll.
public final class CurlTransport: Transport {
    /// What a transport may send, which decides how it uses connections.
    public enum Role: Sendable, Hashable {
        /// GET and HEAD only, at most four connections per host, kept open and used again.
        ///
        /// libcurl silently sends a request again if a kept connection dies before the first byte of the answer. A
        /// repeated read does no harm; anything that acts is refused as `.invalidRequest`.
        case reads
        /// Any method, each request on a fresh connection of its own, so that it leaves once at most; no limit per host.
        case mutations
    }

    /// Whether the environment's proxy settings are obeyed.
    public enum Proxy: Sendable, Hashable {
        /// Straight to the host, whatever the environment says.
        case none
        /// As `http_proxy`, `https_proxy` and `no_proxy` say.
        case environment
    }

    /// How an instance connects.
    public struct Configuration: Sendable, Hashable {
        /// What may be sent.
        public var role: Role
        /// A PEM file with authorities to trust beside the machine's own directory of them; nil for the machine's only.
        public var caFile: String?
        /// Whether the environment's proxy is used.
        public var proxy: Proxy
        /// After how long connecting is given up; at least a millisecond. It must be longer than every deadline of the
        /// callers: they give up by cancelling, and libcurl must not do so before them.
        public var connectTimeout: Duration

        /// Makes a configuration; only the role has no default.
        public init(
            role: Role, caFile: String? = nil, proxy: Proxy = .none,
            connectTimeout: Duration = .seconds(600)
        ) {
            self.role = role
            self.caFile = caFile
            self.proxy = proxy
            self.connectTimeout = connectTimeout
        }
    }

    private let configuration: Configuration
    private let loop: CurlLoop

    /// Starts the instance's thread.
    public init(_ configuration: Configuration) {
        precondition(configuration.connectTimeout >= .milliseconds(1), "a connection takes time")
        self.configuration = configuration
        loop = CurlLoop.started(configuration)
    }

    deinit { loop.close() }

    /// Ends the thread; returns at once.
    ///
    /// What is under way fails as `.cancelled` with its bytes sent, later requests with none.
    public func shutdown() { loop.close() }

    /// Sends one request, once, and pushes the answer into `observer` on this instance's thread.
    ///
    /// The observer must not block: all requests of the instance wait for it. `.stop` before the request has left
    /// cancels it. Success means that the head is complete and the framing kept.
    public func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        if let problem = RequestCheck.problem(of: request, role: configuration.role) {
            throw TransportFailure(.invalidRequest, bytesSent: 0, message: problem)
        }
        let ticket = Ticket(request, observer)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { loop.start(ticket, $0) }
        } onCancel: {
            loop.cancel(ticket)
        }
        return try result.get()
    }
}

/// A request on its way to the thread, with a mark that the caller can set from any thread when it cancels.
final class Ticket: Sendable {
    let request: HTTPRequest
    let observer: @Sendable (TransferEvent) -> TransferDemand
    private let cancelled = Atomic(false)

    init(_ request: HTTPRequest, _ observer: @escaping @Sendable (TransferEvent) -> TransferDemand) {
        self.request = request
        self.observer = observer
    }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }
}
