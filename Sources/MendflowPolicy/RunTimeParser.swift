internal import MendflowCore
internal import MendflowYAML

/// Parses `ran_for`: lengths of time, and multiples of what the workflow's own successful runs took.
struct RunTimeParser {
    let report: Report

    static let shape = MapShape(what: "a relative run time", keys: ["p95", "at_least"], required: ["p95"])
    static let factors: ClosedRange<Double> = 0.1...1000

    /// One test of the length and one of the multiple of the p95, whichever were written; nil with findings.
    func parse(_ spec: FieldSpec, _ key: YAMLKey, _ value: YAMLNode) -> [Condition]? {
        let place = report.place(key.range)
        let parser = OperatorParser(report: report, what: "`\(spec.key)`", form: spec.form)
        let entries = value.entries ?? []
        let relative = entries.filter { Comparison(rawValue: $0.key.text) != nil && $0.value.entries != nil }
        guard !relative.isEmpty else {
            return parser.parse(value).map { [.test(FieldTest(spec.field, $0, place: place))] }
        }
        let before = report.errors
        let plain = entries.filter { entry in !relative.contains { $0.key.range == entry.key.range } }
        var lengths = plain.isEmpty ? [] : parser.operators(plain, at: value) ?? []
        var multiples: [FieldOperator] = []
        for entry in relative {
            guard let comparison = Comparison(rawValue: entry.key.text),
                let map = MapReader(entry.value, RunTimeParser.shape, report)
            else { continue }
            if let factor = map["p95"].flatMap(hundredths) { multiples.append(.number(comparison, factor)) }
            guard let least = map["at_least"] else { continue }
            if comparison == .lt || comparison == .lte {
                report.error(
                    "contradiction", "`at_least` goes with gt and gte alone", at: map.key("at_least")?.range,
                    notes: ["write {gte: 6h} beside `\(comparison.rawValue)`"])
            } else if let period = report.period(least, "`at_least`") {
                lengths.append(.period(.gte, period))
            }
        }
        guard report.errors == before else { return nil }
        let length = lengths.isEmpty ? [] : [Condition.test(FieldTest(spec.field, lengths, place: place))]
        return length + [.test(FieldTest(.ranForOfP95, multiples, place: place))]
    }

    private func hundredths(_ node: YAMLNode) -> Int64? {
        guard let number = node.number else {
            report.wrongKind(node, "`p95`", wanted: "a number", notes: ["10 is ten times the p95"])
            return nil
        }
        guard RunTimeParser.factors.contains(number) else {
            report.error(
                "out-of-range", "`p95` must be 0.1 to 1000, not \(node.scalar?.text ?? "")", at: node.range)
            return nil
        }
        return Int64((number * 100).rounded())
    }
}
