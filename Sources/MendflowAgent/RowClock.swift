import MendflowCore

/// The newest time that rows told, and when it was read: n8n's clock has gone on since at least as long.
///
/// A run that was made since the last poll, and tells a time well before the one that the clock had come to by then, shows that
/// somebody set it back. What older runs told counts no more from there on: they tell of times that have not come again.
struct RowClock: Sendable {
    private let newest: ServerTime
    /// When it was read, in monotonic time.
    private let readAt: Period
    /// As the last poll ended: the highest id, and what n8n's clock had come to at least.
    private let known: (highest: ExecutionID, time: ServerTime)?
    /// The first run that is known to be made since the clock was set back.
    private let since: ExecutionID?

    /// Takes rows in that were read just now; nil where no row has told a time yet.
    init?(_ rows: [Execution], before: RowClock?, at now: Period) {
        let setBack = before?.firstSetBack(rows)
        let since = setBack ?? before?.since
        let told = rows.lazy.filter { row in since.map { row.id >= $0 } ?? true }.compactMap(\.newestTime).max()
        let before = setBack == nil ? before : nil
        guard let newest = [told, before?.time(at: now)].compactMap({ $0 }).max() else { return nil }
        self.init(newest, readAt: now, known: before?.known, since: since)
    }

    private init(
        _ newest: ServerTime, readAt: Period, known: (highest: ExecutionID, time: ServerTime)?, since: ExecutionID?
    ) {
        self.newest = newest
        self.readAt = readAt
        self.known = known
        self.since = since
    }

    /// What n8n's clock shows by now at least.
    func time(at now: Period) -> ServerTime { newest + (now - readAt) }

    /// The same once a whole poll has ended: what is made from now on has a higher id than all that it knows.
    func ended(highest: ExecutionID?, at now: Period) -> RowClock {
        RowClock(newest, readAt: readAt, known: highest.map { ($0, time(at: now)) } ?? known, since: since)
    }

    /// The first run that was made since the last poll, and by a clock that had been set back.
    private func firstSetBack(_ rows: [Execution]) -> ExecutionID? {
        guard let known else { return nil }
        return rows.lazy.filter { row in
            row.id > known.highest && row.newestTime.map { $0 + ServerClock.tolerance < known.time } ?? false
        }.map(\.id).min()
    }
}
