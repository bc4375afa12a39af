import MendflowCore

/// The newest time that rows told, and when it was read: n8n's clock has gone on since at least as long.
struct RowClock: Sendable {
    private let newest: ServerTime
    /// When it was read, in monotonic time.
    private let readAt: Period

    /// Takes rows in that were read just now; nil where no row has told a time yet.
    init?(_ rows: [Execution], before: RowClock?, at now: Period) {
        let told = rows.map(\.newestTime) + [before?.time(at: now)]
        guard let newest = told.compactMap({ $0 }).max() else { return nil }
        self.newest = newest
        readAt = now
    }

    /// What n8n's clock shows by now at least.
    func time(at now: Period) -> ServerTime { newest + (now - readAt) }
}
