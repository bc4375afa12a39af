/// A tree of conditions on one execution.
public indirect enum Condition: Sendable, Hashable {
    /// Every one holds.
    case all([Condition])
    /// At least one holds.
    case any([Condition])
    /// It does not hold.
    case not(Condition)
    /// A test of one field.
    case test(FieldTest)
}

extension Condition {
    /// The tree without what the language adds by itself: what its author wrote.
    var written: Condition {
        switch self {
        case .all(let parts): .all(parts.map(\.written))
        case .any(let parts): .any(parts.map(\.written))
        case .not(let part): .not(part.written)
        case .test(let test): test.isImplicit ? .all([]) : self
        }
    }

    /// How long an execution has had its status at the least where the condition holds.
    var leastAge: Period {
        switch self {
        case .all(let parts): return parts.map(\.leastAge).max() ?? .zero
        case .any(let parts): return parts.map(\.leastAge).min() ?? .zero
        case .not: return .zero
        case .test(let test):
            guard test.field == .age else { return .zero }
            let least = test.operators.map { operation in
                if case .period(.gt, let age) = operation { return age }
                if case .period(.gte, let age) = operation { return age }
                return Period.zero
            }
            return max(least.max() ?? .zero, .zero)
        }
    }
}

/// A test of one field: every operator has to hold.
public struct FieldTest: Sendable, Hashable {
    /// The field.
    public var field: Field
    /// The operators, all of which must hold.
    public var operators: [FieldOperator]
    /// Where it stands in the policy file; nil for what is implicit.
    public var place: SourcePlace?
    /// True for conditions that the language adds by itself, which `explain` and `plan` print as implicit.
    public var isImplicit: Bool

    /// Makes a test.
    public init(_ field: Field, _ operators: [FieldOperator], place: SourcePlace? = nil, isImplicit: Bool = false) {
        self.field = field
        self.operators = operators
        self.place = place
        self.isImplicit = isImplicit
    }
}

/// An operator with what it compares to. The loader refuses operators that do not fit a field's kind; if one came here
/// all the same, it would never hold.
public enum FieldOperator: Sendable, Hashable {
    /// Any of these texts (`eq`, `in`, `matches`, `glob`, `contains`); on sets: some element is.
    case anyOf([TextMatch])
    /// None of these texts (`ne`, `not_in`); on sets: no element is.
    case noneOf([TextMatch])
    /// A comparison of numbers.
    case number(Comparison, Int64)
    /// Any of these numbers.
    case numberIn([Int64])
    /// None of these numbers.
    case numberNotIn([Int64])
    /// A comparison of lengths of time.
    case period(Comparison, Period)
    /// At or after the first time and before the second.
    case between(ServerTime?, ServerTime?)
    /// Is true, or is false.
    case flag(Bool)
    /// True: has a value. False: is known to have none.
    case exists(Bool)
}

/// An order of two values.
public enum Comparison: String, Sendable, Hashable, CaseIterable {
    /// Greater than; greater or equal; less than; less or equal.
    case gt, gte, lt, lte

    /// Whether two values stand in this order.
    @inlinable
    public func holds<Value: Comparable>(_ one: Value, _ other: Value) -> Bool {
        switch self {
        case .gt: one > other
        case .gte: one >= other
        case .lt: one < other
        case .lte: one <= other
        }
    }
    /// The sign that `explain` prints.
    public var sign: String {
        switch self {
        case .gt: ">"
        case .gte: ">="
        case .lt: "<"
        case .lte: "<="
        }
    }
}

/// A place in a file.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// The file, as the user named it.
    public var file: String
    /// Line, from 1; 0 for what stands in no file.
    public var line: Int
    /// Column, from 1, in Unicode scalars.
    public var column: Int
    /// Makes a place.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
    /// `file:line:column`; of what stands in no file, what stands for it.
    public var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

extension FieldOperator {
    /// The operator as `explain` prints it behind the field's name.
    public var text: String {
        func list(_ matches: [TextMatch]) -> String {
            matches.map { match in
                switch match {
                case .wildcard(let text): text
                case .glob(let text): "glob(\(text))"
                case .contains(let text): "contains(\(text))"
                case .expression(let pattern): "/\(pattern.source)/"
                }
            }.joined(separator: ", ")
        }
        switch self {
        case .anyOf(let matches): return matches.count == 1 ? "is \(list(matches))" : "in [\(list(matches))]"
        case .noneOf(let matches): return matches.count == 1 ? "is not \(list(matches))" : "not in [\(list(matches))]"
        case .number(let comparison, let number): return "\(comparison.sign) \(number)"
        case .numberIn(let numbers) where numbers.count > 20: return "in [\(numbers.count) numbers]"
        case .numberIn(let numbers): return "in \(numbers)"
        case .numberNotIn(let numbers): return "not in \(numbers)"
        case .period(let comparison, let period): return "\(comparison.sign) \(period)"
        case .between(let from, let to):
            return "from \(from?.description ?? "ever") to \(to?.description ?? "ever")"
        case .flag(let wanted): return "is \(wanted)"
        case .exists(let wanted): return wanted ? "exists" : "does not exist"
        }
    }
}

extension Condition {
    /// Every field that is tested somewhere in the tree.
    public var fields: [Field] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.fields)
        case .not(let part): part.fields
        case .test(let test): [test.field]
        }
    }

    /// The highest cost of any field in the tree (see `Field.cost`).
    public var cost: Int { fields.reduce(0) { max($0, $1.cost) } }

    /// The same tree with the cheap conditions first, so that a request is made only if the cheap ones have not decided
    /// already.
    public var cheapestFirst: Condition {
        switch self {
        case .all(let parts): .all(Condition.sorted(parts))
        case .any(let parts): .any(Condition.sorted(parts))
        case .not(let part): .not(part.cheapestFirst)
        case .test: self
        }
    }

    private static func sorted(_ parts: [Condition]) -> [Condition] {
        parts.map(\.cheapestFirst).enumerated()
            .sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .map(\.element)
    }

    /// The statuses that the tree can let through, as far as its `status` tests show; nil if it may let through any.
    public var statuses: Set<ExecutionStatus>? {
        switch self {
        case .all(let parts):
            return parts.compactMap(\.statuses).reduce(nil as Set<ExecutionStatus>?) { $0?.intersection($1) ?? $1 }
        case .any(let parts):
            let each = parts.map(\.statuses)
            return each.contains(nil) || each.isEmpty
                ? nil : each.compactMap { $0 }.reduce(into: []) { $0.formUnion($1) }
        case .not: return nil
        case .test(let test) where test.field == .status:
            return Set(
                ExecutionStatus.allCases.filter { status in
                    test.operators.allSatisfy { FieldOperator.holds($0, .text(status.rawValue)) }
                })
        case .test: return nil
        }
    }
}

extension Condition {
    /// Where the first test of the tree stands.
    package var firstPlace: SourcePlace? {
        switch self {
        case .all(let parts), .any(let parts): parts.lazy.compactMap(\.firstPlace).first
        case .not(let part): part.firstPlace
        case .test(let test): test.place
        }
    }
}
