/// A point in time as one clock showed it: whole milliseconds since 1970-01-01T00:00:00Z.
///
/// n8n's clock and the agent's own may differ by minutes or by days, so the time on the one says nothing of the time on
/// the other: `ServerTime` and `AgentTime` are two types, and only a `ClockOffset` leads from the one to the other.
public protocol Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    var milliseconds: Int64 { get }
    /// Makes a point in time of milliseconds since 1970.
    init(milliseconds: Int64)
}

/// A time on n8n's clock: what rows tell, and what decisions go by.
///
/// n8n, its workers and its database may have clocks of their own, which nobody can tell apart; all of them count as one
/// here. Times that policies and commands name (`ended_between`, `--since`) are compared with rows, so they are n8n's, too.
public struct ServerTime: Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var milliseconds: Int64
    /// Makes a point in time of milliseconds since 1970.
    @inlinable
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
}

/// A time on the agent's own clock: what the ledger's entries, intents and pauses are dated with, and what the log tells.
public struct AgentTime: Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var milliseconds: Int64
    /// Makes a point in time of milliseconds since 1970.
    @inlinable
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
}

extension Moment {
    /// Orders by time.
    @inlinable
    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
    /// The time a period later; saturates instead of overflowing.
    @inlinable
    public static func + (time: Self, period: Period) -> Self {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(period.milliseconds)
        guard overflow else { return Self(milliseconds: sum) }
        return Self(milliseconds: period.milliseconds > 0 ? .max : .min)
    }
    /// The time a period earlier; saturates instead of overflowing.
    @inlinable
    public static func - (time: Self, period: Period) -> Self {
        time + Period(milliseconds: period.milliseconds == .min ? .max : -period.milliseconds)
    }
    /// The period from the second time to the first, negative where the first is earlier.
    @inlinable
    public static func - (later: Self, earlier: Self) -> Period {
        let (difference, overflow) = later.milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return Period(milliseconds: overflow ? (later > earlier ? .max : .min) : difference)
    }

    /// Reads RFC 3339 with `T` or a blank, any number of fraction digits, and `Z` or an offset; nil for anything else.
    ///
    /// n8n always sends three fraction digits and `Z` (n8n facts 1.1); users write shorter ones.
    public init?(rfc3339 text: some StringProtocol) {
        guard let milliseconds = RFC3339.milliseconds(text.utf8) else { return nil }
        self.init(milliseconds: milliseconds)
    }

    /// The time as `2026-05-01T10:11:12.345Z`.
    public var rfc3339: String { RFC3339.text(milliseconds) }

    /// The time to the second, for people: `2026-05-01T10:11:12Z`.
    public var rfc3339Seconds: String { RFC3339.text(milliseconds, fraction: false) }

    /// The time in RFC 3339.
    public var description: String { rfc3339 }
}
