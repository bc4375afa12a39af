public import MendflowHTTP
public import MendflowText

/// Listens on an address; every request is answered by `answer`, many at a time, and one whose body is larger than `bodyBytes`
/// is refused without it.
public typealias Listening =
    @Sendable (
        _ address: ListenAddress, _ bodyBytes: Int, _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) async throws(ListenFailure) -> any Listener

/// Something that listens until it is closed.
public protocol Listener: Sendable {
    /// The port that it listens on.
    var port: UInt16 { get }
    /// Ends it: answers that are under way are not waited for.
    func close() async
}

/// Why nobody listens.
public struct ListenFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where it should have listened.
    public var address: ListenAddress
    /// The system's reason.
    public var reason: String

    /// Makes one.
    public init(address: ListenAddress, reason: String) {
        self.address = address
        self.reason = reason
    }

    /// Where, and why not.
    public var description: String { "cannot listen on \(address): \(reason)" }
}
