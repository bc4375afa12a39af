import MendflowCore

/// The newest time that rows told, and when it was read: n8n's clock has gone on since at least as long.
struct RowClock: Sendable {
    private let newest: ServerTime
    /// When it was read, in monotonic time.
    private let readAt: Period
    /// The newest time that a row told by itself, and when that row was read first.
    private let told: ServerTime, toldAt: Period
    /// What rows had told when n8n's time came to be in dispute; nil where it is not.
    private var disputedFrom: ServerTime?

    /// Takes rows in that were read just now; nil where no row has told a time yet.
    init?(_ rows: [Execution], before: RowClock?, at now: Period) {
        let times = rows.map(\.newestTime) + [before?.told]
        guard let told = times.compactMap({ $0 }).max() else { return nil }
        newest = max(told, before?.time(at: now) ?? told)
        readAt = now
        self.told = told
        toldAt = before.flatMap { $0.told == told ? $0.toldAt : nil } ?? now
        disputedFrom = before?.disputedFrom
    }

    private init(told: ServerTime, toldAt: Period) {
        (newest, readAt) = (told, toldAt)
        (self.told, self.toldAt) = (told, toldAt)
    }

    /// What n8n's clock shows by now at least, unless it was set back since.
    func time(at now: Period) -> ServerTime { newest + (now - readAt) }

    /// Takes in whether n8n's time is in dispute.
    mutating func note(isDisputed: Bool) { disputedFrom = isDisputed ? disputedFrom ?? told : nil }

    /// By rows of now alone, where the time is in dispute: n8n's clock may have been set back, and what rows told before
    /// would stand against it for ever. Nil until a row that was read minutes ago tells a time well beyond all that were
    /// told by then; which ids were known when is told by n8n's clock, and would be contradicted by rows of before.
    func anew(at now: Period) -> RowClock? {
        guard let disputedFrom, told >= disputedFrom + ServerClock.tolerance, now - toldAt <= ServerClock.tolerance
        else { return nil }
        return RowClock(told: told, toldAt: toldAt)
    }
}
