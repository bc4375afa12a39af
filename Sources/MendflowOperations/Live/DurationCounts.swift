public import MendflowCore

/// How long something took, counted by bounds, so that it can be added up and compared without keeping each time.
public struct DurationCounts: Sendable, Hashable {
    /// The bounds, rising; what lies on one is counted to it.
    public let bounds: [Period]
    /// How many there were up to each bound and above the one before; the last are those above all.
    public private(set) var counts: [Int]
    /// All of them together.
    public private(set) var sum = Period.zero

    /// None yet.
    public init(_ bounds: [Period]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    /// Counts one.
    public mutating func note(_ period: Period) {
        counts[bounds.firstIndex { period <= $0 } ?? bounds.count] += 1
        sum = sum + period
    }

    /// From a twentieth of a second to ten minutes, for ticks.
    public static let ticks = DurationCounts(
        [.milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500)]
            + [1, 2, 5, 10, 30, 60, 120, 300, 600].map { .seconds($0) })
    /// From five milliseconds to ten seconds, for a disk.
    public static let writes = DurationCounts(
        [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000].map { .milliseconds($0) })
}
