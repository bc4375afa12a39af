private import Dispatch
private import Glibc

/// Speaks to a server on this machine byte by byte, on a thread of its own, so that no task waits in a read.
public struct RawClient: Sendable {
    /// The server's port.
    public let port: UInt16

    /// Makes a client of a port.
    public init(port: UInt16) { self.port = port }

    /// Sends `text` over one connection and returns everything that comes until the server closes it.
    public func exchange(_ text: String) async -> String {
        let descriptor = open()
        send(descriptor, text)
        return await rest(of: descriptor)
    }

    /// Opens a connection; -1 where nobody listens.
    public func open() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
        }
        if result != 0 { close(descriptor) }
        return result == 0 ? descriptor : -1
    }

    /// Sends a text as far as the server takes it.
    public func send(_ descriptor: Int32, _ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Everything that comes until the server closes the connection.
    public func rest(of descriptor: Int32) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "raw client").async {
                var answer: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4_096)
                while case let count = unsafe read(descriptor, &buffer, buffer.count), count > 0 {
                    answer += buffer[..<count]
                }
                close(descriptor)
                continuation.resume(returning: String(decoding: answer, as: UTF8.self))
            }
        }
    }
}
