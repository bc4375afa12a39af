import MendflowCore

/// Proof (c) of semantics 29: n8n answered 500 in its own words, and every id that it gave from the watermark to one that
/// was surely given after the answer is a row that was seen, and none of them is a retry of ours.
struct Accounting: Sendable {
    /// n8n's clock and its database's may differ by less.
    static let margin = Period.seconds(5)

    let book: ExecutionBook

    /// What the accounts of an intent say.
    enum Balance: Sendable, Hashable {
        /// Nothing was done: all ids up to this one are other runs.
        case nothingRan(upTo: ExecutionID)
        /// A row that began after the answer; whether it was also made after it must be asked for by id.
        case ask(ExecutionID)
        /// Nothing can be said yet, or ever.
        case open
    }

    /// Balances the accounts of an unresolved retry.
    func balance(_ intent: Intent) -> Balance {
        guard intent.draft.action == .retry, intent.state == .unresolved, intent.child == nil,
            let watermark = intent.watermark?.number, let answered = intent.answeredAt
        else { return .open }
        var number = watermark
        while number < UInt64.max {
            number += 1
            guard let row = book.executions[ExecutionID("\(number)")] else { return .open }
            guard row.retryOf != intent.draft.execution else { return .open }
            // Rows are given ids when they are made, so one that began before the answer proves nothing about later ids.
            guard let started = row.startedAt, started > answered + Accounting.margin else { continue }
            guard let created = row.createdAt else { return .ask(row.id) }
            if created > answered + Accounting.margin { return .nothingRan(upTo: row.id) }
        }
        return .open
    }
}
