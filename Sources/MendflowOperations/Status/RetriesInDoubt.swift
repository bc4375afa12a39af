import MendflowCore
import MendflowLedger

/// Which retries that are on record as people's may have been ours: those that were there before the epoch that a person
/// adopted, for the requests of the epoch before stay with that; and those that ended in the time of which the ledger knows
/// nothing, where a copy was put back or a database lost something.
struct RetriesInDoubt {
    private var gaps: [ClosedRange<AgentTime>] = []
    /// When something was written last.
    private var last: AgentTime?

    /// Takes in the next record.
    mutating func note(_ event: LedgerEvent?, at time: AgentTime) {
        if case .lifecycle(.restored)? = event { return }
        if case .paused(_, _, _, _, isDoubt: true)? = event {
            gaps.append(min(last ?? AgentTime(milliseconds: 0), time)...time)
        }
        last = time
    }

    /// What became of the times of which the ledger knows nothing, as far back as a moment; no other record is read whole.
    static func read(
        _ store: any LedgerStore, _ head: AuditHead, since: AgentTime
    ) async throws(LedgerFailure) -> RetriesInDoubt {
        var doubts = RetriesInDoubt()
        var last = try await RecordsByTime.last(before: since, in: store, head)
        while true {
            let records = try await store.records(after: last, limit: page)
            for sealed in records where sealed.mayBeDoubt {
                let entry = try sealed.entry()
                guard case .paused(_, _, _, _, isDoubt: true) = entry.event else { continue }
                doubts.last = try await lastWord(before: sealed.sequence, store)
                doubts.note(entry.event, at: entry.at)
            }
            guard let end = records.last else { return doubts }
            last = end.sequence
        }
    }

    /// How many records are looked at together.
    private static let page = 2000

    /// When something was written last before a record, but for that a copy was put back.
    private static func lastWord(
        before number: Int64, _ store: any LedgerStore
    ) async throws(LedgerFailure) -> AgentTime? {
        for sealed in try await store.records(after: max(0, number - 4), limit: 3).reversed()
        where sealed.sequence < number {
            let entry = try sealed.entry()
            if case .lifecycle(.restored) = entry.event { continue }
            return entry.at
        }
        return nil
    }

    /// Whether a run that counts as a person's went on in a time of which the ledger knows nothing.
    func covers(from start: ServerTime?, to end: ServerTime?) -> Bool {
        guard let first = start ?? end else { return false }
        return gaps.contains {
            first <= ClockOffset.zero.server($0.upperBound)
                && ClockOffset.zero.server($0.lowerBound) <= (end ?? first)
        }
    }

    /// Whether a retry that is put on record as a person's now ended in a time of which the ledger knows nothing.
    func covers(_ latch: Latch) -> Bool {
        gaps.contains {
            ClockOffset.zero.server($0.lowerBound) <= latch.at && latch.at <= ClockOffset.zero.server($0.upperBound)
        }
    }
}

extension InstanceBaseline {
    /// Whether a run was there when a person adopted this epoch.
    func wasThere(_ execution: ExecutionID) -> Bool {
        instance.epoch > 1 && highest.map { execution <= $0 } ?? false
    }
}
