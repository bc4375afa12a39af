import MendflowCore
import MendflowLedger

/// What people were told that it cannot be read of a database, and not that it can be again.
enum ToldGaps {
    /// So many records are read at a time.
    private static let page: Int64 = 2000

    /// What ends them, for whoever accepts another database: no tick of the former one says so any more. An alarm clears what
    /// the last tick knew of them, so the records are asked; only those that no channel has told yet, unless a channel has told
    /// of one that is not over.
    static func ends(
        of key: InstanceKey, _ state: LedgerState, _ store: any LedgerStore, _ channels: [String]
    ) async throws(LedgerFailure) -> [LedgerEvent] {
        let standings = channels.compactMap { state.channel($0) }
        guard let untold = standings.map(\.through).min() else { return [] }
        let topics = [true, false].map { ":" + Notice.unreadTopic(key, ofData: $0) }
        let isTold = standings.contains { $0.open.contains { open in topics.contains(where: open.hasSuffix) } }
        let floor = isTold ? 0 : untold
        // The newest record of a kind says how it stands.
        var (end, known, found): (Int64, Set<Bool>, [LedgerEvent]) = (state.head.sequence, [], [])
        while end > floor, known.count < 2 {
            let from = max(floor, end - page)
            let records = try await store.records(after: from, limit: Int(end - from)).filter { $0.sequence <= end }
            guard !records.isEmpty else { break }
            for sealed in records.reversed() {
                let kind = (try? CanonicalRecord(bytes: sealed.bytes).record)?.kind
                guard kind == .coverageGap, case .gap(key, _, let gap) = try sealed.entry().event else { continue }
                switch gap {
                case .unread(let gap) where known.insert(gap.part.isData).inserted:
                    found.append(
                        .gap(key, execution: nil, .readAgain(since: gap.since, ofData: gap.part.isData)))
                case .readAgain(_, let ofData): known.insert(ofData)
                default: continue
                }
            }
            end = from
        }
        return found
    }
}
