public import MendflowCore
public import MendflowLedger
import MendflowText
public import MendflowWorkspace

/// What files would lose that a running agent has read, and that it keeps until a person confirms that they are meant so.
public struct PendingReload: Sendable, Hashable {
    /// What the files said that it is about (`Workspace.meaning`), and when the agent read them.
    public var contents: String, since: AgentTime
    /// What would be lost.
    public var losses: [ReloadLoss]
    /// Whether a person has let it through, which the agent takes in at its next tick.
    public var isConfirmed: Bool

    /// How many records are looked at together.
    private static let page = 2000

    /// What the agent that runs, or ran last, waits for; nil where it waits for nothing.
    public static func read(_ workspace: Workspace) async throws(MendflowFailure) -> PendingReload? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        return try await workspace.ledger { () throws(LedgerFailure) in
            try await read(store, try await store.load(LedgerScope(instances: [])).head.chain)
        }
    }

    /// The same of a ledger that is open. What an agent waited for ends with it.
    package static func read(
        _ store: any LedgerStore, _ head: AuditHead
    ) async throws(LedgerFailure) -> PendingReload? {
        try await LastReading.read(store, head)?.pending
    }

    /// Whether a person has let a reading of the files through, behind a record. A ledger that cannot be read now says no.
    package static func confirmed(
        _ contents: String, after number: Int64, _ workspace: Workspace
    ) async -> (isConfirmed: Bool, upTo: Int64) {
        var last = number
        do {
            guard let store = try await workspace.openLedgerReading() else { return (false, last) }
            while let records = try? await store.records(after: last, limit: page), let end = records.last {
                for sealed in records {
                    if case .confirmed(let word)? = try sealed.lifecycle, word.contents == contents {
                        return (true, sealed.sequence)
                    }
                }
                last = end.sequence
            }
        } catch {}
        return (false, last)
    }

    /// Lets what waits through, and answers it as it was; one that was confirmed before is left as it is. Nil where nothing waits.
    public static func confirm(_ workspace: Workspace, reason: String?) async throws(MendflowFailure) -> PendingReload?
    {
        guard let pending = try await read(workspace) else { return nil }
        guard !pending.isConfirmed else { return pending }
        let word = ReloadConfirmed(
            contents: pending.contents, by: workspace.user, reason: reason, losses: pending.losses)
        let (store, now) = (try await workspace.openLedger(), workspace.clock.now())
        let entry = LedgerEntry(.lifecycle(.confirmed(word)), at: now)
        try await workspace.ledger { () throws(LedgerFailure) in
            try await Ledger(store, LedgerScope(instances: [])).append([entry])
        }
        return pending
    }
}
