public import MendflowCore

/// A message that goes out by mail, and to which server.
public struct MailMessage: Sendable, Hashable {
    /// How the connection is encrypted.
    public enum Encryption: String, Sendable, Hashable {
        /// After STARTTLS, and never without; from the first byte; not at all.
        case starttls, tls, none
    }
    /// The server.
    public var host: String, port: Int, encryption: Encryption
    /// Who signs in; nobody where there is none.
    public var user: String?, password: String?
    /// A file with the authority of the server's certificate; nil for those of the machine.
    public var caFile: String?
    /// Who sends, and who gets it.
    public var from: String, to: [String]
    /// Header and text, lines ended by CR and LF.
    public var bytes: [UInt8]

    /// Makes a message that nobody signs in for.
    public init(
        host: String, port: Int, encryption: Encryption, from: String, to: [String], bytes: [UInt8]
    ) {
        self.host = host
        self.port = port
        self.encryption = encryption
        self.from = from
        self.to = to
        self.bytes = bytes
    }
}

/// A message that was not delivered.
public struct DeliveryFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why, in words without secrets.
    public var description: String
    /// Whether whoever was asked says that this message is never taken.
    public var isFinal: Bool

    /// Makes a fault.
    public init(_ description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}

/// Hands messages to servers that take mail.
public protocol MailSender: Sendable {
    /// Hands a message over, within a time.
    func send(_ message: MailMessage, within limit: Period) async throws(DeliveryFault)
}

/// Where there is no mail.
public struct NoMail: MailSender {
    /// Makes it.
    public init() {}
    /// Always fails.
    public func send(_ message: MailMessage, within limit: Period) async throws(DeliveryFault) {
        throw DeliveryFault("there is no mail here")
    }
}
