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
        case .not: contains(other)
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

    /// An example of an execution for which both may hold, in words; nil if the form of both shows that there is none.
    func example(with other: Condition) -> String? {
        let own = statuses ?? Set(ExecutionStatus.allCases)
        let shared = own.intersection(other.statuses ?? Set(ExecutionStatus.allCases))
        guard let status = ExecutionStatus.allCases.first(where: shared.contains) else { return nil }
        var words = ["status \(status.rawValue)"]
        let tests = required + other.required
        var seen: Set<Field> = [.status]
        for field in tests.map(\.field) where seen.insert(field).inserted {
            let operators = tests.filter { $0.field == field }.flatMap(\.operators)
            var bounds = Bounds()
            bounds.add(operators)
            guard !bounds.isEmpty else { return nil }
            guard field.kind == .text else { continue }
            switch operators.sharedText {
            case .none: return nil
            case .some(let text?) where field == .workflowName || field == .errorClass:
                words.append("\(field.name) \(text.inBackticks)")
            case .some: break
            }
        }
        return words.joined(separator: ", ")
    }
}

extension [FieldOperator] {
    /// A text for which all hold, of those that are named; `.some(nil)` where none is named in full, nil where none of
    /// those named will do.
    fileprivate var sharedText: String?? {
        let lists = compactMap { operation -> [TextMatch]? in
            if case .anyOf(let matches) = operation, matches.allSatisfy(\.isLiteral) { matches } else { nil }
        }
        guard let named = lists.first else { return .some(nil) }
        let shared = named.map(\.source).first { text in
            allSatisfy { FieldOperator.holds($0, .text(text)) }
        }
        return shared.map { .some($0) }
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
