public import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowWorkspace

/// What the ledger knows of an execution that n8n does not show: it vanished, and what was seen, decided and done about it
/// stays on record.
public struct VanishedExecution: Sendable {
    /// A range of time in which nobody can tell what became of it.
    public struct Gap: Sendable, Hashable {
        /// When it was last on record, where it was; and when it was found missing.
        public var from: AgentTime?, to: AgentTime
        /// What was found.
        public var summary: String
    }

    /// The execution, and the instance.
    public var execution: ExecutionID, instance: String
    /// Records about it, oldest first.
    public var entries: [Audit.Entry] = []
    /// Requests of ours about it, and those whose run it was.
    public var intents: [Intent] = []
    /// When it went missing, where that is on record.
    public var gap: Gap?
    /// Why n8n could not be asked; nil where it could, and does not have it.
    public var unreached: String?

    /// Whether the ledger has anything to tell.
    var isEmpty: Bool { entries.isEmpty && intents.isEmpty && gap == nil }

    /// Records among the last ones that are looked through for a gap of many ids.
    private static let searched: Int64 = 20_000

    /// Reads what there is; nil where there is nothing.
    static func read(
        _ execution: ExecutionID, _ workspace: Workspace, _ instance: Configuration.Instance
    ) async throws(MendflowFailure) -> VanishedExecution? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        var found = VanishedExecution(execution: execution, instance: instance.name)
        do throws(LedgerFailure) {
            let state = try await store.load(LedgerScope(instances: [instance.name], chains: [execution]))
            guard let baseline = state.baseline(of: instance.name) else { return nil }
            let about = try await store.records(about: [execution], instance: baseline.instance)
            found.entries = about.compactMap { Audit.Entry($0) }
            found.intents = state.intents(in: Set(IntentState.allCases), of: baseline.instance)
                .filter { $0.draft.execution == execution || $0.child == execution }
            try await found.findGap(store, state, baseline.instance)
        } catch { throw MendflowFailure(ledger: error) }
        return found.isEmpty ? nil : found
    }

    private mutating func findGap(
        _ store: any LedgerStore, _ state: LedgerState, _ instance: InstanceKey
    ) async throws(LedgerFailure) {
        let own = entries.last { $0.record.kind == .coverageGap && $0.record.execution == execution }
        if let own { return note(own.record) }
        guard state.tick(of: instance)?.missing.contains(execution) == true else { return }
        var last = max(0, state.head.sequence - VanishedExecution.searched)
        while gap == nil {
            let records = try await store.records(after: last, limit: 500)
            guard let end = records.last else { return }
            look(through: records, instance)
            last = end.sequence
        }
    }

    private mutating func look(through records: [SealedRecord], _ instance: InstanceKey) {
        for sealed in records {
            guard let entry = Audit.Entry(sealed), entry.record.instance == instance,
                case .gap(_, nil, .missing(let ids))? = try? LedgerEntry(entry.record).event, ids.contains(execution)
            else { continue }
            entries.append(entry)
            return note(entry.record)
        }
    }

    private mutating func note(_ record: AuditRecord) {
        var summary = ""
        if case .gap(_, _, let gap)? = try? LedgerEntry(record).event { summary = gap.summary }
        let before = entries.map(\.record).filter { $0.kind != .coverageGap && $0.at <= record.at }.map(\.at)
        gap = Gap(
            from: (before + intents.map(\.reservedAt).filter { $0 <= record.at }).max(), to: record.at, summary: summary
        )
    }
}
