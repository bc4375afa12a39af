private import CMicroHTTPD
private import Glibc
public import MendflowHTTP
private import Synchronization

/// An HTTP server on libmicrohttpd: requests in, replies out.
///
/// A request whose reply takes hours holds its own connection and nothing else: no thread waits for it.
@safe
public final class HTTPServer: Sendable {
    /// The port it listens on.
    public let port: UInt16

    // The daemon may be used from any thread (libmicrohttpd's own promise); it is freed once, in `stop`.
    private nonisolated(unsafe) let daemon: OpaquePointer
    private let exchanges: OpenExchanges
    private let work: Task<Void, Never>
    private let isStopped = Mutex(false)

    private init(daemon: OpaquePointer, port: UInt16, exchanges: OpenExchanges, work: Task<Void, Never>) {
        unsafe self.daemon = daemon
        self.port = port
        self.exchanges = exchanges
        self.work = work
    }

    /// Starts a server; `handler` is called once per request, many at a time.
    ///
    /// When the server is stopped the handler's task is cancelled, and what it replies then no longer counts.
    public static func start(
        _ configuration: HTTPServerConfiguration = .init(),
        handler: @escaping @Sendable (HTTPRequest) async -> HTTPServerReply
    ) throws(HTTPServerError) -> HTTPServer {
        guard mendflow_mhd_open() else {
            throw HTTPServerError(
                port: configuration.port, reason: "libmicrohttpd cannot be loaded (libmicrohttpd.so.12)")
        }
        let exchanges = OpenExchanges(bodyBytes: configuration.bodyBytes)
        let daemon = unsafe listen(configuration, exchanges)
        guard let daemon = unsafe daemon else {
            throw HTTPServerError(port: configuration.port, reason: unsafe String(cString: strerror(errno)))
        }
        // The one task that all handlers are children of; `stop` cancels it and waits for it.
        let work = Task {
            await withDiscardingTaskGroup { group in
                for await exchange in exchanges.requests {
                    group.addTask { exchange.complete(await handler(exchange.request)) }
                }
            }
        }
        return unsafe HTTPServer(daemon: daemon, port: mendflow_mhd_port(daemon), exchanges: exchanges, work: work)
    }

    /// Takes no more connections; waits for the answers under way where `draining`, else ends them without an answer;
    /// then frees everything. A second call does nothing.
    public func stop(draining: Bool = false) async {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        let listener = unsafe mendflow_mhd_quiesce_daemon(daemon)
        exchanges.close()
        if !draining {
            work.cancel()
            exchanges.abandon()
        }
        await work.value
        // libmicrohttpd aborts the process if it is stopped while a connection is suspended, so all are resumed and
        // their last answers sent first.
        await exchanges.untilIdle()
        unsafe mendflow_mhd_stop_daemon(daemon)
        if listener >= 0 { Glibc.close(listener) }
    }
}
