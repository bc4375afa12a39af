/// Judges what n8n's clock shows, by three witnesses: the `Date` of its answers, the newest time that a row tells, and the
/// agent's own clock.
///
/// Each of them may be wrong: a proxy dates answers by a clock of its own, a machine wakes with the clock of its last sleep.
/// Two that agree are believed. Rows prove less than the others: n8n's clock has come to what a row tells, and on a quiet
/// server it went on since, so old rows speak against no clock that is later than they are.
public enum ServerClock {
    /// Clocks that are no further apart agree: n8n, its workers and its database may have clocks of their own.
    public static let tolerance = Period.minutes(5)

    /// How far n8n's clock is ahead, where an answer says that it shows `date` while the agent's shows `own`.
    ///
    /// `newestRow` is the newest time that rows told, plus what has passed since they were read; nil where there are none.
    /// `before` is what was judged last: two clocks that were found to be apart stay so, and a quiet server need not prove
    /// it again.
    public static func judge(
        date: ServerTime, newestRow: ServerTime?, own: AgentTime, before: ClockOffset
    ) -> ClockOffset {
        let told = ClockOffset(date, own).ahead
        let rows = newestRow.map { ClockOffset($0, own).ahead }
        let known = [before.isDisputed ? nil : before.ahead, .zero].compactMap { $0 }
        let isBehindRows = rows.map { $0 > told + tolerance } ?? false
        let isAsBefore = (told - known[0]).magnitude <= tolerance && !isBehindRows
        if told.magnitude <= tolerance || isAsBefore || bears(rows, out: told, against: .zero) {
            return ClockOffset(ahead: steady(told, known))
        }
        let date = steady(told, [before.unbelievedDate ?? .zero])
        if let known = known.first(where: { bears(rows, out: $0, against: told) }) {
            return ClockOffset(ahead: known, .overruled(date: date))
        }
        // The earliest time that rows allow: what is not known to be old is looked at, and not forgotten.
        let earliest = min(told, known[0])
        return ClockOffset(ahead: steady(max(earliest, rows ?? earliest), [before.ahead]), .disputed(date: date))
    }

    /// Whether rows bear out one of two clocks that disagree: the newest is minutes old by it, or hardly older compared with
    /// how far the clocks are apart, and not younger than now.
    private static func bears(_ rows: Period?, out clock: Period, against other: Period) -> Bool {
        guard let rows else { return false }
        let apart = Period(milliseconds: (clock - other).magnitude.milliseconds / 10)
        return clock - rows >= .zero - tolerance && clock - rows <= max(tolerance, apart)
    }

    /// What was measured, or what was known before where it is the same but for rounding: `Date` has whole seconds, and
    /// decisions must not be made again because of that.
    private static func steady(_ measured: Period, _ known: [Period]) -> Period {
        known.first { (measured - $0).magnitude < .seconds(2) } ?? measured
    }
}

extension ClockOffset {
    /// How far the `Date` of answers is ahead of the agent's clock, where it is not believed; nil where it is.
    public var unbelievedDate: Period? {
        switch standing {
        case .agreed: nil
        case .overruled(let date), .disputed(let date): date
        }
    }

    /// Whether no two witnesses agree, so that nobody can tell n8n's time.
    public var isDisputed: Bool { if case .disputed = standing { true } else { false } }

    /// For people: how the `Date` of answers and the agent's clock disagree; nil where the one is believed.
    public var disagreement: String? {
        unbelievedDate.map { date in
            let side = date > .zero ? "ahead of" : "behind"
            return "n8n's answers are dated (`Date`) \(date.magnitude) \(side) this machine's clock"
        }
    }

    /// For people: what is wrong with the clocks, and what comes of it; nil where they agree.
    public var trouble: String? {
        disagreement.map { words in
            isDisputed
                ? "\(words), and no execution bears out either: what depends on time is held until two of the three agree"
                : "\(words); executions do not bear that out, so it is not believed"
        }
    }
}
