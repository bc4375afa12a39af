public import MendflowCore

/// A tree of conditions with what was wanted, what was found, and the verdict at every step.
public indirect enum ConditionTree: Sendable, Hashable {
    /// How a group joins its parts.
    public enum Group: String, Sendable, Hashable {
        /// AND, OR, NOT.
        case all, any, not
    }
    /// One tested field.
    public struct Test: Sendable, Hashable {
        /// The field's name, as policies spell it.
        public var field: String
        /// What was wanted, in words.
        public var wanted: String
        /// What was found: a value, `absent`, `not readable` or `not fetched`.
        public var actual: String
        /// The test, and what was found, as a sentence tells them: `in this status for at least 2h`, `13h`.
        public var words: String, found: String
        /// How near that is to what was wanted, where it is easily overlooked: `only upper and lower case differ`.
        public var hint: String?
        /// The verdict.
        public var verdict: Ternary
        /// Whether the language added the condition.
        public var isImplicit: Bool
        /// Where it stands.
        public var place: SourcePlace?
    }
    /// A group.
    case group(Group, Ternary, [ConditionTree])
    /// A leaf.
    case test(Test)

    /// The verdict of the whole tree.
    public var verdict: Ternary {
        switch self {
        case .group(_, let verdict, _): verdict
        case .test(let test): test.verdict
        }
    }

    /// Evaluates a condition and keeps every step.
    public static func trace(_ condition: Condition, _ facts: borrowing some FactSource) -> ConditionTree {
        var evaluator = Evaluator(tracer: TreeTracer())
        _ = evaluator.evaluate(condition, facts)
        return evaluator.tracer.tree
    }

    /// The test that decided against a match; nil where the tree holds.
    public var deciding: Test? {
        guard verdict != .yes else { return nil }
        switch self {
        case .test(let test): return test
        case .group(.all, let verdict, let parts), .group(.any, let verdict, let parts):
            return parts.first { $0.verdict == verdict }?.deciding
        case .group(.not, _, let parts): return parts.first?.firstTest
        }
    }

    /// How many tests would have to turn out otherwise for the tree to hold.
    public var misses: Int { verdict == .yes ? 0 : max(1, missed.count) }

    private var firstTest: Test? {
        switch self {
        case .test(let test): test
        case .group(_, _, let parts): parts.lazy.compactMap(\.firstTest).first
        }
    }
}

/// Keeps every step of an evaluation.
struct TreeTracer: ConditionTracer {
    static var walksAll: Bool { true }
    private var open: [(group: ConditionTree.Group, parts: [ConditionTree])] = []
    private(set) var tree = ConditionTree.group(.all, .yes, [])

    mutating func enter(_ condition: Condition) {
        switch condition {
        case .any: open.append((.any, []))
        case .not: open.append((.not, []))
        case .all, .test: open.append((.all, []))
        }
    }

    mutating func leave(_ verdict: Ternary) {
        guard let last = open.popLast() else { return }
        add(.group(last.group, verdict, last.parts))
    }

    mutating func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary) {
        add(
            .test(
                ConditionTree.Test(
                    field: test.field.name, wanted: test.operators.map(test.field.wanted).joined(separator: " and "),
                    actual: test.field.actual(fact), words: test.words, found: test.field.found(fact),
                    hint: verdict == .no ? test.hint(fact) : nil, verdict: verdict, isImplicit: test.isImplicit,
                    place: test.place)))
    }

    private mutating func add(_ part: ConditionTree) {
        if open.isEmpty { tree = part } else { open[open.count - 1].parts.append(part) }
    }
}

extension Fact where Value == FieldValue {
    /// What was found, in words.
    var summary: String {
        switch self {
        case .known(.period(let period)): period.rounded.description
        case .known(let value): value.description
        case .absent: "absent"
        // Apart from the class and the status that are called so.
        case .unknown: "not readable"
        case .needs: "not fetched"
        }
    }
}
