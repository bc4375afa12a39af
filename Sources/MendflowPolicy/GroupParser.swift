internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `when`: what must hold of many executions together.
struct GroupParser {
    let report: Report

    static let shape = MapShape(
        what: "`when`", keys: ["count", "distinct", "within", "group_by"], required: ["count", "within"],
        elsewhere: Dictionary(
            uniqueKeysWithValues: FieldCatalogue.keys.map { ($0, "put it under `match:`; `when` counts what matches") })
    )
    static let comparisons = ["gt", "gte", "lt", "lte"]
    static let most = 1_000_000
    /// The longest `within`: executions that failed longer ago are not read any more.
    static let longest = Period.days(30)

    /// The condition, or nil with findings.
    func parse(_ node: YAMLNode) -> GroupCondition? {
        guard let map = MapReader(node, GroupParser.shape, report) else { return nil }
        let before = report.errors
        let count = map["count"].flatMap(count)
        let within = map["within"].flatMap {
            report.period($0, "`within`", atLeast: .seconds(1), atMost: GroupParser.longest)
        }
        let distinct = map["distinct"].flatMap { report.word($0, "`distinct`", as: GroupCondition.Distinct.self) }
        let group = map["group_by"].flatMap { report.word($0, "`group_by`", as: GroupCondition.Group.self) }
        if distinct == .workflow, group == .workflow {
            report.error(
                "contradiction", "one workflow's group never has more than one workflow", at: map["distinct"]?.range,
                notes: ["count executions, or leave `group_by` out"])
        }
        guard report.errors == before, let count, let within else { return nil }
        return GroupCondition(
            count: count, distinct: distinct ?? .execution, within: within, groupBy: group ?? .policy)
    }

    /// A bare number means "at least that many": nobody waits for exactly twenty failures.
    private func count(_ node: YAMLNode) -> [FieldOperator]? {
        guard let entries = node.entries else {
            return report.whole(node, "`count`", in: 1...GroupParser.most).map { [.number(.gte, Int64($0))] }
        }
        guard !entries.isEmpty else {
            report.error("empty-map", "`count` is an empty map", at: node.range)
            return nil
        }
        let operators = entries.map(comparison)
        let known = operators.compactMap(\.self)
        guard known.count == operators.count else { return nil }
        var bounds = Bounds()
        bounds.add(known)
        guard !bounds.isEmpty else {
            report.error("contradiction", "the limits of `count` leave nothing between them", at: node.range)
            return nil
        }
        // An execution that is judged is a member of its own group, so a group never has fewer than one member.
        guard bounds.lowest > 1 || bounds.highest < .max else {
            report.error("holds-always", "`count` holds for every group, even for one of one", at: node.range)
            return nil
        }
        return known
    }

    private func comparison(_ entry: YAMLEntry) -> FieldOperator? {
        guard let comparison = Comparison(rawValue: entry.key.text) else {
            let words = GroupParser.comparisons
            let id = FieldCatalogue.operators.contains(entry.key.text)
            let notes = ["known here: \(words.joined(separator: ", "))"]
            if id {
                report.error(
                    "unfit-operator", "`\(entry.key.text)` does not fit `count`", at: entry.key.range, notes: notes)
            } else {
                report.error(
                    "unknown-operator", "\(entry.key.text.inBackticks) is not an operator", at: entry.key.range,
                    suggestion: Synonyms.meant(by: entry.key.text, among: words), notes: notes)
            }
            return nil
        }
        let least = comparison == .gt ? 0 : comparison == .lt ? 2 : 1
        return report.whole(entry.value, "`\(entry.key.text)` of `count`", in: least...GroupParser.most)
            .map { .number(comparison, Int64($0)) }
    }
}
