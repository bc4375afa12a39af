import MendflowCore
import MendflowReview
import Testing

@Suite("A traced tree of conditions")
struct ConditionTreeTests {
    struct Facts: FactSource {
        func fact(_ field: Field) -> Fact<FieldValue> {
            switch field {
            case .status: .known(.text("error"))
            case .retries: .known(.number(2))
            default: .unknown
            }
        }
    }
    private let status = Condition.test(FieldTest(.status, [.anyOf([.wildcard("error")])]))
    private let many = Condition.test(FieldTest(.retries, [.number(.gt, 5)]))
    private let name = Condition.test(FieldTest(.workflowName, [.anyOf([.wildcard("Order sync")])]))

    @Test("walks every branch, also behind the one that decided")
    func walksAll() {
        let tree = ConditionTree.trace(.all([many, status]), Facts())
        guard case .group(.all, .no, let parts) = tree else {
            Issue.record("not a group that does not hold: \(tree)")
            return
        }
        #expect(parts.map(\.verdict) == [.no, .yes])
    }

    @Test("names the test that decided, with what was wanted and what was found")
    func deciding() throws {
        let test = try #require(ConditionTree.trace(.all([status, many]), Facts()).deciding)
        #expect(test.field == "retries")
        #expect(test.wanted == "> 5")
        #expect(test.actual == "2")
    }

    @Test("holds the verdict that an evaluation without a trace gives")
    func sameVerdict() {
        for condition in [.all([status, name]), .any([name, status]), .not(name), .not(.any([many, name]))]
            as [Condition]
        {
            var plain = Evaluator(tracer: NoTrace())
            #expect(plain.evaluate(condition, Facts()) == ConditionTree.trace(condition, Facts()).verdict)
        }
    }
}
