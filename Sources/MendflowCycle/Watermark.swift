import MendflowCore

/// The row whose id was the highest known when a retry was sent. Where n8n's database was put back since, its ids are given
/// again: to other runs, and perhaps to those that the ids of a lost retry named, so that these prove nothing.
struct Watermark {
    /// What the row tells.
    enum Standing: Sendable, Hashable {
        /// It was made before the request left, or there is none to tell.
        case same
        /// Only by id n8n tells when it was made.
        case unknown(ExecutionID)
        /// It was made after the request left: it is another row.
        case another
    }

    let standing: Standing

    /// n8n's clock, its database's and ours may differ by less.
    static let margin = Period.minutes(5)

    init(of intent: Intent, _ rows: ExecutionTable, _ clock: ClockOffset) {
        guard let sent = intent.sendingAt, let row = intent.watermark.flatMap({ rows[$0] }) else {
            standing = .same
            return
        }
        let limit = clock.server(sent) + Watermark.margin
        let isBefore = row.startedAt.map { $0 <= limit } ?? false
        guard !isBefore else {
            standing = .same
            return
        }
        standing = row.createdAt.map { $0 <= limit ? .same : .another } ?? .unknown(row.id)
    }
}
