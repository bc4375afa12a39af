internal import Dispatch
public import MendflowLedger
public import MendflowText

/// Where a ledger is, and how one gets in.
public struct PostgresServer: Sendable {
    /// The address.
    public var address: PostgresAddress
    /// Reads the password, whenever somebody connects; nil where the server asks for none, or where a password file has it.
    public var password: (@Sendable () throws(LedgerFailure) -> String)?
    /// A file of passwords in libpq's form; nil for `~/.pgpass`.
    public var passwordFile: String?

    /// Names a server.
    public init(
        _ address: PostgresAddress, password: (@Sendable () throws(LedgerFailure) -> String)? = nil,
        passwordFile: String? = nil
    ) {
        self.address = address
        self.password = password
        self.passwordFile = passwordFile
    }

    /// The certificates that the distribution trusts; nil where none are where they are looked for.
    static let authorities = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    /// What libpq is told, so that nothing of it is left to the environment's variables.
    func settings(
        _ host: PostgresAddress.Host, isReadable: (String) -> Bool
    ) throws(PostgresFailure) -> [(name: String, value: String)] {
        var settings = address.parameters
        settings["host"] = host.name
        settings["port"] = "\(host.port)"
        settings["dbname"] = address.database
        settings["user"] = address.user
        do throws(LedgerFailure) { settings["password"] = try password?() } catch { throw .ledger(error) }
        settings["passfile"] = settings["passfile"] ?? passwordFile
        settings["sslmode"] = address.sslMode
        if address.sslMode.hasPrefix("verify-"), (settings["sslrootcert"] ?? "system") == "system" {
            settings["sslrootcert"] = PostgresServer.authorities.first(where: isReadable) ?? "system"
        }
        settings["target_session_attrs"] =
            settings["target_session_attrs"] ?? (address.hosts.count > 1 ? "read-write" : "any")
        settings["connect_timeout"] = nil
        settings["application_name"] = "mendflow"
        settings["client_encoding"] = "UTF8"
        settings["gssencmode"] = "disable"
        // A server that is gone without a word is found within half a minute.
        settings["keepalives"] = "1"
        settings["keepalives_idle"] = "10"
        settings["keepalives_interval"] = "5"
        settings["keepalives_count"] = "3"
        settings["tcp_user_timeout"] = "20000"
        return settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What to do where the server's certificate was not taken; empty where that is not what was wrong.
    func adviceOnTrust(_ words: String) -> String {
        let signs = ["certificate verify failed", "does not match host name", "root certificate file"]
        guard signs.contains(where: words.contains) else { return "" }
        let trusted =
            address.parameters["sslrootcert"].map { "sslrootcert=\($0)" } ?? "the authorities of this machine"
        return
            " (the server is judged by \(trusted): `sslrootcert=FILE` in the address names the file with the certificate of the "
            + "authority that signed the server's, and the host has to be written as that certificate has it)"
    }

    /// Until when the next of some hosts has to let us in, so that time is left for the others.
    func patience(until deadline: DispatchTime, hosts: Int) -> DispatchTime {
        let now = DispatchTime.now()
        guard deadline > now else { return now }
        let seconds = address.parameters["connect_timeout"].flatMap(Int.init) ?? 5
        let share = (deadline.uptimeNanoseconds - now.uptimeNanoseconds) / UInt64(max(1, hosts))
        return now + .nanoseconds(Int(min(share, UInt64(seconds) * 1_000_000_000)))
    }
}
