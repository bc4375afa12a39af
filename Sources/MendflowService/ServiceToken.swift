package import MendflowCore
import MendflowLedger
import MendflowText

/// The token that lets people and programs in, and what follows from it: sessions of browsers and what their forms send.
///
/// Nothing is kept: a session is signed with the token, lives through a restart, and ends with its time or with the token.
package struct ServiceToken: Sendable {
    /// How long a sign-in holds.
    static let sessionLength = Period.hours(12)
    /// The least number of characters.
    static let shortest = AccessToken.shortest

    private let digest: [UInt8]

    /// Makes one of its text.
    package init(_ token: String) { digest = SHA256.digest(Array(token.utf8)) }

    /// Whether somebody sent this token; takes as long for one that is nearly right as for any other.
    package func matches(_ candidate: String) -> Bool {
        ServiceToken.same(SHA256.digest(Array(candidate.utf8)), digest)
    }

    /// A session of somebody's that begins now; `random` makes two that begin at the same moment different.
    func session(of user: String, at now: AgentTime, random: UInt64) -> String {
        let end = (now + ServiceToken.sessionLength).milliseconds
        let body = "\(end).\(String(random, radix: 16)).\(Hex.text(Array(user.utf8)))"
        return body + "." + mac("session", body)
    }

    /// Whose session it is; nil where it is none of ours, or over.
    package func user(of session: String, at now: AgentTime) -> String? {
        let parts = session.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let end = Int64(parts[0]), end > now.milliseconds,
            ServiceToken.same(String(parts[3]), mac("session", parts[0..<3].joined(separator: "."))),
            let name = Hex.bytes(parts[2])
        else { return nil }
        return String(decoding: name, as: UTF8.self)
    }

    /// What the forms of a session send.
    func csrf(of session: String) -> String { mac("form", session) }

    /// HMAC (RFC 2104) with SHA-256, over what it is for and a text.
    private func mac(_ purpose: String, _ text: String) -> String {
        let key = digest + [UInt8](repeating: 0, count: 32)
        let inner = SHA256.digest(key.map { $0 ^ 0x36 }, Array("\(purpose):\(text)".utf8))
        return Hex.text(SHA256.digest(key.map { $0 ^ 0x5C }, inner))
    }

    /// Whether two texts are the same.
    static func same(_ one: String, _ other: String) -> Bool { same(Array(one.utf8), Array(other.utf8)) }

    /// Looks at every byte, whatever the first ones are.
    private static func same(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(into: UInt8(0)) { $0 |= $1.0 ^ $1.1 } == 0
    }
}
