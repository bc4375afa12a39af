public import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowPolicy
import MendflowWorkspace

/// What the ledger knows of an execution that n8n does not show: it vanished, and what was seen, decided and done about it
/// stays on record.
public struct VanishedExecution: Sendable {
    /// A range of time in which nobody can tell what became of it.
    public struct Gap: Sendable, Hashable {
        /// When it was last on record, where it was; and when it was found missing.
        public var from: Timestamp?, to: Timestamp
        /// What was found.
        public var words: String
    }

    /// The execution, and the instance.
    public var execution: ExecutionID, instance: String
    /// Records about it, oldest first.
    public var entries: [Audit.Entry] = []
    /// Requests of ours about it, and those whose run it was.
    public var intents: [Intent] = []
    /// When it went missing, where that is on record.
    public var gap: Gap?

    /// Whether the ledger has anything to tell.
    var isEmpty: Bool { entries.isEmpty && intents.isEmpty && gap == nil }

    /// Records among the last ones that are looked through for a gap of many ids.
    private static let searched: Int64 = 20_000

    /// Reads what there is; nil where there is nothing.
    static func read(
        _ execution: ExecutionID, _ workspace: Workspace, _ instance: Configuration.Instance
    ) throws(MendflowFailure) -> VanishedExecution? {
        guard let ledger = try workspace.openLedgerReading() else { return nil }
        var found = VanishedExecution(execution: execution, instance: instance.name)
        do throws(LedgerFailure) {
            guard let baseline = try ledger.baseline(of: instance.name) else { return nil }
            let about = try ledger.records(about: [execution], instance: baseline.instance)
            found.entries = about.compactMap { Audit.Entry($0) }
            found.intents = try ledger.intents(in: Set(IntentState.allCases), instance: baseline.instance)
                .filter { $0.draft.execution == execution || $0.child == execution }
            try found.findGap(ledger, baseline.instance)
        } catch { throw MendflowFailure(ledger: error) }
        return found.isEmpty ? nil : found
    }

    private mutating func findGap(_ ledger: SQLiteLedger, _ instance: InstanceKey) throws(LedgerFailure) {
        let own = entries.last { $0.record.kind == .coverageGap && $0.record.execution == execution }
        if let own { return note(own.record) }
        let state = try ledger.tickState(of: instance)
        guard state?.missing.contains(execution) == true else { return }
        var next = max(1, try ledger.head().sequence - VanishedExecution.searched)
        while let last = try look(ledger, instance, &next), gap == nil { next = last + 1 }
    }

    /// Looks through some records; answers the number of the last, nil behind the end.
    private mutating func look(
        _ ledger: SQLiteLedger, _ instance: InstanceKey, _ next: inout Int64
    ) throws(LedgerFailure) -> Int64? {
        let records = try ledger.records(from: next, limit: 500)
        for sealed in records {
            guard let entry = Audit.Entry(sealed), entry.record.kind == .coverageGap,
                entry.record.instance == instance, case .text(let ids) = entry.record.fields["ids"],
                IDRanges(text: ids)?.contains(execution) == true
            else { continue }
            entries.append(entry)
            note(entry.record)
            break
        }
        return records.last?.sequence
    }

    private mutating func note(_ record: AuditRecord) {
        var words = ""
        if case .text(let why) = record.fields["why"] { words = why }
        let before = entries.map(\.record).filter { $0.kind != .coverageGap && $0.at <= record.at }.map(\.at)
        gap = Gap(
            from: (before + intents.map(\.reservedAt).filter { $0 <= record.at }).max(), to: record.at, words: words)
    }
}
