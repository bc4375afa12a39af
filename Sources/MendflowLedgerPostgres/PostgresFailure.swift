internal import MendflowLedger

/// Why PostgreSQL did not do what it was asked.
enum PostgresFailure: Error, Sendable, Hashable {
    /// No server let us in, or none will do.
    case unreachable(String)
    /// No server could be reached now: it is restarted, or the way there is cut.
    case away(String)
    /// The connection broke; what was under way was done, or not.
    case lost(String)
    /// No answer came in time; what was under way was done, or not.
    case late
    /// The task was cancelled.
    case cancelled
    /// The server refused a statement, with its code; the transaction did nothing.
    case server(code: String, String)
    /// What came back is nothing that this program asked for.
    case unexpected(String)
    /// The ledger itself says no.
    case ledger(LedgerFailure)

    /// Whether a connection that could not be made, for a reason in libpq's words, may be made in a moment: nobody answered, or the
    /// server begins or ends. Where it answered and said no, it will again.
    static func isPassing(_ words: String) -> Bool {
        guard words.contains("FATAL") else { return true }
        return ["starting up", "shutting down", "recovery", "too many clients", "connection slots"]
            .contains(where: words.contains)
    }

    /// Whether the transaction may be tried again as it is: another one got in its way, and nothing was written.
    var isConflict: Bool {
        guard case .server(let code, _) = self else { return false }
        return ["40001", "40P01"].contains(code)
    }

    /// Whether another transaction has had the ledger for too long.
    var isOfLock: Bool {
        guard case .server("55P03", _) = self else { return false }
        return true
    }

    /// Whether the lease is over under which something was to be written.
    var isOfLease: Bool {
        guard case .server("MF001", _) = self else { return false }
        return true
    }

    /// Whether another connection may do better: this one is gone, or it leads to a server that takes nothing any more since
    /// another one has taken its place.
    var isOfConnection: Bool {
        switch self {
        case .lost: true
        case .server(let code, _): ["25006", "25P03", "57P01", "57P02", "57P03"].contains(code)
        default: false
        }
    }

    /// The same in the ledger's words, about a ledger at an address.
    func failure(at address: String) -> LedgerFailure {
        switch self {
        case .ledger(let failure): failure
        case .unreachable(let words): .unusable("\(address): \(words)")
        case .away(let words): .away("\(address): \(words)")
        case .lost(let words): .away("\(address): the connection broke (\(words))")
        case .late: .away("\(address): PostgreSQL did not answer in time")
        case .cancelled: .unusable("\(address): nobody waits for the answer any more")
        case .unexpected(let words): .corrupt("\(address): \(words)")
        case .server(let code, let words): PostgresFailure.failure(code, words, address)
        }
    }

    private static func failure(_ code: String, _ words: String, _ address: String) -> LedgerFailure {
        switch code {
        case "53100": .full(address)
        case "42P01", "42883": .missing(address)
        case "XX001", "XX002": .corrupt("\(address): \(words)")
        case "55P03": .unusable("\(address): another one writes to the ledger and does not end (\(words))")
        case "25006":
            .unusable(
                "\(address): the server takes nothing, since it is a standby or read-only. Name the primary, or all servers: "
                    + "postgres://user@one,two/database finds the one that can be written to")
        case "42501":
            .unusable(
                "\(address): \(words). The user needs a schema of its own: CREATE SCHEMA AUTHORIZATION user")
        default: .unusable("\(address): \(words) (PostgreSQL's code \(code))")
        }
    }
}
