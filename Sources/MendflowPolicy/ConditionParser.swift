internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses the trees of `match`, `exceptions` and `protect`. Every key becomes a condition or a finding.
struct ConditionParser {
    let report: Report

    /// A tree, or nil with findings.
    func parse(_ node: YAMLNode, _ what: String) -> Condition? {
        guard let entries = node.entries else {
            report.wrongKind(node, what, wanted: "a map of conditions", notes: ["such as {status: error}"])
            return nil
        }
        guard !entries.isEmpty else {
            report.error("empty-map", "\(what) has no conditions", at: node.range)
            return nil
        }
        let before = report.errors
        let parts = entries.filter { !$0.isBroken }.flatMap { conditions($0) ?? [] }
        checkBounds(parts, at: node)
        guard report.errors == before else { return nil }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private func conditions(_ entry: YAMLEntry) -> [Condition]? {
        let (key, value) = (entry.key.text, entry.value)
        switch key {
        case "all": return report.list(value, "`all`") { parse($0, "an item of `all`") }.map { [.all($0)] }
        case "any": return report.list(value, "`any`") { parse($0, "an item of `any`") }.map { [.any($0)] }
        case "not": return parse(value, "`not`").map { [.not($0)] }
        case "workflow": return workflow(entry)
        case "error": return error(entry)
        case "custom_data": return customData(entry)
        case "older_than": return age(entry, .gte)
        case "newer_than": return age(entry, .lt)
        case "ended_between": return endedBetween(entry)
        default:
            guard let spec = FieldCatalogue.fields.first(where: { $0.key == key }) else {
                unknown(entry.key)
                return nil
            }
            if spec.field == .ranFor { return RunTimeParser(report: report).parse(spec, entry.key, value) }
            return test(spec, entry.key, value).map { [$0] }
        }
    }

    private func unknown(_ key: YAMLKey) {
        let groups = [("workflow", FieldCatalogue.workflow), ("error", FieldCatalogue.error)]
        let homes = groups.filter { $0.1.contains { $0.key == key.text } }.map(\.0)
        if !homes.isEmpty {
            report.error(
                "misplaced-key", "`\(key.text)` is a part of `\(homes.joined(separator: "` or `"))`", at: key.range,
                notes: homes.map { "write \($0): {\(key.text): ...}" })
        } else if GuardParser.shape.keys.contains(key.text) {
            report.error(
                "misplaced-key", "`\(key.text)` is not a condition", at: key.range,
                notes: ["put it under `guards:` of the policy"])
        } else {
            let near = Synonyms.meant(by: key.text, among: FieldCatalogue.keys)
            report.error(
                "unknown-key", "\(key.text.inBackticks) is not a condition", at: key.range, suggestion: near,
                notes: near == nil ? ["known: \(FieldCatalogue.keys.joined(separator: ", "))"] : [])
        }
    }

    func test(_ spec: FieldSpec, _ key: YAMLKey, _ value: YAMLNode) -> Condition? {
        if FieldCatalogue.fieldsWithAny.contains(spec.field), value.string == FieldCatalogue.any {
            // `any` becomes a test without operators. It always holds, and its presence shows that the author spoke of
            // the field, so that nothing is implied.
            return .test(FieldTest(spec.field, [], place: report.place(key.range)))
        }
        guard let operators = OperatorParser(report: report, what: "`\(spec.key)`", form: spec.form).parse(value)
        else { return nil }
        return .test(FieldTest(spec.field, operators, place: report.place(key.range)))
    }
}

extension ConditionParser {
    private func workflow(_ entry: YAMLEntry) -> [Condition]? {
        let keys = FieldCatalogue.workflow.map(\.key)
        let isOperators =
            entry.value.entries.map { entries in
                // A misspelt operator too, so that the finding speaks of operators.
                entries.contains { Synonyms.meant(by: $0.key.text, among: FieldCatalogue.operators) != nil }
                    && !entries.contains { Synonyms.meant(by: $0.key.text, among: keys) != nil }
            } ?? true
        if isOperators {
            let name = FieldSpec("workflow", .workflowName, .text, "")
            return test(name, entry.key, entry.value).map { [$0] }
        }
        return parts(entry, FieldCatalogue.workflow, "`workflow`")
    }

    private func error(_ entry: YAMLEntry) -> [Condition]? {
        guard entry.value.entries != nil else {
            let word = entry.value.string.flatMap(ErrorClass.init(rawValue:))
            report.wrongKind(
                entry.value, "`error`", wanted: "a map",
                notes: [
                    word.map { "write error: {class: \($0.rawValue)}" }
                        ?? "write error: {class: ...}, or error: {message: {contains: ...}}"
                ])
            return nil
        }
        return parts(entry, FieldCatalogue.error, "`error`")
    }

