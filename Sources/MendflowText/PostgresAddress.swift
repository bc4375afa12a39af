/// Where a ledger on PostgreSQL is: `postgres://user@host:port/database?sslmode=verify-full`. A password is no part of it.
public struct PostgresAddress: Sendable, Hashable, CustomStringConvertible {
    /// One of the servers, of which one can be written to at a time.
    public struct Host: Sendable, Hashable, CustomStringConvertible {
        /// A name, an address, or the folder of a socket.
        public var name: String
        /// The port.
        public var port: UInt16

        /// Makes one.
        public init(_ name: String, port: UInt16 = 5432) {
            self.name = name
            self.port = port
        }

        /// Whether what is said to it never leaves this machine.
        public var isLocal: Bool {
            name.hasPrefix("/") || name == "localhost" || name == "::1"
                || ListenAddress.number(ofIPv4: name).map { $0 >> 24 == 127 } == true
        }

        /// `name:port`
        public var description: String {
            let shown = name.hasPrefix("/") ? PostgresAddress.encoded(name) : name.contains(":") ? "[\(name)]" : name
            return port == 5432 ? shown : "\(shown):\(port)"
        }
    }

    /// Why a text is no such address, and what to write instead. It never holds a password.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
        /// Whether a password stands in the text.
        public let holdsPassword: Bool
        init(_ description: String, holdsPassword: Bool = false) {
            self.description = description
            self.holdsPassword = holdsPassword
        }
    }

    /// Who connects; nil for the user of the process.
    public let user: String?
    /// The servers, in the order in which they are tried.
    public let hosts: [Host]
    /// The database's name.
    public let database: String
    /// What is written behind the `?`, as libpq calls it.
    public let parameters: [String: String]

    /// How the server's certificate is judged: as it is written, else fully, unless nothing leaves this machine and nobody said by
    /// which authority it is to be judged.
    public var sslMode: String {
        let isTrusted = hosts.allSatisfy(\.isLocal) && parameters["sslrootcert"] == nil
        return parameters["sslmode"] ?? (isTrusted ? "prefer" : "verify-full")
    }

    /// Whether it is made sure that the server is the one that is meant, where that needs to be.
    public var isChecked: Bool { sslMode.hasPrefix("verify-") || hosts.allSatisfy(\.isLocal) }

    /// The address without what is behind the `?`: what people are shown.
    public var description: String {
        let user = user.map { PostgresAddress.encoded($0) + "@" } ?? ""
        return
            "postgres://\(user)\(hosts.map(\.description).joined(separator: ","))/\(PostgresAddress.encoded(database))"
    }

    /// Whether a text is meant to be an address, of whatever kind, and no path of a file.
    public static func isMeant(by text: String) -> Bool { scheme(of: text) != nil }

    /// What stands before `://`, in small letters; nil where nothing does.
    private static func scheme(of text: String) -> String? {
        guard let end = text.firstRange(of: "://")?.lowerBound, let first = text.first, first.isLetter else {
            return nil
        }
        let scheme = text[..<end]
        let isOne = scheme.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "+-.".utf8.contains(byte)
        }
        return isOne ? scheme.lowercased() : nil
    }

    /// Reads an address.
    public init(_ text: String) throws(Fault) {
        let scheme = PostgresAddress.scheme(of: text)
        guard ["postgres", "postgresql"].contains(scheme), let start = text.firstRange(of: "://")?.upperBound else {
            let found = scheme.map { ", not with \($0.prefix(40))://; a file is named by its path" } ?? ""
            throw Fault("an address of PostgreSQL begins with postgres://\(found)")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#") else {
            throw Fault("it holds blanks or other characters that are written as %20 in an address")
        }
        let rest = text[start...]
        let place = rest.prefix { $0 != "?" }
        var authority = place.prefix { $0 != "/" }
        var user: String?
        if let at = authority.lastIndex(of: "@") {
            user = try PostgresAddress.user(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        let path = place.dropFirst(place.prefix { $0 != "/" }.count + 1)
        guard let database = PostgresAddress.decoded(path), !database.isEmpty, !database.contains("/") else {
            throw Fault("it names no database: postgres://user@host/database")
        }
        let parameters = try PostgresAddress.parameters(rest.dropFirst(place.count + 1))
        (self.user, self.database, self.parameters) = (user, database, parameters)
        hosts = try PostgresAddress.hosts(authority, folder: parameters["host"])
        if let fault = unusedAuthority { throw fault }
    }

    /// Whoever names an authority wants the server to be judged by it.
    private var unusedAuthority: Fault? {
        guard parameters["sslrootcert"] != nil else { return nil }
        if hosts.contains(where: { $0.name.hasPrefix("/") }) {
            return Fault(
                "`sslrootcert` judges nothing, for there is no TLS over a socket; leave it out, or name a host")
        }
        guard ["disable", "allow", "prefer"].contains(sslMode) else { return nil }
        return Fault(
            "`sslrootcert` judges nothing with sslmode=\(sslMode); leave sslmode out, which judges the server in full")
    }

    private static func user(_ text: Substring) throws(Fault) -> String? {
        guard !text.contains(":") else { throw password }
        guard let user = decoded(text), !user.isEmpty else { throw Fault("the user before the @ cannot be read") }
        return user
    }

    private static var password: Fault {
        Fault(
            "a password does not belong into the address, which is shown and logged: set PGPASSWORD, or PGPASSFILE to a file of "
                + "passwords as PostgreSQL has them (~/.pgpass unless told otherwise)", holdsPassword: true)
    }

    private static func hosts(_ text: Substring, folder: String?) throws(Fault) -> [Host] {
        if text.isEmpty { return [Host(folder ?? "/var/run/postgresql")] }
        // A socket's name ends with the port.
        if text.first == ":", let port = UInt16(text.dropFirst()), port > 0 {
            return [Host(folder ?? "/var/run/postgresql", port: port)]
        }
        guard folder == nil else { throw Fault("it names a host twice: before the path, and by `host`") }
        var hosts: [Host] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let isBracketed = part.first == "["
            let name = isBracketed ? part.dropFirst().prefix { $0 != "]" } : part.prefix { $0 != ":" }
            let behind = part.dropFirst(name.count + (isBracketed ? 2 : 0))
            guard let host = decoded(name), !host.isEmpty else { throw Fault("it has an empty host") }
            guard behind.isEmpty || behind.first == ":" else { throw Fault("what follows the host \(host) is no port") }
            guard behind.isEmpty || (UInt16(behind.dropFirst()) ?? 0) > 0 else {
                throw Fault("what follows the host \(host) is no port from 1 to 65535")
            }
            hosts.append(Host(host, port: UInt16(behind.dropFirst()) ?? 5432))
        }
        return hosts
    }
}

