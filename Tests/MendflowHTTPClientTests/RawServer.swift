import Dispatch
import Glibc
import Synchronization

/// A server on a loopback socket that behaves as badly as its script says, and records what it was sent.
final class RawServer: Sendable {
    private let shared: Shared
    private let listener: Int32
    let port: Int

    /// The script runs once per connection, on a thread of its own; the connection is closed behind it.
    init(_ script: @escaping @Sendable (Visit) -> Void) {
        shared = Shared()
        (listener, port) = RawServer.boundSocket()
        precondition(listen(listener, 256) == 0)
        RawServer.spawn { [shared, listener] in
            while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
                let visit = Visit(descriptor, index: shared.nextVisit(), shared)
                RawServer.spawn {
                    script(visit)
                    visit.close()
                }
            }
            Glibc.close(listener)
        }
    }

    // On Linux this wakes the thread in accept, which then closes the socket.
    deinit { Glibc.shutdown(listener, Int32(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)/" }
    var connections: Int { shared.log.withLock { $0.connections } }
    var requests: [[UInt8]] { shared.log.withLock { $0.requests } }
    var texts: [String] { requests.map { String(decoding: $0, as: UTF8.self) } }

    /// Answers every request of every connection with these bytes.
    static func answering(_ text: String) -> RawServer {
        RawServer { visit in
            while visit.request() != nil { visit.send(text) }
        }
    }

    /// Answers the first request of every connection with these bytes and closes it.
    static func answeringOnce(_ text: String) -> RawServer {
        RawServer { visit in
            if visit.request() != nil { visit.send(text) }
        }
    }

    /// A loopback socket with a port of its own that nobody listens on.
    static func boundSocket() -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0)
            }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    static func spawn(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body)).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { argument in
                argument.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run() }
                return nil
            }, argument)
        precondition(code == 0)
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    final class Shared: Sendable {
        let log = Mutex((connections: 0, requests: [[UInt8]]()))
        func nextVisit() -> Int {
            log.withLock {
                $0.connections += 1
                return $0.connections
            }
        }
    }
}

/// One connection to a `RawServer`; used by its script's thread only.
final class Visit: Sendable {
    /// 1 for the first connection.
    let index: Int
    private let shared: RawServer.Shared
    private let state: Mutex<(descriptor: Int32, unread: [UInt8])>

    init(_ descriptor: Int32, index: Int, _ shared: RawServer.Shared) {
        state = Mutex((descriptor, []))
        self.index = index
        self.shared = shared
    }

    private var descriptor: Int32 { state.withLock { $0.descriptor } }

    /// The next request, head and body, recorded; nil at the connection's end.
    func request() -> String? {
        var bytes = state.withLock { $0.unread }
        var wanted: Int?
        while true {
            if wanted == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
                wanted = end + Visit.declaredLength(String(decoding: bytes[..<end], as: UTF8.self))
            }
            if let wanted, bytes.count >= wanted { break }
            guard let more = read(), !more.isEmpty else { return nil }
            bytes += more
        }
        let request = Array(bytes[..<(wanted ?? 0)])
        state.withLock { $0.unread = Array(bytes[request.count...]) }
        shared.log.withLock { $0.requests.append(request) }
        return String(decoding: request, as: UTF8.self)
    }

    /// Some bytes; empty at the end, nil where the connection was reset.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer[..<count])
    }

    /// Reads until the client ends the connection; the bytes that came.
    @discardableResult func awaitEnd() -> [UInt8] {
        var all: [UInt8] = []
        while let more = read(), !more.isEmpty { all += more }
        return all
    }

    /// False once the client has gone.
    @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Ends the connection with RST.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        state.withLock {
            if $0.descriptor >= 0 { Glibc.close($0.descriptor) }
            $0.descriptor = -1
        }
    }

    private static func declaredLength(_ head: String) -> Int {
        for line in head.lowercased().split(separator: "\r\n") where line.hasPrefix("content-length:") {
            return Int(line.dropFirst(15).filter { $0 != " " }) ?? 0
        }
        return 0
    }
}

/// Opens for good once `open` was called often enough; both threads and tasks can wait for it.
final class Gate: Sendable {
    private struct State: Sendable {
        var missing: Int
        var tasks: [CheckedContinuation<Void, Never>] = []
        var threads: [DispatchSemaphore] = []
    }
    private let state: Mutex<State>

    init(after count: Int = 1) { state = Mutex(State(missing: count)) }

    func open() {
        state.withLock { state in
            state.missing -= 1
            guard state.missing <= 0 else { return }
            for task in state.tasks { task.resume() }
            for thread in state.threads { thread.signal() }
            state.tasks = []
            state.threads = []
        }
    }

    func passed() async {
        await withCheckedContinuation { task in
            state.withLock { state in
                if state.missing <= 0 { task.resume() } else { state.tasks.append(task) }
            }
        }
    }

    func block() {
        let semaphore = DispatchSemaphore(value: 0)
        let open = state.withLock { state in
            if state.missing > 0 { state.threads.append(semaphore) }
            return state.missing <= 0
        }
        if !open { semaphore.wait() }
    }
}