    private func parts(_ entry: YAMLEntry, _ specs: [FieldSpec], _ what: String) -> [Condition]? {
        let keys = specs.map(\.key)
        let shape = MapShape(
            what: what, keys: keys,
            elsewhere: Dictionary(
                uniqueKeysWithValues: FieldCatalogue.operators.map {
                    ($0, "an operator stands under one of \(keys.joined(separator: ", "))")
                }))
        guard let map = MapReader(entry.value, shape, report) else { return nil }
        return (entry.value.entries ?? []).compactMap { part in
            guard let spec = specs.first(where: { $0.key == part.key.text }), let value = map[spec.key] else {
                return nil
            }
            return test(spec, part.key, value)
        }
    }

    private func customData(_ entry: YAMLEntry) -> [Condition]? {
        guard let entries = entry.value.entries else {
            report.wrongKind(
                entry.value, "`custom_data`", wanted: "a map", notes: ["write custom_data: {KEY: value}"])
            return nil
        }
        guard !entries.isEmpty else {
            report.error("empty-map", "`custom_data` is an empty map", at: entry.value.range)
            return nil
        }
        return entries.compactMap { part in
            let key = part.key.text
            return test(FieldSpec("custom_data.\(key)", .customData(key), .text, ""), part.key, part.value)
        }
    }

    /// `older_than` means "at least" and `newer_than` "less than", so two policies with the same length split all
    /// executions between them.
    private func age(_ entry: YAMLEntry, _ comparison: Comparison) -> [Condition]? {
        guard let period = report.period(entry.value, "`\(entry.key.text)`", unit: "h") else { return nil }
        return [.test(FieldTest(.age, [.period(comparison, period)], place: report.place(entry.key.range)))]
    }

    private func endedBetween(_ entry: YAMLEntry) -> [Condition]? {
        guard let map = MapReader(entry.value, MapShape(what: "`ended_between`", keys: ["from", "to"]), report) else {
            return nil
        }
        let from = map["from"].map { report.time($0, "`from`") }
        let to = map["to"].map { report.time($0, "`to`") }
        if case .some(nil) = from { return nil }
        if case .some(nil) = to { return nil }
        let (start, end) = (from ?? nil, to ?? nil)
        guard start != nil || end != nil else { return nil }
        if let start, let end, start >= end {
            report.error("contradiction", "`from` must be before `to`", at: entry.value.range)
            return nil
        }
        return [.test(FieldTest(.endedAt, [.between(start, end)], place: report.place(entry.key.range)))]
    }

    /// Reports bounds on one field that leave nothing between them.
    private func checkBounds(_ parts: [Condition], at node: YAMLNode) {
        var bounds: [Field: Bounds] = [:]
        for case .test(let test) in parts { bounds[test.field, default: Bounds()].add(test.operators) }
        for part in parts {
            guard case .test(let test) = part, bounds[test.field]?.isEmpty == true else { continue }
            bounds[test.field] = nil
            let name =
                test.field == .age
                ? "`older_than` and `newer_than`" : test.field == .ranForOfP95 ? "`p95`" : "`\(test.field.name)`"
            report.error("contradiction", "the limits of \(name) leave nothing between them", at: node.range)
        }
    }
}

/// What comparisons of one field leave between them, in milliseconds or plain numbers.
struct Bounds {
    private(set) var lowest = Int64.min
    private(set) var highest = Int64.max

    /// Whether no value is left.
    var isEmpty: Bool { lowest > highest }

    /// Whether every value within these is within the other ones.
    func isWithin(_ other: Bounds) -> Bool { lowest >= other.lowest && highest <= other.highest }

    /// Takes the comparisons among operators.
    mutating func add(_ operators: [FieldOperator]) {
        for operation in operators {
            switch operation {
            case .period(let comparison, let period): add(comparison, period.milliseconds)
            case .number(let comparison, let number): add(comparison, number)
            default: break
            }
        }
    }

    private mutating func add(_ comparison: Comparison, _ value: Int64) {
        switch comparison {
        case .gt: lowest = max(lowest, value == .max ? value : value + 1)
        case .gte: lowest = max(lowest, value)
        case .lt: highest = min(highest, value == .min ? value : value - 1)
        case .lte: highest = min(highest, value)
        }
    }
}
