package import MendflowCore

/// Proofs (c) and (d) of semantics 29: every id that n8n gave from the watermark to one that was surely given after the
/// request could begin nothing any more is known to be another run.
package enum NonExecutionProof: Sendable, Hashable {
    /// Nothing was done: all ids up to this one are other runs.
    case nothingRan(upTo: ExecutionID)
    /// A row that began after the request's end; whether it was also made after it must be asked for by id.
    case ask(ExecutionID)
    /// Nothing can be said yet, or ever.
    case open

    /// n8n's clock and its database's may differ by less.
    private static let margin = Period.seconds(5)

    /// Looks for the proof that an unresolved retry did nothing. `children` are the retries that the ledger knows; `grace` is
    /// how long something in front of n8n may hold a request that was lost, and pass it on after all.
    package static func evaluate(
        _ intent: Intent, _ rows: ExecutionTable, children: [ExecutionID: Set<ExecutionID>] = [:], clock: ClockOffset,
        grace: Period
    ) -> NonExecutionProof {
        guard intent.draft.action == .retry, intent.state == .unresolved, intent.child == nil,
            let watermark = intent.watermark?.number, let ended = intent.ended(clock, grace),
            // A success that its row names is a retry of it, ours perhaps, though its own row may be gone.
            let parent = rows[intent.draft.execution], parent.retrySuccess == nil
        else { return .open }
        switch Watermark(of: intent, rows, clock).standing {
        case .same: break
        case .unknown(let id): return .ask(id)
        case .another: return .open
        }
        let others = OtherRuns(than: intent.draft.execution, rows, children)
        var number = watermark
        while number < UInt64.max {
            number += 1
            let id = ExecutionID("\(number)")
            guard others.contains(id) else { return .open }
            // Rows are given ids when they are made, so one that began before the end proves nothing about later ids. One that
            // waits in the queue, or was stopped there, was made all the same.
            guard let row = rows[id], row.startedAt.map({ $0 > ended + margin }) ?? true else { continue }
            guard let created = row.createdAt else { return .ask(row.id) }
            if created > ended + margin { return .nothingRan(upTo: row.id) }
        }
        return .open
    }
}

extension Intent {
    /// Clocks that were set between two readings show by more than this.
    private static let steadiness = Period.minutes(1)

    /// From when on its request can begin nothing any more, by n8n's clock; nil where nobody can tell.
    fileprivate func ended(_ clock: ClockOffset, _ grace: Period) -> ServerTime? {
        guard let answeredAt else { return nil }
        // n8n's own answer: whatever it began, it had begun by then. Of a request that left twice it is the answer to one.
        if case .failed = evidence, asked == 0 { return answeredAt }
        // It was lost: something in front of n8n may hold it still. That moment was told by the agent's clock, and is not
        // believed where that clock was set since. An n8n that answers slowly lies between two readings as well.
        guard !clock.isDisputed, let settled = settledAt.map(clock.server),
            settled + Self.steadiness >= answeredAt, settled <= answeredAt + ServerClock.tolerance
        else { return nil }
        return max(answeredAt, settled) + grace
    }
}
