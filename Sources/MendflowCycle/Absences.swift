import MendflowCore

/// What is known of ids that were asked for and brought no row.
///
/// A database may show id 101 before 100, which another transaction is still writing: a 404 is believed once the id is old
/// enough, or when it is repeated a while later.
package struct Absences: Sendable {
    /// After so long a row that was given an id is there.
    static let settling = Period.minutes(1)
    /// How long a row that n8n cannot give by id is left alone; doubled with each further failure, up to 160 minutes.
    private static let patience = Period.minutes(5)

    /// When ids were answered 404 first.
    private var missedAt: [UInt64: ServerTime] = [:]
    /// The highest ids of the last moments, oldest first; all but the newest of those that are old enough are dropped.
    private var heights: [(number: UInt64, at: ServerTime)] = []
    private var unreadable: [ExecutionID: (tries: Int, askAgain: ServerTime)] = [:]

    mutating func noteHeight(_ number: UInt64, at now: ServerTime) {
        heights.append((number, now))
        let old = heights.prefix { $0.at + Absences.settling <= now }.count
        if old > 1 { heights.removeFirst(old - 1) }
    }

    func mayProbe(_ number: UInt64, at now: ServerTime) -> Bool {
        missedAt[number].map { $0 + Absences.settling <= now } ?? true
    }

    mutating func isMissing(_ number: UInt64, at now: ServerTime) -> Bool {
        if let settled = heights.last(where: { $0.at + Absences.settling <= now }), number <= settled.number {
            return true
        }
        if let first = missedAt[number] { return first + Absences.settling <= now }
        missedAt[number] = now
        return false
    }

    func mayAsk(for id: ExecutionID, at now: ServerTime) -> Bool { unreadable[id].map { $0.askAgain <= now } ?? true }

    mutating func noteUnreadable(_ id: ExecutionID, at now: ServerTime) {
        let tries = min((unreadable[id]?.tries ?? 0) + 1, 6)
        unreadable[id] = (tries, now + Period(milliseconds: Absences.patience.milliseconds << Int64(tries - 1)))
    }

    mutating func forget(_ number: UInt64) { missedAt[number] = nil }

    mutating func drop(below number: UInt64) {
        missedAt = missedAt.filter { $0.key >= number }
        unreadable = unreadable.filter { $0.key.number.map { $0 >= number } ?? false }
    }

    mutating func merge(_ other: Absences) {
        missedAt.merge(other.missedAt) { min($0, $1) }
        unreadable.merge(other.unreadable) { $0.askAgain > $1.askAgain ? $0 : $1 }
    }
}
