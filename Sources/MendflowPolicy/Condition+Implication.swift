internal import MendflowCore
import MendflowText
internal import MendflowYAML

extension Condition {
    /// Whether the form of both trees shows that the other one holds wherever this one does. False means that it could
    /// not be shown.
    func implies(_ other: Condition) -> Bool {
        switch other {
        case .all(let parts): parts.allSatisfy { implies($0) }
        case .any(let parts): parts.contains { implies($0) } || contains(other)
        case .not(let inner): contains(other) || excludes(inner)
        case .test(let test):
            test.operators.isEmpty
                || required.contains { $0.field == test.field && $0.isWithin(test) } || statusesImply(test)
        }
    }

    private func contains(_ other: Condition) -> Bool {
        if self == other { return true }
        if case .all(let parts) = self { return parts.contains { $0.contains(other) } }
        return false
    }

    private func statusesImply(_ test: FieldTest) -> Bool {
        guard test.field == .status, let own = statuses, let others = Condition.test(test).statuses else {
            return false
        }
        return own.isSubset(of: others)
    }

    /// Whether the form of the tree shows that it holds for no execution.
    var neverHolds: Bool { matchesNothing || example(with: .all([])) == nil || contradiction != nil }
}

extension [FieldOperator] {
    /// Whether the form of these tests of one field shows that no value passes all of them.
    func leaveNothing(of field: Field) -> Bool {
        switch field.kind {
        case .text: return sharedText == nil || arePatternsApart
        case .flag: return contains(.flag(true)) && contains(.flag(false))
        case .set: return isNoneOfItsOwn
        case .time: return (starts.max()?.milliseconds ?? .min) >= (ends.min()?.milliseconds ?? .max)
        case .period, .number:
            var bounds = Bounds()
            bounds.add(self)
            return bounds.isEmpty || hasNoNumber
        }
    }

    /// Where spans of time that all of them ask for begin.
    private var starts: [ServerTime] { compactMap { if case .between(let from, _) = $0 { from } else { nil } } }

    /// Where spans of time that all of them ask for end.
    var ends: [ServerTime] { compactMap { if case .between(_, let to) = $0 { to } else { nil } } }

    /// Whether numbers are listed, and none of them passes.
    private var hasNoNumber: Bool {
        let lists = compactMap { if case .numberIn(let numbers) = $0 { numbers } else { nil } }
        guard let first = lists.first else { return false }
        return !first.contains { number in allSatisfy { FieldOperator.holds($0, .number(number)) } }
    }

    /// A text for which all hold, of those that are named; `.some(nil)` where none is named in full, nil where none of
    /// those named will do.
    var sharedText: String?? {
        let lists = compactMap { operation -> [TextMatch]? in
            if case .anyOf(let matches) = operation, matches.allSatisfy(\.isLiteral) { matches } else { nil }
        }
        guard let named = lists.first else { return .some(nil) }
        let shared = named.map(\.source).first { text in
            allSatisfy { FieldOperator.holds($0, .text(text)) }
        }
        return shared.map { .some($0) }
    }

    /// Whether a set has to have one of some elements, and none of these.
    private var isNoneOfItsOwn: Bool {
        let excluded = flatMap { operation -> [TextMatch] in
            if case .noneOf(let matches) = operation { matches } else { [] }
        }
        return contains { operation in
            guard case .anyOf(let matches) = operation, matches.allSatisfy(\.isLiteral) else { return false }
            return matches.allSatisfy { match in excluded.contains { $0.matches(match.source) } }
        }
    }

    /// Whether two of them want texts that begin differently: `A *` and `B *`.
    private var arePatternsApart: Bool {
        let lists = compactMap(\.beginnings)
        return lists.indices.contains { index in
            lists[..<index].contains { other in
                other.allSatisfy { one in
                    lists[index].allSatisfy { !$0.starts(with: one) && !one.starts(with: $0) }
                }
            }
        }
    }
}

extension FieldOperator {
    /// What the texts that pass begin with, one of these; nil where that is not known.
    fileprivate var beginnings: [Substring.UTF8View]? {
        guard case .anyOf(let matches) = self else { return nil }
        let known = matches.compactMap { match -> Substring.UTF8View? in
            guard case .wildcard(let text) = match else { return nil }
            return text.utf8.prefix { $0 != UInt8(ascii: "*") }
        }
        return known.count == matches.count ? known : nil
    }
}

extension FieldTest {
    /// Whether every value that this test lets through is let through by the other one of the same field.
    fileprivate func isWithin(_ other: FieldTest) -> Bool {
        var (own, wide) = (Bounds(), Bounds())
        own.add(operators)
        wide.add(other.operators)
        return other.operators.allSatisfy { wanted in
            switch wanted {
            case .period, .number: own.isWithin(wide)
            default: operators.contains { $0.isWithin(wanted, field.kind) }
            }
        }
    }
}

extension FieldOperator {
    fileprivate func isWithin(_ wanted: FieldOperator, _ kind: FieldKind) -> Bool {
        if self == wanted { return true }
        guard kind == .text, case .anyOf(let matches) = self, matches.allSatisfy(\.isLiteral) else { return false }
        return matches.allSatisfy { FieldOperator.holds(wanted, .text($0.source)) }
    }
}
