private import CMicroHTTPD
internal import MendflowHTTP
internal import Synchronization

/// One request from its first line to the end of its answer.
///
/// libmicrohttpd's threads fill it in; it is retained by the library's request context until the request is over.
final class Exchange: Sendable {
    struct State: Sendable {
        var method = ""
        var headers = HTTPHeaders()
        var body: [UInt8] = []
        var isTooLarge = false
        var hasBegun = false
        var isDispatched = false
        var reply: HTTPServerReply?
    }

    let target: String
    let state = Mutex(State())
    /// The address of the connection, valid until the request is over.
    private let connection: UInt

    init(target: String, connection: OpaquePointer) {
        self.target = target
        self.connection = UInt(bitPattern: connection)
    }

    /// The request, whole.
    var request: HTTPRequest {
        state.withLock { state in
            let hasBody = state.headers["content-length"] != nil || state.headers["transfer-encoding"] != nil
            return HTTPRequest(
                HTTPMethod(state.method), target, headers: state.headers, body: hasBody ? state.body : nil)
        }
    }

    /// Decides what becomes of the request, once, and wakes its connection.
    func complete(_ reply: HTTPServerReply) {
        let isFirst = state.withLock { state in
            guard state.isDispatched, state.reply == nil else { return false }
            state.reply = reply
            return true
        }
        guard isFirst else { return }
        unsafe mendflow_mhd_resume_connection(OpaquePointer(bitPattern: connection))
    }
}
