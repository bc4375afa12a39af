public import MendflowEnvironment
public import MendflowHTTP
import MendflowText
private import Synchronization

/// Listeners without sockets: whoever asks calls what would answer.
public final class MemoryListeners: Sendable {
    /// What answers at a port.
    public typealias Answer = @Sendable (HTTPRequest) async -> HTTPResponse
    private let open = Mutex<[UInt16: Answer]>([:])

    /// Makes them; nobody listens yet.
    public init() {}

    /// What a host's environment listens with.
    public var listening: Listening {
        { [self] (address, _, answer) throws(ListenFailure) in
            let isFree = open.withLock { open in
                guard open[address.port] == nil else { return false }
                open[address.port] = answer
                return true
            }
            guard isFree else { throw ListenFailure(address: address, reason: "Address already in use") }
            return Open(listeners: self, port: address.port)
        }
    }

    /// The ports that somebody listens on.
    public var ports: Set<UInt16> { open.withLock { Set($0.keys) } }

    /// The answer of whoever listens on a port; nil where nobody does.
    public func ask(_ request: HTTPRequest, port: UInt16 = 9464) async -> HTTPResponse? {
        guard let answer = open.withLock({ $0[port] }) else { return nil }
        var request = request
        if request.headers["host"] == nil { request.headers["Host"] = "127.0.0.1:\(port)" }
        return await answer(request)
    }

    private struct Open: Listener {
        let listeners: MemoryListeners
        let port: UInt16
        func close() async { listeners.open.withLock { $0[port] = nil } }
    }
}
