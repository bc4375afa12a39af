public import MendflowHTTP

/// Where a server listens, and the limits that it sets on its clients.
public struct HTTPServerConfiguration: Sendable, Hashable {
    /// Which of the machine's addresses it listens on.
    public enum Address: Sendable, Hashable {
        /// 127.0.0.1: this machine only.
        case loopback
        /// 0.0.0.0: everybody.
        case any
        /// One of the machine's own, as a number: 127.0.0.1 is `0x7F00_0001`.
        case ipv4(UInt32)

        var number: UInt32 {
            switch self {
            case .loopback: 0x7F00_0001
            case .any: 0
            case .ipv4(let number): number
            }
        }
    }

    /// The address.
    public var address: Address
    /// The port; 0 takes any that is free.
    public var port: UInt16
    /// Threads that serve connections; 1 to 64.
    public var threads: Int
    /// Connections at once; more are turned away.
    public var connections: Int
    /// Seconds after which a connection is closed if its client sends nothing although its request is not complete.
    public var idleSeconds: Int
    /// Bytes of a request's body; more are answered 413.
    public var bodyBytes: Int

    /// Makes a configuration; the usual one listens on any free port of this machine.
    public init(
        address: Address = .loopback, port: UInt16 = 0, threads: Int = 2, connections: Int = 1_000,
        idleSeconds: Int = 30, bodyBytes: Int = 1 << 20
    ) {
        precondition((1...64).contains(threads), "a server has 1 to 64 threads")
        precondition(connections > 0 && idleSeconds > 0 && bodyBytes >= 0, "limits are positive")
        self.address = address
        self.port = port
        self.threads = threads
        self.connections = connections
        self.idleSeconds = idleSeconds
        self.bodyBytes = bodyBytes
    }
}

/// What a handler wants done with a request.
public enum HTTPServerReply: Sendable, Hashable {
    /// Answer it.
    case respond(HTTPResponse)
    /// Close the connection without an answer.
    case close
}

/// Why a server did not start.
public struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The port it should have listened on.
    public var port: UInt16
    /// The system's reason.
    public var reason: String

    /// The port and the reason.
    public var description: String {
        let cannotListen = "cannot listen on port \(port): \(reason)"
        return reason.contains("cannot be loaded") ? cannotListen : cannotListen + "; choose another port or 0 for any"
    }
}