// What is behind the question mark.
extension PostgresAddress {
    private static let known = [
        "sslmode", "sslrootcert", "sslcert", "sslkey", "host", "target_session_attrs", "connect_timeout", "passfile",
    ]
    private static let words = [
        "sslmode": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        "target_session_attrs": ["any", "read-write", "primary"],
    ]

    private static func parameters(_ text: Substring) throws(Fault) -> [String: String] {
        var found: [String: String] = [:]
        for part in text.split(separator: "&") {
            let name = String(part.prefix { $0 != "=" })
            guard let value = decoded(part.dropFirst(name.count + 1)), !value.isEmpty else {
                throw Fault("`\(name)` has no value")
            }
            guard !["password", "sslpassword"].contains(name.lowercased()) else { throw password }
            guard known.contains(name) else { throw Fault(unknown("parameter", name, known)) }
            guard found.updateValue(value, forKey: name) == nil else { throw Fault("`\(name)` is there twice") }
            if let words = words[name], !words.contains(value) { throw Fault(unknown("`\(name)`", value, words)) }
            if name == "connect_timeout", (1...60).contains(Int(value) ?? 0) == false {
                throw Fault("`connect_timeout` is a number of seconds from 1 to 60")
            }
        }
        return found
    }

    private static func unknown(_ what: String, _ word: String, _ words: [String]) -> String {
        let shown = String(word.prefix(40))
        if let nearest = Spelling.nearest(to: word, among: words) {
            return "there is no \(what) '\(shown)'; did you mean '\(nearest)'?"
        }
        return "there is no \(what) '\(shown)'; there are \(words.joined(separator: ", "))"
    }

    private static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? { Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) }

    /// A text with everything but letters, digits and a few marks as `%20`.
    fileprivate static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + Hex.text([byte]).uppercased()
            }
        }.joined()
    }
}
