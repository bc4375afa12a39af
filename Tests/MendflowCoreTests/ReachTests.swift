import MendflowCore
import Testing

@Suite("How far back a policy needs to see")
struct ReachTests {
    private func reach(
        _ remediation: Remediation? = .stop, match: Condition = .failed, tags: [String] = [],
        _ change: (inout Policy) -> Void = { _ in }
    ) -> Period? {
        policy("p", remediation, match: match, tags: tags, change).reach
    }

    private func aged(_ comparison: Comparison, _ status: ExecutionStatus = .error) -> Condition {
        .all([.status(status), .when(.age, .period(comparison, .days(3)))])
    }

    @Test("as far as it asks for, and counts")
    func asked() {
        #expect(reach() == nil)
        #expect(reach(match: aged(.lt)) == .days(3))
        #expect(reach { $0.when = GroupCondition(count: [.number(.gt, 1)], within: .days(2)) } == .days(2))
    }

    @Test("a retry from the first failure until it is given up, or to the end of its intervals")
    func retries() {
        #expect(reach(.retry()) { $0.guards.giveUpAfter = .days(7) } == .days(7))
        let slow = Remediation.retry(3) { $0.backoff = Backoff(initialInterval: .days(1), maxInterval: .days(3)) }
        #expect(reach(slow) == .days(6))
    }

    @Test("a breaker for as long as a failure may hold it open; tags never open one")
    func breakers() {
        let breaker = CircuitBreaker(failureThreshold: 2, window: .days(1), openFor: .days(7))
        #expect(reach { $0.guards.circuitBreaker = breaker } == .days(8))
        #expect(reach(nil, tags: ["seen"]) { $0.guards.circuitBreaker = breaker } == nil)
    }

    @Test("what has to grow old first is still seen a day later, where ended runs are retried or tagged")
    func old() {
        #expect(reach(nil, match: aged(.gt), tags: ["seen"]) == .days(4))
        #expect(reach(.retry(), match: aged(.gte)) == .days(4))
        #expect(reach(.stop, match: aged(.gt, .waiting)) == nil)
        #expect(reach(.stop, match: aged(.gt, .waiting), tags: ["seen"]) == nil)
        #expect(reach(.delete, match: aged(.gt)) == nil)
    }
}
