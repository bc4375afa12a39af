internal import MendflowCore
import MendflowText

extension Condition {
    /// An example of an execution for which both may hold, in words; nil if the form of both shows that there is none.
    func example(with other: Condition) -> String? {
        let own = statuses ?? Set(ExecutionStatus.allCases)
        let shared = own.intersection(other.statuses ?? Set(ExecutionStatus.allCases))
        guard let status = ExecutionStatus.allCases.first(where: shared.contains) else { return nil }
        var words = ["status \(status.rawValue)"]
        let tests = required + other.required
        var seen: Set<Field> = [.status]
        for field in tests.map(\.field) where seen.insert(field).inserted {
            let own = tests.filter { $0.field == field }
            let operators = own.flatMap(\.operators)
            guard !operators.leaveNothing(of: field) else { return nil }
            // What the language adds holds for nearly all runs; nobody asks for it.
            guard !own.allSatisfy(\.isImplicit) else { continue }
            operators.example(of: field).map { words.append($0) }
        }
        return words.joined(separator: ", ")
    }
}

extension [FieldOperator] {
    /// A value that passes all of them, in words; nil where none can be told by their form.
    fileprivate func example(of field: Field) -> String? {
        switch field.kind {
        case .text:
            if case .some(let text?) = sharedText { return "\(field.name) \(text.inBackticks)" }
            guard count == 1, case .anyOf(let matches) = self[0], case .wildcard(let text)? = matches.first else {
                return nil
            }
            return "\(field.name) \(text.inBackticks)"
        case .set:
            let named = lazy.compactMap { operation -> String? in
                guard case .anyOf(let matches) = operation else { return nil }
                return matches.first(where: \.isLiteral)?.source
            }.first
            return named.map { "\(field.name) \($0.inBackticks)" }
        case .flag:
            if contains(.flag(true)) { return "\(field.name) true" }
            return contains(.flag(false)) ? "\(field.name) false" : nil
        case .number: return exampleNumber.map { "\(field.name) \($0)" }
        case .period: return examplePeriod.map { words(of: field, $0) }
        case .time: return nil
        }
    }

    /// A number that all of them let through, the smallest that is easily found; nil where there is none.
    private var exampleNumber: Int64? {
        var bounds = Bounds()
        bounds.add(self)
        let named = flatMap { operation -> [Int64] in if case .numberIn(let numbers) = operation { numbers } else { [] }
        }
        let low = bounds.lowest == .min ? 0 : bounds.lowest
        return (named.sorted() + [low, low + 1, bounds.highest]).first { number in
            number < .max && allSatisfy { FieldOperator.holds($0, .number(number)) }
        }
    }

    /// A length of time that all of them let through, in whole minutes where one is; nil where there is none.
    private var examplePeriod: Period? {
        var bounds = Bounds()
        bounds.add(self)
        let minute: Int64 = 60_000
        let low = Swift.max(bounds.lowest, 0)
        let whole = Swift.max(1, low / minute + (low % minute == 0 ? 0 : 1))
        return [.minutes(whole), Period(milliseconds: low), Period(milliseconds: bounds.highest)].first { period in
            period.milliseconds < .max && allSatisfy { FieldOperator.holds($0, .period(period)) }
        }
    }

    private func words(of field: Field, _ length: Period) -> String {
        switch field {
        case .age: "in this status for \(length)"
        case .startedAgo: "started \(length) ago"
        case .ranFor: "ran for \(length)"
        default: "\(field.name) \(length)"
        }
    }
}
