import MendflowCore
package import MendflowLedger
import MendflowText
package import MendflowWorkspace

/// What the agent that runs, or ran last, read of the files last, and what it has in force since, as it put on record.
package struct LastReading: Sendable {
    /// What the files said, as text.
    var contents: String
    /// The policies in force; nil where a text is missing.
    var policies: [RecordedPolicy]?
    /// What waits for a person's word.
    var pending: PendingReload?
    /// What the files say otherwise than at the agent's start and only a restart takes in.
    var needsRestart: [RestartSetting] = []
    /// How far the agent may go on each instance.
    var modes: [String: Mode]

    /// How many records are looked at, a page at a time.
    private static let (most, page): (Int64, Int64) = (500_000, 2000)

    /// Reads it; nil where no agent ever began.
    package static func read(
        _ store: any LedgerStore, _ head: AuditHead
    ) async throws(LedgerFailure) -> LastReading? {
        var (end, confirmed): (Int64, Set<String>) = (head.sequence, [])
        let newest = try await store.load(LedgerScope(instances: [])).newestSegment
        let floor = newest?.last ?? 0
        while end > floor, head.sequence - end < most {
            let from = max(floor, end - page)
            let records = try await store.records(after: from, limit: Int(end - from))
            if let found = try newestReading(records, &confirmed) {
                return try await LastReading(found, confirmed, store)
            }
            end = from
        }
        // What was sealed is not read, but for what is told of it.
        guard end == floor, let found = try newestReading(newest?.carried ?? [], &confirmed) else { return nil }
        return try await LastReading(found, confirmed, store)
    }

    /// An agent's start, or the files that it took in: nothing before that counts.
    private struct Found {
        var event: Lifecycle
        var inForce: InForce
        var at: AgentTime
    }

    /// The newest among records, and which readings a person has let through since.
    private static func newestReading(
        _ records: [SealedRecord], _ confirmed: inout Set<String>
    ) throws(LedgerFailure) -> Found? {
        for sealed in records.reversed() {
            guard let event = try sealed.lifecycle else { continue }
            if case .confirmed(let word) = event { confirmed.insert(word.contents) }
            if let inForce = event.inForce { return Found(event: event, inForce: inForce, at: try sealed.entry().at) }
        }
        return nil
    }

    private init(
        _ found: Found, _ confirmed: Set<String>, _ store: any LedgerStore
    ) async throws(LedgerFailure) {
        (contents, modes) = (found.inForce.contents, found.inForce.modes)
        var held: [String] = []
        if case .reloaded(let reload) = found.event {
            (held, needsRestart) = (reload.held, reload.needsRestart)
            if !reload.waiting.isEmpty {
                pending = PendingReload(
                    contents: contents, since: found.at, losses: reload.waiting,
                    isConfirmed: confirmed.contains(contents))
            }
        }
        let told = found.inForce.policies.values
        let state = try await store.load(LedgerScope(instances: [], policies: Set(told.map(\.version))))
        let known = told.compactMap { policy in
            state.policy(version: policy.version).map {
                RecordedPolicy(text: $0, mode: policy.mode, isHeld: held.contains($0.name))
            }
        }
        if known.count == told.count { policies = known }
    }

    /// What held the last agent back and does so no more with the files that another one starts with, without what a
    /// person has let go.
    package func losses(in workspace: Workspace) -> [ReloadLoss] {
        let isSame = pending?.contents == Hex.text(workspace.meaning)
        if let pending, isSame { return pending.isConfirmed ? [] : pending.losses }
        let before = policies.flatMap { workspace.with(recorded: $0) }
        let losses = before?.loosenings(to: workspace).map(\.recorded) ?? []
        guard let pending else { return losses }
        if pending.isConfirmed { return losses.filter { !pending.losses.contains($0) } }
        // Protections and limits stand in no record: of files that changed since, nobody can tell.
        let untold = pending.losses.filter { !$0.isOfPolicy }
        return losses + untold.map { ReloadLoss($0.subject, "\($0.words), unless the files have it again") }
    }
}
