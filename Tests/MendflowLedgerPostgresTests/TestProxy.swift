import Dispatch
import Glibc
import Synchronization
import Testing

/// Stands between a client and a server on this machine, and can break what goes through it.
final class TestProxy: Sendable {
    enum Cut: Sendable {
        /// Everything goes through.
        case never
        /// The client's COMMIT is passed on, and the connection breaks once the server has said that it is done.
        case afterCommit
        /// The connection breaks in the place of the client's COMMIT.
        case beforeCommit
    }

    let port: UInt16
    private let listener: CInt
    private let target: UInt16
    private let cut = Mutex(Cut.never)
    private let queue = DispatchQueue(label: "proxy", attributes: .concurrent)

    init(to target: UInt16) throws {
        self.target = target
        let (listener, port) = try TestProxy.listen()
        (self.listener, self.port) = (listener, port)
        queue.async { [self] in accept(listener) }
    }

    /// Breaks the next connection that commits.
    func next(_ cut: Cut) { self.cut.withLock { $0 = cut } }

    private static func listen() throws -> (CInt, UInt16) {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(socket, raw, length) == 0 && Glibc.listen(socket, 16) == 0
                    && getsockname(socket, raw, &length) == 0
            }
        }
        try #require(isListening)
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private func accept(_ listener: CInt) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = TestProxy.loopback(target)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            let connection = Connection(client: client, server: server)
            queue.async { [self] in passRequests(connection) }
            queue.async { [self] in passAnswers(connection) }
        }
    }

    private final class Connection: Sendable {
        let client: CInt, server: CInt
        let isDoomed = Atomic(false)
        init(client: CInt, server: CInt) { (self.client, self.server) = (client, server) }
        func end() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private func passRequests(_ connection: Connection) {
        while let bytes = TestProxy.read(connection.client) {
            if bytes.contains("COMMIT") {
                switch cut.withLock({ cut in
                    defer { cut = .never }
                    return cut
                }) {
                case .never: break
                case .beforeCommit: return connection.end()
                case .afterCommit: connection.isDoomed.store(true, ordering: .sequentiallyConsistent)
                }
            }
            TestProxy.write(connection.server, bytes)
        }
        connection.end()
    }

    private func passAnswers(_ connection: Connection) {
        while let bytes = TestProxy.read(connection.server) {
            if connection.isDoomed.load(ordering: .sequentiallyConsistent) {
                if bytes.contains("COMMIT") { break }
                continue
            }
            TestProxy.write(connection.client, bytes)
        }
        connection.end()
    }

    private static func read(_ socket: CInt) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = recv(socket, &bytes, bytes.count, 0)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    private static func write(_ socket: CInt, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

extension [UInt8] {
    /// Whether a text is in it, with the NUL that ends it in PostgreSQL's messages: a BEGIN has "COMMITTED" in it.
    fileprivate func contains(_ word: String) -> Bool { firstRange(of: Array(word.utf8) + [0]) != nil }
}
