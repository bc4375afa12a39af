/// Where a process listens: an IPv4 address of the machine and a port, `127.0.0.1:9464`.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address as a number: 127.0.0.1 is `0x7F00_0001`, 0.0.0.0 (every address of the machine) is 0.
    public let number: UInt32
    /// The port; 0 is any that is free.
    public let port: UInt16

    /// Makes one.
    public init(number: UInt32, port: UInt16) {
        self.number = number
        self.port = port
    }

    /// Reads `address:port`; `localhost` is 127.0.0.1. Nil where it is something else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = ListenAddress.number(parts[1], atMost: 65_535) else { return nil }
        let host = parts[0] == "localhost" ? "127.0.0.1" : parts[0]
        guard let number = ListenAddress.number(ofIPv4: host) else { return nil }
        self.init(number: number, port: UInt16(port))
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool { number >> 24 == 127 }
    /// The address without the port, as it is asked by whoever is on this machine.
    public var localHost: String { number == 0 ? "127.0.0.1" : host }
    /// The address without the port.
    public var host: String { [24, 16, 8, 0].map { "\(number >> $0 & 255)" }.joined(separator: ".") }
    /// `address:port`
    public var description: String { "\(host):\(port)" }

    /// The number of an address of four parts; nil where a text is none.
    public static func number(ofIPv4 text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let byte = number(part, atMost: 255) else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    /// Digits alone, with no zero before others: `010` is octal to some.
    private static func number(_ text: some StringProtocol, atMost: Int) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 5, text.utf8.allSatisfy({ (48...57).contains($0) }),
            text.utf8.count == 1 || text.utf8.first != 48, let value = Int(text), value <= atMost
        else { return nil }
        return value
    }
}
