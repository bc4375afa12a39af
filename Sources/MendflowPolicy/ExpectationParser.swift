internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `expect`: what a backtest of the policy must show.
struct ExpectationParser {
    let report: Report

    static let measures = PolicyExpectation.Measure.allCases.map(\.rawValue)
    static let shape = MapShape(what: "`expect`", keys: measures + ["else_dry_run"])
    static let comparisons = ["eq"] + GroupParser.comparisons

    /// The expectations, in the order of their measures; those without findings.
    func parse(_ node: YAMLNode) -> [PolicyExpectation] {
        guard let map = MapReader(node, ExpectationParser.shape, report) else { return [] }
        return PolicyExpectation.Measure.allCases.compactMap { measure in
            guard let value = map[measure.rawValue], let operators = operators(value, measure) else { return nil }
            return PolicyExpectation(measure, operators, place: report.place(value.range))
        }
    }

    /// A bare number means exactly that many.
    private func operators(_ node: YAMLNode, _ measure: PolicyExpectation.Measure) -> [FieldOperator]? {
        let what = "`\(measure.rawValue)`"
        guard let entries = node.entries else {
            return report.whole(node, what, in: 0...measure.most).map { [.numberIn([Int64($0)])] }
        }
        guard !entries.isEmpty else {
            report.error("empty-map", "\(what) is an empty map", at: node.range)
            return nil
        }
        let operators = entries.map { self.operation($0, measure) }
        let known = operators.compactMap(\.self)
        guard known.count == operators.count else { return nil }
        guard !known.leaveNothing(of: .retries) else {
            report.error("contradiction", "the limits of \(what) leave nothing between them", at: node.range)
            return nil
        }
        return known
    }

    private func operation(_ entry: YAMLEntry, _ measure: PolicyExpectation.Measure) -> FieldOperator? {
        let words = ExpectationParser.comparisons
        guard words.contains(entry.key.text) else {
            let isOther = FieldCatalogue.operators.contains(entry.key.text)
            report.error(
                isOther ? "unfit-operator" : "unknown-operator",
                isOther
                    ? "`\(entry.key.text)` does not fit a count" : "\(entry.key.text.inBackticks) is not an operator",
                at: entry.key.range, suggestion: isOther ? nil : Synonyms.meant(by: entry.key.text, among: words),
                notes: ["known here: \(words.joined(separator: ", "))"])
            return nil
        }
        let what = "`\(entry.key.text)` of `\(measure.rawValue)`"
        return report.whole(entry.value, what, in: 0...measure.most).map { number in
            Comparison(rawValue: entry.key.text).map { .number($0, Int64(number)) } ?? .numberIn([Int64(number)])
        }
    }
}
