/// A length of time in whole milliseconds, written with units: `90s`, `2h`, `1h30m`, `7d`.
public struct Period: Hashable, Comparable, Sendable {
    /// Milliseconds; negative for a difference that runs backwards.
    public var milliseconds: Int64

    /// Makes a period of milliseconds.
    @inlinable
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// No time at all.
    public static let zero = Period(milliseconds: 0)
    /// A period of milliseconds.
    public static func milliseconds(_ count: Int64) -> Period { Period(milliseconds: count) }
    /// A period of seconds.
    public static func seconds(_ count: Int64) -> Period { Period(milliseconds: count * 1000) }
    /// A period of minutes.
    public static func minutes(_ count: Int64) -> Period { Period(milliseconds: count * 60_000) }
    /// A period of hours.
    public static func hours(_ count: Int64) -> Period { Period(milliseconds: count * 3_600_000) }
    /// A period of days of 24 hours.
    public static func days(_ count: Int64) -> Period { Period(milliseconds: count * 86_400_000) }

    /// Orders by length.
    @inlinable
    public static func < (one: Period, other: Period) -> Bool { one.milliseconds < other.milliseconds }
    /// The sum of two periods.
    @inlinable
    public static func + (one: Period, other: Period) -> Period {
        Period(milliseconds: one.milliseconds + other.milliseconds)
    }
    /// The difference of two periods.
    @inlinable
    public static func - (one: Period, other: Period) -> Period {
        Period(milliseconds: one.milliseconds - other.milliseconds)
    }
    /// The same length, never negative.
    public var magnitude: Period { milliseconds < 0 ? .zero - self : self }
    /// The period as Swift's `Duration`, for clocks.
    public var duration: Duration { .milliseconds(milliseconds) }
}

extension Period {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
    ]

    /// The longest that can be written: a hundred years of 365 days.
    private static let longest: Int64 = 3_153_600_000_000

    /// Reads numbers with units, largest unit first (`1h30m`, `90s`, `7d`, `250ms`, `2w`); nil for anything else, a bare
    /// number included.
    public init?(_ text: some StringProtocol) {
        var rest = text[...]
        var total: Int64 = 0
        var smallest = Int64.max
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let unit = rest.dropFirst(digits.count).prefix { ("a"..."z").contains($0) }
            guard let count = Int64(digits), let size = Period.units.first(where: { $0.name == unit })?.milliseconds,
                size < smallest
            else { return nil }
            let (part, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, part <= Period.longest - total else { return nil }
            total += part
            smallest = size
            rest = rest.dropFirst(digits.count + unit.count)
        }
        milliseconds = total
    }
}

extension Period: CustomStringConvertible {
    /// The period with units, as it could be written in a policy; weeks are shown as days.
    public var description: String {
        guard milliseconds != 0 else { return "0s" }
        var rest = milliseconds.magnitude
        var text = milliseconds < 0 ? "-" : ""
        for unit in Period.units.reversed() where unit.name != "w" {
            let count = rest / UInt64(unit.milliseconds)
            if count > 0 { text += "\(count)\(unit.name)" }
            rest %= UInt64(unit.milliseconds)
        }
        return text
    }
}
