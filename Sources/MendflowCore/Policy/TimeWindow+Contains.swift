extension TimeWindow.Weekday {
    /// The weekday of a date given as days since 1970-01-01, which was a Thursday.
    public init(daysSince1970 days: Int64) {
        let index = (days + 3) - (days + 3).floorDivided(by: 7) * 7
        self = TimeWindow.Weekday.allCases[Int(index)]
    }
}

extension TimeWindow {
    /// Whether a point in time lies in the window: its start belongs to it, its end does not.
    ///
    /// Local times decide: one that the clock shows twice counts both times, one that it skips never comes. A window
    /// over midnight belongs to the day on which it starts.
    public func contains(_ time: ServerTime) -> Bool {
        let local = zone.localTime(at: time)
        let minute = Int(local.millisecondOfDay / 60_000)
        if toMinute > fromMinute { return minute >= fromMinute && minute < toMinute && starts(onDay: local.day) }
        return (minute >= fromMinute && starts(onDay: local.day)) || (minute < toMinute && starts(onDay: local.day - 1))
    }

    /// When the window opens for the first time after a point in time; nil where it never closes, or does not open
    /// within three weeks. Where the time lies inside the window it is the next opening after this one's end.
    public func nextStart(after time: ServerTime) -> ServerTime? {
        var from = time
        if contains(time) {
            guard let end = end(containing: time) else { return nil }
            from = end
        }
        return nextChange(after: from)
    }

    /// When the window that contains a point in time closes; nil where none does, or where it never closes.
    public func end(containing time: ServerTime) -> ServerTime? {
        contains(time) ? nextChange(after: time) : nil
    }

    private func starts(onDay day: Int64) -> Bool { days.isEmpty || days.contains(Weekday(daysSince1970: day)) }

    /// The first instant after a time at which the window's state is not what it is at that time.
    ///
    /// The state changes only where the local clock reaches one of the bounds or midnight, or is set.
    func nextChange(after time: ServerTime) -> ServerTime? {
        let state = contains(time)
        // A weekly window that the clock skips once opens two weeks later.
        let horizon = time + .days(22)
        var current = time
        while current < horizon {
            current = nextMark(after: current)
            if contains(current) != state { return current }
        }
        return nil
    }

    private func nextMark(after time: ServerTime) -> ServerTime {
        let ofDay = zone.localTime(at: time).millisecondOfDay
        let marks = [Int64(fromMinute), Int64(toMinute), 1440].map { $0 * 60_000 }
        let mark = marks.filter { $0 > ofDay }.min() ?? 86_400_000
        let next = time + Period(milliseconds: mark - ofDay)
        guard let set = zone.nextTransition(after: time), set < next else { return next }
        return set
    }
}
