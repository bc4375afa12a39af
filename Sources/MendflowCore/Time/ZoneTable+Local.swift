extension ZoneTable {
    /// A local clock's reading.
    public struct LocalTime: Sendable, Hashable {
        /// The local date, as days since 1970-01-01.
        public var day: Int64
        /// Milliseconds since local midnight by the clock's face, 0 to 86,399,999.
        public var millisecondOfDay: Int64

        /// Makes a reading.
        public init(day: Int64, millisecondOfDay: Int64) {
            self.day = day
            self.millisecondOfDay = millisecondOfDay
        }
    }

    /// Seconds east of UTC at a point in time.
    public func offsetSeconds(at time: ServerTime) -> Int {
        let index = firstTransitionIndex(after: time)
        return index == 0 ? firstOffsetSeconds : transitions[index - 1].offsetSeconds
    }

    /// What a local clock shows at a point in time.
    public func localTime(at time: ServerTime) -> LocalTime {
        let local = (time + .seconds(Int64(offsetSeconds(at: time)))).milliseconds
        let day = local.floorDivided(by: 86_400_000)
        return LocalTime(day: day, millisecondOfDay: local - day * 86_400_000)
    }

    /// The first point in time after this one at which the clock is set; nil after the last.
    public func nextTransition(after time: ServerTime) -> ServerTime? {
        let index = firstTransitionIndex(after: time)
        return index < transitions.count ? transitions[index].at : nil
    }

    /// The index of the first transition that lies later than a time, found in logarithmic time.
    private func firstTransitionIndex(after time: ServerTime) -> Int {
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].at > time { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
