/// How long a workflow's successful runs took.
public struct RunTimes: Sendable, Hashable {
    /// Fewer runs than this say nothing.
    public static let fewestSamples = 20

    /// Number of runs.
    public var samples: Int
    /// The time that 95 of 100 runs did not exceed; a second at the least.
    public var p95: Period

    /// Makes run times.
    public init(samples: Int, p95: Period) {
        self.samples = samples
        self.p95 = p95
    }

    /// The run times of a history, by nearest rank; nil of none.
    public init?(_ periods: [Period]) { self.init(ascending: periods.sorted()) }

    /// The same of times that are in order, the shortest first.
    public init?(ascending periods: [Period]) {
        guard !periods.isEmpty else { return nil }
        samples = periods.count
        // What takes no time at all is compared with a second: a multiple of milliseconds says nothing.
        p95 = max(periods[(periods.count * 95 + 99) / 100 - 1], .seconds(1))
    }

    /// A run time in hundredths of the p95, rounded down; nil where the history is too short to compare with.
    public func hundredths(_ period: Period) -> Int64? {
        guard samples >= RunTimes.fewestSamples else { return nil }
        let (product, overflow) = period.milliseconds.multipliedReportingOverflow(by: 100)
        return overflow ? .max : product / max(1, p95.milliseconds)
    }
}
