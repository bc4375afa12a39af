/// What a transfer tells while it goes on, in this order: `sending` once at most, `head` once, `body` any number of times.
public enum TransferEvent: Sendable {
    /// The connection stands (TLS included) and the first byte of the request is about to leave.
    case sending
    /// The final answer's status and header fields are complete.
    case head(HTTPResponseHead)
    /// A piece of the answer's body, in order.
    case body([UInt8])
}

/// Whether the reader of an answer wants the rest of it.
public enum TransferDemand: Sendable {
    /// Go on.
    case more
    /// The rest is not needed: the transport closes the connection and reports success with `stopped`.
    case stop
}

/// How the end of an answer's body was marked. It decides whether anybody can tell that the body came whole.
public enum BodyFraming: Sendable, Hashable {
    /// By `Content-Length`, and that many bytes came.
    case contentLength
    /// By chunks, and the last chunk came.
    case chunked
    /// There is no body: the status or the method has none (204, 304, HEAD).
    case none
    /// By the end of the connection: a whole body and one that was cut off look the same.
    case untilClose
}

/// What is known of a transfer that ended with an answer.
public struct TransferSummary: Sendable, Hashable {
    /// Status and header fields.
    public var head: HTTPResponseHead
    /// Bytes of the request that left, head and body.
    public var bytesSent: Int
    /// Bytes of body received.
    public var bytesReceived: Int
    /// How the body's end was marked.
    public var framing: BodyFraming
    /// True where the reader said `.stop`.
    public var stopped: Bool

    /// Makes a summary.
    public init(head: HTTPResponseHead, bytesSent: Int, bytesReceived: Int, framing: BodyFraming, stopped: Bool) {
        self.head = head
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
        self.framing = framing
        self.stopped = stopped
    }
}

/// Why a transfer brought no whole answer.
///
/// Only `bytesSent == 0` proves that the server saw nothing; no kind of failure does.
public struct TransportFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, for messages and counters; never a proof of what was sent.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The host's name could not be resolved.
        case unresolved
        /// No connection could be made (refused, unreachable).
        case unconnected
        /// The TLS handshake failed.
        case tls
        /// The task was cancelled, by a deadline of the caller's or a stop of the program.
        case cancelled
        /// The connection ended before a whole answer.
        case cutOff = "cut_off"
        /// The answer was not HTTP.
        case notHTTP = "not_http"
        /// The answer's head, its trailers included, was larger than is read.
        case tooLarge = "too_large"
        /// The request could not be made at all (bad URL).
        case invalidRequest = "invalid_request"
        /// Anything else.
        case other
    }
    /// What went wrong.
    public var kind: Kind
    /// Bytes of the request that left us, a proxy's CONNECT included. Zero proves that nothing was sent.
    public var bytesSent: Int
    /// The status, where a status line came before the failure.
    public var status: Int?
    /// The transport's own words, without secrets.
    public var message: String

    /// Makes a failure.
    public init(_ kind: Kind, bytesSent: Int, status: Int? = nil, message: String) {
        self.kind = kind
        self.bytesSent = bytesSent
        self.status = status
        self.message = message
    }

    /// Kind, words and what was sent.
    public var description: String { "\(kind.rawValue): \(message) (\(bytesSent) bytes sent)" }
}

/// Sends requests. Cancelling the calling task ends the transfer; the typed failure still tells the bytes sent.
public protocol Transport: Sendable {
    /// Sends one request, once, and pushes the answer into `observer` on a thread of the transport's.
    ///
    /// Redirects are not followed and nothing is sent again by itself.
    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary
}
