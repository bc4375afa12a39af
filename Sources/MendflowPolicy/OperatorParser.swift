internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses the value of one field: a scalar, a list (any of), or a map of operators.
struct OperatorParser {
    let report: Report
    let what: String
    let form: FieldSpec.Form
    /// Whether a code is one that services make up, which may be any text.
    var isFreeCode = false

    /// The operators, or nil with findings.
    func parse(_ node: YAMLNode) -> [FieldOperator]? {
        if node.entries != nil { return operatorMap(node) }
        switch form {
        case .period:
            report.wrongKind(
                node, what, wanted: "a comparison",
                notes: ["write {gt: 1h}, with one or two of gt, gte, lt, lte"])
            return nil
        case .flag: return report.flag(node, what).map { [.flag($0)] }
        case .number: return report.oneOrMore(node, what, number).map { [.numberIn($0)] }
        default: return report.oneOrMore(node, what, match).map { [.anyOf($0)] }
        }
    }

    private func operatorMap(_ node: YAMLNode) -> [FieldOperator]? {
        guard let entries = node.entries, !entries.isEmpty else {
            report.error("empty-map", "\(what) is an empty map", at: node.range)
            return nil
        }
        return operators(entries, at: node)
    }

    /// The operators of some entries of a map, or nil with findings.
    func operators(_ entries: [YAMLEntry], at node: YAMLNode) -> [FieldOperator]? {
        let operators = entries.map(operation)
        let known = operators.compactMap(\.self)
        guard known.count == operators.count else { return nil }
        var bounds = Bounds()
        bounds.add(known)
        guard !bounds.isEmpty else {
            report.error("contradiction", "the limits of \(what) leave nothing between them", at: node.range)
            return nil
        }
        return known
    }

    private func operation(_ entry: YAMLEntry) -> FieldOperator? {
        let (name, value) = (entry.key.text, entry.value)
        guard form.operators.contains(name) else {
            unknown(entry.key)
            return nil
        }
        let what = "`\(name)` of \(self.what)"
        if name == "exists" { return report.flag(value, what).map { .exists($0) } }
        if let comparison = Comparison(rawValue: name) { return compare(comparison, value, what) }
        let isList = name == "in" || name == "not_in"
        let isNegated = name == "ne" || name == "not_in"
        switch form {
        case .flag: return report.flag(value, what).map { .flag($0 != isNegated) }
        case .number:
            let numbers = isList ? report.list(value, what, number) : number(value).map { [$0] }
            return numbers.map { isNegated ? .numberNotIn($0) : .numberIn($0) }
        default: break
        }
        switch name {
        case "matches": return report.oneOrMore(value, what) { report.pattern($0, what) }.map { .anyOf($0) }
        case "glob":
            return report.oneOrMore(value, what) { report.text($0, what)?.normalised }.map {
                .anyOf($0.map(TextMatch.glob))
            }
        case "contains":
            return report.oneOrMore(value, what) { report.text($0, what)?.normalised }.map {
                .anyOf($0.map(TextMatch.contains))
            }
        default:
            let matches = isList ? report.list(value, what, match) : match(value).map { [$0] }
            return matches.map { isNegated ? .noneOf($0) : .anyOf($0) }
        }
    }

    private func unknown(_ key: YAMLKey) {
        let words = form.operators.joined(separator: ", ")
        guard FieldCatalogue.operators.contains(key.text) else {
            report.error(
                "unknown-operator", "\(key.text.inBackticks) is not an operator", at: key.range,
                suggestion: Synonyms.meant(by: key.text, among: form.operators), notes: ["known here: \(words)"])
            return
        }
        let advice = form == .httpCode ? "write 5xx for all codes from 500 to 599" : "known here: \(words)"
        report.error(
            "unfit-operator", "`\(key.text)` does not fit \(what), which is \(form.words)", at: key.range,
            notes: [advice])
    }

    private func compare(_ comparison: Comparison, _ value: YAMLNode, _ what: String) -> FieldOperator? {
        guard form == .period else {
            return report.whole(value, what, in: 0...Int.max).map { .number(comparison, Int64($0)) }
        }
        return report.period(value, what, atLeast: .zero).map { .period(comparison, $0) }
    }

    private func number(_ node: YAMLNode) -> Int64? { report.whole(node, what, in: 0...Int.max).map(Int64.init) }

    private func match(_ node: YAMLNode) -> TextMatch? {
        switch form {
        case .words(let words), .openWords(let words):
            if let text = node.string, isRefused(text, words, at: node.range) { return nil }
            return report.oneOf(words, node, what).map(TextMatch.wildcard)
        case .httpCode:
            return code(node)
        default: return (report.text(node, what)?.normalised).map(TextMatch.wildcard)
        }
    }

    /// A code of three digits, a class of them, or a text that is no number.
    private func code(_ node: YAMLNode) -> TextMatch? {
        guard let text = node.integer.map(String.init) ?? report.text(node, what)?.normalised else { return nil }
        let letters = Array(text.lowercased().utf8)
        if letters.count == 3, (49...53).contains(letters[0]), letters[1] == 120, letters[2] == 120 {
            return .glob("\(text.prefix(1))??")
        }
        let isNumeric = letters.first.map { (48...57).contains($0) || [43, 45, 46].contains($0) } ?? true
        guard isNumeric, !text.contains("*") else { return word(text, node) }
        guard let number = Int(text), (100...599).contains(number) else {
            report.error(
                "unknown-value", "\(what) cannot be \(text.inBackticks): no error has such a code", at: node.range,
                notes: ["write a code from 100 to 599, 5xx for all from 500 to 599, or a text such as ECONNRESET"])
            return nil
        }
        return .wildcard(text)
    }

    /// Classes that services use as codes too.
    static let classesAndCodes: Set<ErrorClass> = [
        .rateLimit, .quota, .auth, .timeout, .conflict, .unknown,
    ]

    /// A code that is a text: one word, and not a class, which stands under a key of its own.
    private func word(_ text: String, _ node: YAMLNode) -> TextMatch? {
        guard !isFreeCode else { return .wildcard(text) }
        let note = "classes stand under `class`: {class: \(text)}"
        switch ErrorClass(rawValue: text) {
        case nil where text.contains(" "):
            report.error(
                "unknown-value", "\(what) cannot be \(text.inBackticks): a code is one word", at: node.range,
                notes: ["what an error says stands in its message"])
            return nil
        case nil: break
        case let named? where OperatorParser.classesAndCodes.contains(named):
            report.warning(
                "class-as-code", "\(text.inBackticks) is a class, and seldom a code", at: node.range, notes: [note])
        default:
            report.error(
                "unknown-value", "\(what) cannot be \(text.inBackticks): no error has such a code", at: node.range,
                notes: [note])
            return nil
        }
        return .wildcard(text)
    }

    /// Reports words that stand for something else than a value.
    private func isRefused(_ text: String, _ words: [String], at range: SourceRange) -> Bool {
        if text == "unknown", words.contains("restart") {
            report.error(
                "unknown-value", "a risk that cannot be told never matches; leave `unknown` out", at: range)
        } else if text == FieldCatalogue.any, words.contains("webhook") {
            report.error("unknown-value", "`any` stands alone: execution_mode: any", at: range)
        } else {
            return false
        }
        return true
    }
}
