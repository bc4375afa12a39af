import MendflowCore
package import MendflowLedger
import MendflowReview

/// What was decided about the runs of a chain, as the ledger has it.
enum RecordedDecisions {
    /// How many of the newest are told.
    private static let most = 20

    /// The newest decisions about some executions, up to a moment where one is given, oldest first.
    static func read(
        about executions: Set<ExecutionID>, _ store: any LedgerStore, _ key: InstanceKey, until time: ServerTime? = nil
    ) async throws(LedgerFailure) -> [TimelineEntry] {
        let records = try await store.records(about: executions, instance: key)
        let made = records.compactMap { sealed -> TimelineEntry? in
            guard let record = Audit.Entry(sealed)?.record, record.kind == .decision,
                case .decided(let decided)? = try? LedgerEntry(record).event,
                executions.contains(decided.execution), time.map({ decided.now <= $0 }) ?? true
            else { return nil }
            return TimelineEntry(
                decidedAt: decided.now, about: decided.execution, record: sealed.sequence, isDryRun: decided.isShadow,
                words: decided.words)
        }
        return made.suffix(most)
    }
}

extension DecidedExecution {
    /// What each policy had to say, in words.
    package var words: String {
        parts.map { part in (part.verdict.policy.map { "\($0): " } ?? "") + part.words }.joined(separator: "; ")
    }
}

extension DecidedExecution.Part {
    /// What was decided, in words: the request, until when it waits, or what holds it.
    package var words: String {
        guard let request else { return "held by \(label)" + (why.map { ": \($0)" } ?? "") }
        guard label != "act" else { return "act: \(request)" }
        if Reason(rawValue: label)?.withholds == true { return "withheld as \(label): \(request)" }
        return "waits (\(label))" + (until.map { " until \($0.rfc3339Seconds)" } ?? "") + ": \(request)"
    }
}
