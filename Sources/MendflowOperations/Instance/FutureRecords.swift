import MendflowCore
import MendflowLedger

/// Records of a time that has not come: a wrong clock once wrote them, and what counts by time counts them for long.
enum FutureRecords {
    /// How many of the last records are looked at.
    private static let looked: Int64 = 500
    /// Clocks that differ by less are taken as equal.
    private static let tolerance = Period.minutes(5)

    /// The latest time among the ledger's last records, where it is ahead of now.
    static func latest(
        in store: any LedgerStore, _ head: LedgerHead, now: AgentTime
    ) async throws(LedgerFailure) -> AgentTime? {
        let times = try await store.records(after: max(0, head.sequence - looked), limit: Int(looked))
            .compactMap { try? CanonicalRecord(bytes: $0.bytes).record.at }
        guard let latest = times.max(), latest > now + tolerance else { return nil }
        return latest
    }
}
