import MendflowCore
package import MendflowLedger
import MendflowReview

/// What was decided about the runs of a chain, and what people were asked about them, as the ledger has it.
enum RecordedDecisions {
    /// How many of the newest are told.
    private static let most = 20

    /// The newest decisions about some executions, and all that was asked, up to a moment where one is given, oldest first.
    static func read(
        about executions: Set<ExecutionID>, _ store: any LedgerStore, _ key: InstanceKey, _ clockOffset: ClockOffset,
        until time: ServerTime? = nil
    ) async throws(LedgerFailure) -> [TimelineEntry] {
        let records = try await store.records(about: executions, instance: key)
        let asks = asks(records, about: executions, until: time.map(clockOffset.agent))
        let made = records.compactMap { sealed -> TimelineEntry? in
            guard let record = Audit.Entry(sealed)?.record, record.kind == .decision,
                case .decided(let decided)? = try? LedgerEntry(record).event,
                executions.contains(decided.execution), time.map({ decided.now <= $0 }) ?? true
            else { return nil }
            return TimelineEntry(
                decidedAt: decided.now, about: decided.execution, record: sealed.sequence, isDryRun: decided.isShadow,
                words: decided.words)
        }
        return made.suffix(most) + asks.map { TimelineEntry($0, clockOffset) }
    }

    /// What people were asked and what they said: a view has the newest ask of each kind alone.
    private static func asks(
        _ records: [SealedRecord], about executions: Set<ExecutionID>, until time: AgentTime?
    ) -> [Approval] {
        var asks: [ApprovalID: Approval] = [:]
        for sealed in records {
            guard let record = Audit.Entry(sealed)?.record, record.kind == .approval,
                let entry = try? LedgerEntry(record), time.map({ entry.at <= $0 }) ?? true
            else { continue }
            switch entry.event {
            case .approvalAsked(let ask) where executions.contains(ask.draft.execution):
                let id = ApprovalID(sealed.sequence)
                asks[id] = Approval(id, ask, at: entry.at)
            case .approvalAnswered(let reference, let answer): asks[reference.id]?.take(answer, at: entry.at)
            case .approvalClosed(let reference, let end): asks[reference.id]?.take(end, at: entry.at)
            default: break
            }
        }
        return asks.values.sorted { $0.id < $1.id }
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
