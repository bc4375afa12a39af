/// A recurring window of local time: days of the week and a span of the day, in a zone. Whether it is open is told by
/// n8n's clock, as everything that is decided.
public struct TimeWindow: Sendable, Hashable {
    /// A day of the week.
    public enum Weekday: String, Sendable, Hashable, CaseIterable {
        /// ISO 8601's order.
        case mon, tue, wed, thu, fri, sat, sun
    }
    /// The days on which it starts; empty is every day.
    public var days: Set<Weekday>
    /// Minutes after local midnight at which it starts, 0 to 1439.
    public var fromMinute: Int
    /// Minutes after local midnight at which it ends, 1 to 1440; not after `fromMinute` means on the next day.
    public var toMinute: Int
    /// The zone.
    public var zone: ZoneTable

    /// Makes a window.
    public init(days: Set<Weekday> = [], fromMinute: Int, toMinute: Int, zone: ZoneTable) {
        self.days = days
        self.fromMinute = fromMinute
        self.toMinute = toMinute
        self.zone = zone
    }
}

/// A time zone as a table of transitions, so that pure code needs no system (semantics 40).
public struct ZoneTable: Sendable, Hashable {
    /// From a point in time on, local time is this many seconds east of UTC.
    public struct Transition: Sendable, Hashable {
        /// When it begins. A zone's rules know of no clock; what is looked up in them is always the moment of a decision,
        /// which is n8n's.
        public var at: ServerTime
        /// Seconds east of UTC.
        public var offsetSeconds: Int
        /// Makes a transition.
        public init(at: ServerTime, offsetSeconds: Int) {
            self.at = at
            self.offsetSeconds = offsetSeconds
        }
    }
    /// The zone's IANA name.
    public var name: String
    /// Seconds east of UTC before the first transition.
    public var firstOffsetSeconds: Int
    /// The transitions, in order of time.
    public var transitions: [Transition]

    /// Makes a zone.
    public init(name: String, firstOffsetSeconds: Int = 0, transitions: [Transition] = []) {
        self.name = name
        self.firstOffsetSeconds = firstOffsetSeconds
        self.transitions = transitions
    }
    /// UTC.
    public static let utc = ZoneTable(name: "UTC")
}

/// Finds a zone by its IANA name; the shell reads it from the system's files.
public typealias ZoneLookup = @Sendable (_ name: String) -> ZoneTable?
