import MendflowTestKit
import Testing

@testable import MendflowCore

@Suite("Conditions as a program")
struct ConditionProgramTests {
    /// Facts by field, drawn at random.
    private struct Facts: FactSource {
        var facts: [Field: Fact<FieldValue>]
        func fact(_ field: Field) -> Fact<FieldValue> { facts[field] ?? .unknown }
    }
    private static let fields: [Field] = [
        .status, .workflowName, .workflowTag, .executionMode, .errorClass, .age, .retries, .isRetry,
    ]

    private func fact(_ field: Field, _ random: inout SplitMix64) -> Fact<FieldValue> {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .unknown
        case 1: return .absent
        case 2: return .needs(.detail(ExecutionID(String(Int.random(in: 1...2, using: &random)))))
        default: break
        }
        let text = ["a", "b", "c"].randomElement(using: &random) ?? "a"
        let number = Int64.random(in: 0...3, using: &random)
        switch field.kind {
        case .text: return .known(.text(text))
        case .set: return .known(.set(Bool.random(using: &random) ? [] : [text, "d"]))
        case .period: return .known(.period(.hours(number)))
        case .time: return .known(.time(noon))
        case .number: return .known(.number(number))
        case .flag: return .known(.flag(number > 1))
        }
    }

    private func test(_ random: inout SplitMix64) -> Condition {
        let field = Self.fields.randomElement(using: &random) ?? .status
        let texts = [TextMatch.wildcard(["a", "b*", "*"].randomElement(using: &random) ?? "a")]
        let comparison = Comparison.allCases.randomElement(using: &random) ?? .gt
        let number = Int64.random(in: 0...3, using: &random)
        let choices: [FieldOperator] =
            switch field.kind {
            case .text, .set: [.anyOf(texts), .noneOf(texts), .exists(number > 1)]
            case .period: [.period(comparison, .hours(number)), .exists(number > 1)]
            case .time: [.between(nil, noon)]
            case .number: [.number(comparison, number), .numberIn([number]), .numberNotIn([number])]
            case .flag: [.flag(number > 1), .exists(false)]
            }
        let count = Int.random(in: 1...2, using: &random)
        return .test(FieldTest(field, Array(choices.shuffled(using: &random).prefix(count))))
    }

    private func tree(_ depth: Int, _ random: inout SplitMix64) -> Condition {
        guard depth > 0 else { return test(&random) }
        let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in tree(depth - 1, &random) }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .all(parts)
        case 1: return .any(parts)
        case 2: return .not(parts[0])
        default: return test(&random)
        }
    }

    @Test("its verdicts are the evaluator's, and what it lacks is what the evaluator asks for", arguments: 1...20)
    func same(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let trees = (0..<20).map { _ in tree(3, &random) }
        var program = TestProgram()
        let roots = trees.map { program.add($0) }
        for _ in 0..<50 {
            let facts = Facts(
                facts: Dictionary(Self.fields.map { ($0, fact($0, &random)) }, uniquingKeysWith: { one, _ in one }))
            program.begin()
            for (tree, root) in zip(trees, roots) {
                var evaluator = Evaluator(tracer: NoTrace())
                let wanted = evaluator.evaluate(tree, facts)
                #expect(program.verdict(root, facts) == wanted)
                #expect(Set(program.missing) == Set(evaluator.needs))
            }
        }
    }
}
