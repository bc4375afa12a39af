import MendflowCore
import MendflowLedger

/// Which retries that are on record as people's may have been ours: those that were there before the epoch that a person adopted, for the
/// requests of the epoch before stay with that; and those that ended in the time of which the ledger knows nothing, where a copy was put
/// back or a database lost something.
struct RetriesInDoubt {
    private var gaps: [ClosedRange<AgentTime>] = []
    /// When something was written last.
    private var last: AgentTime?

    /// Takes in the next record.
    mutating func note(_ event: LedgerEvent?, at time: AgentTime) {
        if case .lifecycle(let lifecycle)? = event, lifecycle.kind == .restored { return }
        if case .paused(_, _, _, _, isDoubt: true)? = event {
            gaps.append(min(last ?? AgentTime(milliseconds: 0), time)...time)
        }
        last = time
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
