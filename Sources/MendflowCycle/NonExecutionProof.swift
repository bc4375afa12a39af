package import MendflowCore

/// Proof (c) of semantics 29: n8n answered 500 in its own words, and every id that it gave from the watermark to one that
/// was surely given after the answer is a row that was seen, and none of them is a retry of ours.
package enum NonExecutionProof: Sendable, Hashable {
    /// Nothing was done: all ids up to this one are other runs.
    case nothingRan(upTo: ExecutionID)
    /// A row that began after the answer; whether it was also made after it must be asked for by id.
    case ask(ExecutionID)
    /// Nothing can be said yet, or ever.
    case open

    /// n8n's clock and its database's may differ by less.
    private static let margin = Period.seconds(5)

    /// Looks for the proof that an unresolved retry did nothing.
    package static func evaluate(_ intent: Intent, _ rows: ExecutionTable) -> NonExecutionProof {
        guard intent.draft.action == .retry, intent.state == .unresolved, intent.child == nil,
            let watermark = intent.watermark?.number, let answered = intent.answeredAt
        else { return .open }
        var number = watermark
        while number < UInt64.max {
            number += 1
            guard let row = rows[ExecutionID("\(number)")] else { return .open }
            guard row.retryOf != intent.draft.execution else { return .open }
            // Rows are given ids when they are made, so one that began before the answer proves nothing about later ids.
            guard let started = row.startedAt, started > answered + margin else { continue }
            guard let created = row.createdAt else { return .ask(row.id) }
            if created > answered + margin { return .nothingRan(upTo: row.id) }
        }
        return .open
    }
}
