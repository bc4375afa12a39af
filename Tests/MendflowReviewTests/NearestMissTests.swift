import MendflowCore
import Testing

@testable import MendflowReview

@Suite("What would have to be otherwise for a policy to match")
struct NearestMissTests {
    /// Facts that stand written down.
    private struct Written: FactSource {
        var facts: [Field: Fact<FieldValue>]
        func fact(_ field: Field) -> Fact<FieldValue> { facts[field] ?? .absent }
    }

    private func test(_ field: Field, _ operators: FieldOperator...) -> Condition { .test(FieldTest(field, operators)) }

    private func named(_ texts: String...) -> FieldOperator { .anyOf(texts.map { .wildcard($0) }) }

    private func missed(_ condition: Condition, _ facts: [Field: Fact<FieldValue>]) -> [String] {
        ConditionTree.trace(condition, Written(facts: facts)).missed.map(\.words)
    }

    @Test(
        "is told with how near it is, where the eye passes over that",
        arguments: [
            ("Order sync", "Order Sync", "only upper and lower case differ"),
            ("Order sync", "Order\u{A0}sync ", "only blanks differ: 'Order sync' and 'Order\u{A0}sync '"),
            ("Order sync", "Order snyc", "spelt nearly alike: 'Order sync'"), ("Order sync", "Billing", nil),
            ("Order*", "order sync", nil),
        ] as [(String, String, String?)])
    func texts(wanted: String, found: String, hint: String?) {
        let words = "wanted \"workflow.name is \(wanted)\", found: \(found)\(hint.map { " (\($0))" } ?? "")"
        #expect(missed(test(.workflowName, named(wanted)), [.workflowName: .known(.text(found))]) == [words])
    }

    @Test("is told with what is missing, where that is a sum")
    func sums() {
        func hint(_ field: Field, _ operation: FieldOperator, _ found: FieldValue) -> String? {
            ConditionTree.trace(test(field, operation), Written(facts: [field: .known(found)])).missed.first?.test.hint
        }
        #expect(hint(.age, .period(.gte, .hours(2)), .period(.minutes(110))) == "holds in 10m")
        #expect(hint(.ranForOfP95, .number(.gt, 1000), .number(32)) == "9.68 too few")
        #expect(hint(.age, .period(.lt, .hours(2)), .period(.minutes(130))) == "10m too long")
        #expect(hint(.ranFor, .period(.gt, .hours(2)), .period(.minutes(110))) == "10m too short")
        #expect(hint(.errorItems, .number(.lte, 5), .number(7)) == "2 too many")
        #expect(hint(.retries, .number(.gte, 5), .number(4)) == "1 too few")
        #expect(hint(.retries, .numberIn([1, 2]), .number(4)) == nil)
    }

    @Test("is the fewest tests of a tree, and none where it holds")
    func trees() {
        let status = test(.status, named("error"))
        let name = test(.workflowName, named("A"))
        let facts: [Field: Fact<FieldValue>] = [
            .status: .known(.text("error")), .workflowName: .known(.text("Billing")), .errorClass: .unknown,
            .retries: .known(.number(3)),
        ]
        let few = test(.retries, .number(.lt, 2))
        #expect(missed(status, facts).isEmpty)
        #expect(missed(.all([status, name, few]), facts).count == 2)
        #expect(missed(.any([.all([name, few]), name]), facts).count == 1)
        #expect(missed(.not(status), facts) == ["wanted \"not: status is error\", found: error"])
        // Of what is not to hold, one part of an `all` is enough, and every part of an `any` is not.
        #expect(missed(.not(.all([status, .not(name)])), facts).count == 1)
        #expect(missed(.not(.any([status, .not(name), few])), facts).count == 2)
        let unread = missed(.all([status, test(.errorClass, named("transient"))]), facts)
        #expect(unread == ["wanted \"error.class is transient\", found: its data cannot be read"])
    }
}
