/// The address of an n8n as people write it: `scheme://host[:port][/path]`, without the path of its API.
///
/// Scheme and host have no case, a slash at the end says nothing: addresses that differ in these only are equal.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    /// How the server is spoken to.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        /// Encrypted.
        case https
        /// In plain text.
        case http
    }

    /// Why a text is no such address. None of them holds the text, in which a password may stand.
    public enum Fault: Error, Sendable, Hashable, CaseIterable {
        /// It begins with neither `https://` nor `http://`.
        case scheme
        /// A user or a password stands before the host.
        case user
        /// It has a query or a fragment.
        case query
        /// It has no host, or a port that is none.
        case host
        /// It holds blanks or other characters that no address may hold.
        case characters
        /// It ends in `/api/v1`, which is the path of n8n's API.
        case apiPath
    }

    /// How the server is spoken to.
    public let scheme: Scheme
    /// The host in lower case; an IPv6 address in its brackets.
    public let host: String
    /// The port, where one is written.
    public let port: UInt16?
    /// The path in front of n8n, without a slash at its end; empty as a rule.
    public let path: String

    /// Scheme, host and port.
    public var origin: String { "\(scheme.rawValue)://\(host)" + (port.map { ":\($0)" } ?? "") }
    /// The whole address.
    public var description: String { origin + path }

    /// Reads an address.
    public init(_ text: String) throws(Fault) {
        let begin = text.lowercased()
        guard let scheme = Scheme.allCases.first(where: { begin.hasPrefix($0.rawValue + "://") }) else { throw .scheme }
        let rest = text.dropFirst(scheme.rawValue.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else { throw .user }
        guard !rest.contains("?"), !rest.contains("#") else { throw .query }
        guard rest.utf8.allSatisfy(ServerURL.isPlain) else { throw .characters }
        let isBracketed = authority.first == "["
        let host = isBracketed ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        let behind = authority.dropFirst(host.count)
        guard authority.hasPrefix(host), !host.isEmpty, host != "[]" else { throw .host }
        let port = behind.first == ":" ? UInt16(behind.dropFirst()) : nil
        guard behind.isEmpty || port.map({ $0 > 0 }) == true else { throw .host }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        guard !path.lowercased().hasSuffix("/api/v1") else { throw .apiPath }
        (self.scheme, self.host, self.port, self.path) = (scheme, host.lowercased(), port, String(path))
    }

    /// Printable ASCII without `"`, `<`, `>` and `\`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != 0x22 && byte != 0x3C && byte != 0x3E && byte != 0x5C
    }
}
