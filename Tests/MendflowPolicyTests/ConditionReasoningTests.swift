import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowPolicy

/// Conditions and what is known of a run, at random over a few fields of each kind.
private struct Guess {
    var random: SplitMix64

    static let fields: [Field] = [
        .status, .errorClass, .workflowName, .customData("k"), .executionTag, .retries, .age, .healed,
    ]
    private static let words = ["error", "success", "waiting"]
    private static let texts = ["a", "ab", "b"]

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[random.below(values.count)] }

    mutating func condition(depth: Int = 3) -> Condition {
        guard depth > 0, random.below(4) > 0 else { return test() }
        let parts = (0...random.below(3)).map { _ in condition(depth: depth - 1) }
        switch random.below(5) {
        case 0, 1: return .all(parts)
        case 2, 3: return .any(parts)
        default: return .not(parts[0])
        }
    }

    /// Tests beside an `any` of more of them.
    mutating func branches() -> Condition {
        let parts = (0...random.below(2)).map { _ in test() } + [.any((0...random.below(2)).map { _ in test() })]
        return .all(parts + (random.below(2) == 0 ? [.not(test())] : []))
    }

    private mutating func test() -> Condition {
        let field = pick(Self.fields)
        return .test(FieldTest(field, (0...random.below(2)).map { _ in operation(field) }))
    }

    private mutating func operation(_ field: Field) -> FieldOperator {
        let comparison = pick(Comparison.allCases)
        let number = Int64(random.below(4))
        switch field.kind {
        case .number:
            return pick([.number(comparison, number), .numberIn([number, number + 2]), .numberNotIn([number])])
        case .period: return .period(comparison, .hours(number))
        case .flag: return .flag(random.below(2) == 0)
        default:
            if random.below(8) == 0, field != .status { return .exists(random.below(2) == 0) }
            let all = field == .status ? Self.words : Self.texts + ["a*", "*b"]
            let matches = (0...random.below(2)).map { _ in TextMatch.wildcard(pick(all)) }
            return random.below(3) == 0 ? .noneOf(matches) : .anyOf(matches)
        }
    }

    mutating func facts() -> Facts {
        var facts = Facts()
        for field in Self.fields { facts.facts[field] = fact(field) }
        return facts
    }

    private mutating func fact(_ field: Field) -> Fact<FieldValue> {
        // What stands in every row is always known.
        let isOfData = [.errorClass, .customData("k"), .executionTag, .healed].contains(field)
        if isOfData, random.below(4) == 0 { return random.below(2) == 0 ? .absent : .unknown }
        switch field.kind {
        case .number: return .known(.number(Int64(random.below(6))))
        case .period: return .known(.period(.minutes(Int64(random.below(9)) * 30)))
        case .flag: return .known(.flag(random.below(2) == 0))
        case .set: return .known(.set(Self.texts.filter { _ in random.below(2) == 0 }))
        default: return .known(.text(pick(field == .status ? Self.words : Self.texts + ["c", "cab"])))
        }
    }
}

private struct Facts: FactSource {
    var facts: [Field: Fact<FieldValue>] = [:]
    func fact(_ field: Field) -> Fact<FieldValue> { facts[field] ?? .absent }
}

extension Condition {
    fileprivate func holds(_ facts: Facts) -> Bool {
        var evaluator = Evaluator(tracer: NoTrace())
        return evaluator.evaluate(self, facts) == .yes
    }
}

@Suite("What the form of conditions shows")
struct ConditionReasoningTests {
    @Test("is so for every run, whatever is known of it", arguments: 0..<(TestScale.isFull ? 60 : 6))
    func sound(seed: Int) {
        var guess = Guess(random: SplitMix64(seed: UInt64(seed)))
        let runs = (0..<400).map { _ in guess.facts() }
        var found = (never: 0, dead: 0, within: 0, apart: 0, cases: 0)
        for _ in 0..<400 {
            let (one, other) = (guess.condition(), guess.condition())
            let held = runs.filter(one.holds)
            if one.neverHolds {
                found.never += 1
                #expect(held.count == 0, "\(one.outline) is said never to hold")
            }
            let branched = guess.branches()
            for (branch, why) in branched.deadBranches() {
                found.dead += 1
                let isDead = !runs.contains { branched.holds($0) && branch.holds($0) }
                #expect(isDead, "\(branch.outline) of \(branched.outline): \(why.words)")
            }
            if one.implies(other) {
                found.within += 1
                #expect(held.allSatisfy(other.holds), "\(one.outline) is said to lie within \(other.outline)")
            }
            if one.example(with: other) == nil {
                found.apart += 1
                #expect(!held.contains(where: other.holds), "\(one.outline) is said to exclude \(other.outline)")
            }
            if let cases = one.cases(most: 64) {
                found.cases += 1
                let isSame = runs.allSatisfy { run in one.holds(run) == cases.contains { $0.holds(run) } }
                #expect(isSame, "\(one.outline) is not the sum of \(cases.map(\.outline))")
            }
        }
        // Each was met, or nothing was shown.
        #expect([found.never, found.dead, found.within, found.apart, found.cases].allSatisfy { $0 > 3 }, "\(found)")
    }
}
