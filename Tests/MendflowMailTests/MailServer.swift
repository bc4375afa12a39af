import Dispatch
import Glibc
import Synchronization

/// A server on a loopback socket that takes mail, one connection after the other, and keeps what it was told.
final class MailServer: Sendable {
    /// How it behaves.
    struct Manners: Sendable {
        /// What it says it can do, line by line.
        var offers = ["SIZE 100000"]
        /// What it answers to a recipient, to the data's end, and to a password.
        var recipient = "250 ok", data = "250 taken", password = "235 welcome"
    }
    private let listener: Int32
    let port: Int
    private let log = Mutex<[String]>([])

    init(_ manners: Manners = Manners()) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(listener, generic, size) == 0 && getsockname(listener, generic, &size) == 0)
            }
        }
        precondition(listen(listener, 8) == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        DispatchQueue(label: "mail-server").async { [weak self] in
            while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
                self?.serve(Line(descriptor), manners)
                close(descriptor)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// What was said, line by line.
    var lines: [String] { log.withLock { $0 } }

    private func serve(_ line: Line, _ manners: Manners) {
        line.say("220 here")
        while let said = line.next() {
            log.withLock { $0.append(said) }
            switch said.split(separator: " ").first?.uppercased() {
            case "EHLO":
                let all = ["here"] + manners.offers
                for (index, offer) in all.enumerated() { line.say("250\(index == all.count - 1 ? " " : "-")\(offer)") }
            case "AUTH": line.say(manners.password)
            case "RCPT": line.say(manners.recipient)
            case "DATA":
                line.say("354 go on")
                while let text = line.next(), text != "." { log.withLock { $0.append(text) } }
                line.say(manners.data)
            case "QUIT": return line.say("221 bye")
            default: line.say("250 ok")
            }
        }
    }

    /// One connection, line by line.
    private final class Line {
        private let descriptor: Int32
        private var rest: [UInt8] = []
        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func say(_ text: String) {
            let bytes = Array((text + "\r\n").utf8)
            _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }

        func next() -> String? {
            while true {
                if let end = rest.firstIndex(of: 10) {
                    defer { rest.removeSubrange(...end) }
                    return String(decoding: rest[..<end].filter { $0 != 13 }, as: UTF8.self)
                }
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                rest += buffer.prefix(count)
            }
        }
    }
}
