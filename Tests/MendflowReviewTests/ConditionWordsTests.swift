import MendflowCore
import MendflowReview
import Testing

/// Every shape of a line that a trace prints: what is compared, how, and what was found, each in words.
@Suite("A line of a trace, for somebody who does not know how policies are written")
struct ConditionWordsTests {
    struct Line: Sendable {
        var field: Field, operators: [FieldOperator], fact: Fact<FieldValue>
        var words: String, found: String

        init(_ field: Field, _ operators: FieldOperator..., fact: Fact<FieldValue>, _ words: String, _ found: String) {
            (self.field, self.operators, self.fact, self.words, self.found) = (field, operators, fact, words, found)
        }
    }
    struct Facts: FactSource {
        let fact: Fact<FieldValue>
        func fact(_ field: Field) -> Fact<FieldValue> { fact }
    }
    private static let hour = Period.hours(1)
    private static let noon = ServerTime(milliseconds: 1_777_896_000_000)

    private static let texts = [
        Line(.status, .anyOf([.wildcard("error")]), fact: .known(.text("success")), "status is error", "success"),
        Line(
            .executionMode, .anyOf(["webhook", "trigger", "chat"].map { .wildcard($0) }), fact: .unknown,
            "execution_mode is webhook, trigger or chat", "nobody can tell"),
        Line(
            .workflowName, .noneOf([.wildcard("A"), .glob("B?")]), fact: .known(.text("A")),
            "workflow.name is none of A, like B?", "A"),
        Line(
            .errorMessage, .anyOf([.contains("reset")]), fact: .absent, "error.message is a text with 'reset' in it",
            "none"),
        Line(.errorClass, .anyOf([.wildcard("auth")]), fact: .absent, "error.class is auth", "it has not failed"),
        Line(
            .errorClass, .noneOf([.wildcard("auth")]), fact: .unknown, "error.class is not auth",
            "its data cannot be read"),
        Line(
            .repeatRisk, .anyOf([.wildcard("none")]), fact: .needs(.detail("1")), "repeat_risk is none",
            "not asked for yet"),
        Line(.waitingFor, .anyOf([.wildcard("timer")]), fact: .absent, "waiting_for is timer", "it does not wait"),
        Line(.errorCause, .exists(true), fact: .known(.text("x")), "error.cause has a value", "x"),
        Line(.errorCause, .exists(false), fact: .absent, "error.cause has none", "none"),
        Line(
            .customData("order"), .anyOf([.wildcard("1")]), fact: .absent, "custom_data.order is 1",
            "it noted nothing of the kind"),
    ]
    private static let sets = [
        Line(
            .workflowTag, .anyOf([.wildcard("a"), .wildcard("b")]), fact: .known(.set([])), "workflow.tag has a or b",
            "none"),
        Line(
            .executionTag, .noneOf([.wildcard("a")]), fact: .known(.set(["x", "y"])), "execution_tag has not a",
            "x, y"),
    ]
    private static let times = [
        Line(
            .age, .period(.gte, hour), fact: .known(.period(.seconds(600))), "in this status for at least 1h", "10m"),
        Line(
            .age, .period(.lt, .hours(24)), fact: .known(.period(.milliseconds(90_061))),
            "in this status for less than 1d", "1m30s"),
        Line(.startedAgo, .period(.gt, hour), fact: .absent, "started more than 1h ago", "it has not begun"),
        Line(.ranFor, .period(.lte, hour), fact: .known(.period(.seconds(2))), "ran for at most 1h", "2s"),
        Line(
            .overdue, .period(.gt, .hours(2)), fact: .known(.period(.milliseconds(-47_000_012))),
            "overdue by more than 2h", "due in 13h3m20s"),
        Line(
            .endedAt, .between(noon, nil), fact: .known(.time(noon)), "ended at or after \(noon)", "\(noon)"),
        Line(
            .endedAt, .between(noon, noon + hour), fact: .absent,
            "ended at or after \(noon), and before \(noon + hour)", "it goes on"),
    ]
    private static let numbers = [
        Line(
            .retries, .number(.gte, 2), .number(.lt, 5), fact: .known(.number(1)),
            "the number of retries so far is at least 2 and the number of retries so far is less than 5", "1"),
        Line(
            .errorItems, .numberIn([1, 2]), fact: .unknown,
            "the number of input items that a retry feeds again is 1 or 2", "its data cannot be read"),
        Line(
            .retries, .numberNotIn([0]), fact: .known(.number(0)), "the number of retries so far is not 0", "0"),
        Line(
            .ranForOfP95, .number(.gt, 1000), fact: .known(.number(250)),
            "its run time, compared with the workflow's usual one (p95), is more than 10 times", "2.50 times"),
    ]
    private static let flags = [
        Line(.workflowActive, .flag(true), fact: .known(.flag(false)), "its workflow is switched on", "off"),
        Line(.isRetry, .flag(false), fact: .known(.flag(true)), "it is no retry itself", "it is one"),
        Line(.healed, .flag(false), fact: .known(.flag(true)), "no run of its chain succeeded", "one did"),
        Line(
            .succeededSince, .flag(true), fact: .known(.flag(true)), "a newer run of its workflow succeeded", "one did"),
    ]

    @Test("says what is wanted and what was found", arguments: texts + sets + times + numbers + flags)
    func line(_ line: Line) throws {
        let condition = Condition.test(FieldTest(line.field, line.operators))
        guard case .test(let test) = ConditionTree.trace(condition, Facts(fact: line.fact)) else {
            Issue.record("no test")
            return
        }
        #expect(test.words == line.words)
        #expect(test.found == line.found)
    }

    @Test("cuts what is too long for a line: the error itself is told above")
    func long() {
        let fact = Fact<FieldValue>.known(.text(String(repeating: "x", count: 2000)))
        let condition = Condition.test(FieldTest(.errorMessage, [.anyOf([.contains("y")])]))
        guard case .test(let test) = ConditionTree.trace(condition, Facts(fact: fact)) else { return }
        #expect(test.found.count == 81 && test.found.hasSuffix("…") && test.actual.count == 2000)
    }
}
