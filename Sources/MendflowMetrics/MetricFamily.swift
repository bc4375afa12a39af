/// A metric as it is declared: what it counts or shows, under which name, told apart by what.
public struct MetricFamily: Sendable, Hashable {
    /// What kind of number it is.
    public enum Kind: String, Sendable, Hashable {
        /// Only grows while the agent runs; begins with 0 when it starts.
        case counter
        /// How something is now.
        case gauge
        /// How many there were up to each of some bounds, how many in all, and their sum.
        case histogram
        /// Always 1; what it tells stands in its labels.
        case info
    }
    /// What is measured, where it has a unit.
    public enum Unit: String, Sendable, Hashable {
        case seconds
        case bytes
    }

    /// Its name, without what a format puts behind it (`_total`, `_info`, `_bucket`); a unit is its last word.
    public let name: String
    /// What kind of number it is.
    public let kind: Kind
    /// The unit; nil for mere numbers.
    public let unit: Unit?
    /// The names of its labels, in the order in which they are written.
    public let labels: [String]
    /// What it means, in one sentence.
    public let help: String

    init(_ name: String, _ kind: Kind, _ unit: Unit? = nil, _ labels: [String] = [], _ help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.help = help
    }

    /// The name that queries use: with `_total` for a counter, `_info` for an info.
    public var queried: String {
        switch kind {
        case .counter: name + "_total"
        case .info: name + "_info"
        case .gauge, .histogram: name
        }
    }

    /// All names that its samples bear in Prometheus.
    public var samples: [String] {
        kind == .histogram ? ["_bucket", "_count", "_sum"].map { name + $0 } : [queried]
    }
}

/// A family with its numbers.
public struct Metric: Sendable, Hashable {
    /// The declaration.
    public let family: MetricFamily
    /// One number for each combination of labels.
    public var points: [Point] = []

    /// A number with the values of the family's labels.
    public struct Point: Sendable, Hashable {
        /// In the order of the family's labels.
        public var labels: [String]
        /// The number.
        public var value: Value
    }

    /// A number.
    public enum Value: Sendable, Hashable {
        /// One number.
        case number(Double)
        /// How many there were up to each bound, the larger bounds without the smaller ones, and behind the last bound; their sum.
        case distribution(bounds: [Double], counts: [Int], sum: Double)
    }

    init(_ family: MetricFamily, _ points: [Point] = []) {
        self.family = family
        self.points = points
    }

    /// One number without labels.
    init(_ family: MetricFamily, _ value: Double) {
        self.init(family, [Point(labels: [], value: .number(value))])
    }

    /// One more number.
    mutating func add(_ labels: [String], _ value: Double) {
        precondition(labels.count == family.labels.count, "\(family.name) has the labels \(family.labels)")
        points.append(Point(labels: labels, value: .number(value)))
    }
}
