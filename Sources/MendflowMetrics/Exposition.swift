public import MendflowCore

/// Writes metrics as they are scraped.
public struct Exposition: Sendable {
    /// How they are written.
    public enum Format: Sendable, Hashable {
        /// Prometheus' text format, 0.0.4.
        case prometheus
        /// OpenMetrics 1.0.
        case openMetrics

        /// The media type.
        public var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// The one that a scraper prefers, by its header `Accept`; Prometheus' where it does not say.
        public init(accept: String?) {
            var best = 0.0
            self = .prometheus
            for entry in (accept ?? "").lowercased().split(separator: ",") {
                let parts = entry.split(separator: ";").map { $0.filter { $0 != " " } }
                let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
                guard let type = parts.first, weight > best else { continue }
                if type == "application/openmetrics-text" {
                    (best, self) = (weight, .openMetrics)
                } else if ["text/plain", "text/*", "*/*"].contains(type) {
                    (best, self) = (weight, .prometheus)
                }
            }
        }
    }

    private let format: Format
    /// When counters began.
    private let created: AgentTime
    private var text = ""

    /// Writes all of them; a family without a number is left out.
    public static func text(_ metrics: [Metric], _ format: Format, created: AgentTime) -> String {
        var writer = Exposition(format: format, created: created)
        for metric in metrics where !metric.points.isEmpty { writer.write(metric) }
        if format == .openMetrics { writer.text += "# EOF\n" }
        return writer.text
    }

    private init(format: Format, created: AgentTime) {
        self.format = format
        self.created = created
    }

    private mutating func write(_ metric: Metric) {
        let family = metric.family
        // OpenMetrics names the family without what stands behind the name of a sample.
        let name = format == .openMetrics ? family.name : family.queried
        let isInfo = family.kind == .info && format == .prometheus
        text += "# HELP \(name) \(escaped(family.help, quotes: format == .openMetrics))\n"
        text += "# TYPE \(name) \(isInfo ? "gauge" : family.kind.rawValue)\n"
        if format == .openMetrics, let unit = family.unit { text += "# UNIT \(name) \(unit.rawValue)\n" }
        for point in metric.points {
            let labels = zip(family.labels, point.labels).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
            switch point.value {
            case .number(let value): sample(family.queried, labels, value)
            case .distribution(let bounds, let counts, let sum): buckets(family.name, labels, bounds, counts, sum)
            }
            if format == .openMetrics, family.kind == .counter || family.kind == .histogram {
                sample(family.name + "_created", labels, Double(created.milliseconds) / 1000)
            }
        }
    }

    /// Every bucket holds what the smaller ones hold.
    private mutating func buckets(
        _ name: String, _ labels: [String], _ bounds: [Double], _ counts: [Int], _ sum: Double
    ) {
        var total = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total += count
            sample(name + "_bucket", labels + ["le=\"\(Exposition.number(bound, isBound: true))\""], Double(total))
        }
        sample(name + "_count", labels, Double(total))
        sample(name + "_sum", labels, sum)
    }

    private mutating func sample(_ name: String, _ labels: [String], _ value: Double) {
        let set = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        text += "\(name)\(set) \(Exposition.number(value))\n"
    }

    /// A number without an exponent where it is whole; bounds are always written with a point, as both formats ask of `le`.
    static func number(_ value: Double, isBound: Bool = false) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        guard !isBound, value == value.rounded(), let whole = Int64(exactly: value) else { return "\(value)" }
        return "\(whole)"
    }

    private func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
