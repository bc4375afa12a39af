import MendflowCore
import MendflowText
import MendflowYAML

/// Reads the user's error rules and the switches of built-in ones.
struct ErrorRuleParser {
    let report: Report

    static let keys = ConfigurationKeys.rule.map(\.key)
    /// The parts of an error that a rule can name; `status` alone is none.
    static let parts = keys.filter { !["id", "off", "class", "status"].contains($0) }

    /// What knows errors by the user's rules, then by the built-in ones that are not switched off.
    func parse(_ node: YAMLNode?) -> ErrorClassifier {
        var user: [ErrorRule] = []
        var off: Set<String> = []
        var seen: Set<String> = []
        if let node, node.items?.isEmpty != true {
            _ = report.list(node, "`error_classes`") { item -> Bool? in
                let shape = MapShape(
                    what: "an entry of `error_classes`", keys: ErrorRuleParser.keys,
                    required: ConfigurationKey.required(ConfigurationKeys.rule))
                guard let map = MapReader(item, shape, report) else { return nil }
                let id = map["id"].flatMap { report.name($0, "`id`") }
                if let id, !seen.insert(id).inserted {
                    report.error("duplicate-name", "another rule has the id \(id.inBackticks)", at: map["id"]?.range)
                }
                if let flag = map["off"] {
                    if isSwitchedOff(map, flag, id) { off.insert(id ?? "") }
                } else if let rule = rule(id, map) {
                    user.append(rule)
                }
                return true
            }
        }
        do throws(RegularExpressionError) { return try BuiltInRules.classifier(behind: user, off: off) } catch {
            report.error("bad-pattern", "a built-in rule: \(error)", at: nil)
            return ErrorClassifier(rules: user)
        }
    }

    private func isSwitchedOff(_ map: MapReader, _ node: YAMLNode, _ id: String?) -> Bool {
        let others = ErrorRuleParser.keys.dropFirst(2).compactMap(map.key)
        for key in others {
            report.error("misplaced-key", "`\(key.text)` does not go with `off`", at: key.range)
        }
        guard let flag = report.flag(node, "`off`"), let id, let place = map["id"] else { return false }
        let known = Array(Set(ErrorRuleTable.ids)).sorted()
        guard known.contains(id) else {
            report.error(
                "unknown-value", "no built-in rule has the id \(id.inBackticks)", at: place.range,
                suggestion: Spelling.nearest(to: id, among: known),
                notes: ["`off` is for built-in rules; leave your own out"])
            return false
        }
        return flag
    }

    private func rule(_ id: String?, _ map: MapReader) -> ErrorRule? {
        let before = report.errors
        let errorClass = map["class"].flatMap { report.word($0, "`class`", as: ErrorClass.self) }
        if map.isMissing("class") {
            report.error(
                "missing-key", "a rule needs `class` (or `off: true`)", at: map.key("id")?.range ?? map.node.range)
        }
        var rule = ErrorRule(id: id ?? "", errorClass ?? .unknown)
        rule.httpCodes = matches(map["http_code"], "`http_code`", .httpCode)
        rule.codes = matches(map["code"], "`code`", .httpCode, isFreeCode: true)
        rule.names = matches(map["name"], "`name`", .text)
        rule.nodeTypes = matches(map["node_type"], "`node_type`", .text)
        rule.cause = map["cause"].flatMap { report.text($0, "`cause`") }
        rule.text = map["matches"].flatMap { report.pattern($0, "`matches`") }
        rule.statuses = map["status"].flatMap { node in
            report.oneOrMore(node, "`status`") { item in
                report.oneOf(FieldCatalogue.statuses, item, "`status`").flatMap(ExecutionStatus.init(rawValue:))
            }.map(Set.init)
        }
        if !map.isPartial, !ErrorRuleParser.parts.contains(where: { !map.isMissing($0) }) {
            report.error(
                "empty-rule", "the rule would match every error; name at least one part of it",
                at: map.key("id")?.range ?? map.node.range,
                notes: ["parts: \(ErrorRuleParser.parts.joined(separator: ", "))"])
        }
        guard report.errors == before, id != nil, errorClass != nil else { return nil }
        return rule
    }

    private func matches(
        _ node: YAMLNode?, _ what: String, _ form: FieldSpec.Form, isFreeCode: Bool = false
    ) -> [TextMatch] {
        guard let node else { return [] }
        guard node.entries == nil else {
            report.wrongKind(node, what, wanted: "text or a list of texts")
            return []
        }
        let parser = OperatorParser(report: report, what: what, form: form, isFreeCode: isFreeCode)
        guard case .anyOf(let matches)? = parser.parse(node)?.first else { return [] }
        return matches
    }
}
