import MendflowCore
import MendflowTestKit
import Testing

/// Facts by field, for evaluation alone.
private struct Facts: FactSource {
    var facts: [Field: Fact<FieldValue>]
    func fact(_ field: Field) -> Fact<FieldValue> { facts[field] ?? .unknown }
}

/// Records everything and walks every branch.
private struct FullTrace: ConditionTracer {
    static var walksAll: Bool { true }
    var depth = 0
    var tests = 0
    mutating func enter(_ condition: Condition) { depth += 1 }
    mutating func leave(_ verdict: Ternary) { depth -= 1 }
    mutating func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary) { tests += 1 }
}

@Suite("Evaluating trees of conditions")
struct EvaluatorTests {
    private static let fields: [Field] = [
        .status, .retries, .errorClass, .age, .isRetry, .executionTag, .endedAt, .customData("a"),
    ]

    private static func tree(_ random: inout SplitMix64, depth: Int, withNot: Bool = true) -> Condition {
        let kind = depth == 0 ? 0 : Int.random(in: 0...(withNot ? 3 : 2), using: &random)
        func parts() -> [Condition] {
            (0..<Int.random(in: 0...3, using: &random)).map { _ in tree(&random, depth: depth - 1, withNot: withNot) }
        }
        switch kind {
        case 1: return .all(parts())
        case 2: return .any(parts())
        case 3: return .not(tree(&random, depth: depth - 1, withNot: withNot))
        default:
            let operators = (0..<Int.random(in: 1...2, using: &random)).map { _ in
                OperatorTests.every.randomElement(using: &random) ?? .flag(true)
            }
            return .test(FieldTest(fields.randomElement(using: &random) ?? .status, operators))
        }
    }

    private static func facts(_ random: inout SplitMix64) -> Facts {
        var facts: [Field: Fact<FieldValue>] = [:]
        for field in fields {
            let values: [Fact<FieldValue>] = [
                .absent, .unknown, .needs(.detail("1")), .known(.text("a")), .known(.number(0)), .known(.flag(true)),
                .known(.set(["a"])), .known(.shared(own: [], all: ["a"])), .known(.period(.zero)), .known(.time(noon)),
            ]
            facts[field] = values.randomElement(using: &random)
        }
        return Facts(facts: facts)
    }

    private static func verdict(_ condition: Condition, _ facts: Facts) -> Ternary {
        var evaluator = Evaluator(tracer: NoTrace())
        return evaluator.evaluate(condition, facts)
    }

    @Test("with and without a trace the verdict is the same, also with cheap conditions first")
    func traced() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<20_000 {
            let (tree, facts) = (Self.tree(&random, depth: 4), Self.facts(&random))
            var quick = Evaluator(tracer: NoTrace())
            var full = Evaluator(tracer: FullTrace())
            let verdict = quick.evaluate(tree, facts)
            guard full.evaluate(tree, facts) == verdict, full.tracer.depth == 0,
                full.tracer.tests == tree.fields.count, Self.verdict(tree.cheapestFirst, facts) == verdict
            else {
                Issue.record("\(tree) with \(facts)")
                return
            }
            #expect(verdict != .needs || !quick.needs.isEmpty)
            #expect(Set(quick.needs).isSubset(of: Set(full.needs)))
        }
    }

    @Test("what is unknown never makes a match hold, with or without NOT")
    func unknownNeverHolds() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<20_000 {
            let tree = Self.tree(&random, depth: 4)
            let nothing = Facts(facts: [:])
            let verdict = Self.verdict(tree, nothing)
            // A tree that holds (or not) of nothing is one whose groups are empty: no field decided it.
            guard verdict != .unknown else { continue }
            let other = Self.verdict(tree, Self.facts(&random))
            #expect(other == verdict, "\(tree)")
        }
    }

    @Test(
        "an unknown fact never decides: any value in its place may still give the opposite only where it says unknown")
    func monotone() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<20_000 {
            let tree = Self.tree(&random, depth: 3)
            let known = Self.facts(&random)
            var blurred = known
            blurred.facts[Self.fields.randomElement(using: &random) ?? .status] = .unknown
            let before = Self.verdict(tree, blurred)
            guard before == .yes || before == .no else { continue }
            #expect(Self.verdict(tree, known) == before, "\(tree)")
        }
    }

    @Test("absent values hold for nothing but `exists: false` in a tree without NOT")
    func absent() {
        var random = SplitMix64(seed: 6)
        for _ in 0..<5_000 {
            let operation = OperatorTests.every.randomElement(using: &random) ?? .flag(true)
            let facts = Facts(facts: [.errorClass: .absent])
            let holds = Self.verdict(.when(.errorClass, operation), facts) == .yes
            #expect(holds == (operation == .exists(false)))
        }
        // Plain false: NOT of it holds.
        #expect(Self.verdict(.not(.when(.errorClass, .exists(true))), Facts(facts: [.errorClass: .absent])) == .yes)
    }

    @Test("NOT of a map is NOT of all its operators together")
    func notOfMap() {
        let facts = Facts(facts: [.retries: .known(.number(5))])
        #expect(Self.verdict(.not(.when(.retries, .number(.gt, 3), .number(.lt, 5))), facts) == .yes)
        #expect(Self.verdict(.not(.when(.retries, .number(.gt, 3), .number(.lt, 6))), facts) == .no)
    }

    @Test("a cheap condition that fails spares the fetch of dear facts")
    func cheapFirst() {
        let condition = Condition.all([.when(.errorClass, .exists(true)), .status(.error)]).cheapestFirst
        var evaluator = Evaluator(tracer: NoTrace())
        let facts = Facts(facts: [.status: .known(.text("running")), .errorClass: .needs(.detail("1"))])
        #expect(evaluator.evaluate(condition, facts) == .no)
        #expect(evaluator.needs.isEmpty)
    }
}

@Suite("The statuses that a condition lets through")
struct ConditionStatusTests {
    @Test("a status test in AND position narrows, NOT and other fields do not")
    func narrowing() {
        #expect(Condition.status(.error).statuses == [.error])
        #expect(Condition.all([.failed, .status(.error, .running)]).statuses == [.error])
        #expect(Condition.any([.status(.error), .status(.waiting)]).statuses == [.error, .waiting])
        #expect(Condition.any([.status(.error), .workflow("A")]).statuses == nil)
        #expect(Condition.not(.status(.error)).statuses == nil)
        #expect(Condition.all([.workflow("A"), .not(.status(.error))]).statuses == nil)
        #expect(Condition.all([]).statuses == nil)
        let others = Condition.when(.status, .noneOf([.wildcard("success")])).statuses
        #expect(others == Set(ExecutionStatus.allCases).subtracting([.success]))
    }

    @Test("no status that matches is ever left out")
    func complete() {
        for status in ExecutionStatus.allCases {
            for condition in [
                Condition.all([.when(.status, .anyOf([.glob("*r*")])), .not(.status(.error))]),
                .any([.status(.error), .all([.live, .status(.waiting)])]),
            ] {
                var evaluator = Evaluator(tracer: NoTrace())
                let facts = Facts(facts: [.status: .known(.text(status.rawValue))])
                if evaluator.evaluate(condition, facts) == .yes {
                    #expect(condition.statuses?.contains(status) ?? true)
                }
            }
        }
    }
}
