import MendflowCore
import MendflowTestKit
import Testing

@Suite("When the next retry is due")
struct DueTimeTests {
    @Test("intervals grow by the coefficient up to the longest, however many retries there were")
    func growth() {
        let backoff = Backoff(initialInterval: .minutes(1), coefficientHundredths: 200, maxInterval: .minutes(10))
        #expect((0...5).map { backoff.interval(after: $0) } == [1, 2, 4, 8, 10, 10].map { .minutes($0) })
        #expect(backoff.interval(after: 1_000_000) == .minutes(10) && backoff.interval(after: -1) == .minutes(1))
        let slow = Backoff(initialInterval: .seconds(10), coefficientHundredths: 150, maxInterval: .hours(1))
        #expect((0...2).map { slow.interval(after: $0) } == [10_000, 15_000, 22_500].map { .milliseconds($0) })
        let capped = Backoff(initialInterval: .hours(2), coefficientHundredths: 100, maxInterval: .hours(1))
        #expect(capped.interval(after: 0) == .hours(1))
        let endless = Backoff(coefficientHundredths: .max, maxInterval: Period(milliseconds: .max))
        #expect(endless.interval(after: 3) == Period(milliseconds: .max))
    }

    // Computed apart, in Python, from the definitions of FNV-1a and SplitMix64.
    @Test(
        "jitter is FNV-1a through SplitMix64's finaliser, the same everywhere and for ever",
        arguments: [
            ("", 0x1.ea542bd3536bdp-1), ("production/1/4711/0", 0x1.cb3dc94c64a59p-1),
            ("production/1/4711/1", 0x1.e28890ac797bdp-1), ("über/2/9/3", 0x1.a0b49a13dbed9p-1),
        ])
    func reference(key: String, fraction: Double) {
        #expect(DueTime.fraction(of: key) == fraction)
    }

    @Test("jitter spreads evenly over the interval and stays inside it")
    func spread() {
        var tenths = [Int](repeating: 0, count: 10)
        for id in 0..<10_000 {
            let fraction = DueTime.fraction(of: DueTime.key(production, ExecutionID(String(id)), retries: 0))
            #expect((0..<1).contains(fraction))
            tenths[Int(fraction * 10)] += 1
        }
        #expect(tenths.allSatisfy { (850...1150).contains($0) }, "\(tenths)")
    }

    @Test("the key tells instances, epochs, executions and tries apart")
    func key() {
        #expect(DueTime.key(production, "4711", retries: 2) == "production/1/4711/2")
    }

    @Test("full jitter lies between the end and the interval; none is the interval")
    func jitter() {
        let full = DueTime.next(after: noon, retries: 0, action: RetryAction(), error: nil, key: "production/1/4711/0")
        #expect(full.time == noon + .milliseconds(53_817) && full.reason == .backoff)
        let none = DueTime.next(after: noon, retries: 1, action: RetryAction(backoff: .plain), error: nil, key: "")
        #expect(none.time == noon + .minutes(2))
    }

    @Test("a provider's wish counts from the error, and only where it is later")
    func provider() {
        let action = RetryAction(backoff: .plain)
        func due(_ error: ErrorEvidence) -> (time: ServerTime, reason: Reason) {
            DueTime.next(after: noon, retries: 0, action: action, error: error, key: "")
        }
        let told = due(ErrorEvidence(at: noon - .minutes(1), retryAfter: .minutes(5)))
        #expect(told.time == noon + .minutes(4) && told.reason == .providerWait)
        #expect(due(ErrorEvidence(retryAfter: .minutes(5))).time == noon + .minutes(5))
        #expect(due(ErrorEvidence(at: noon - .minutes(9), retryAfter: .minutes(5))).reason == .backoff)
        let resets = due(ErrorEvidence(retryAfter: .minutes(5), resetsAt: noon + .hours(2)))
        #expect(resets.time == noon + .hours(2) && resets.reason == .providerWait)
    }

    @Test("a plan waits as told, and says why")
    func planned() {
        var world = World(policy("p"))
        var detail = ExecutionDetail.harmless
        detail.error?.retryAfter = .hours(3)
        world.add("7", ago: .hours(1), detail: detail)
        #expect(world.label("7") == "provider_wait" && world.decision("7")?.verdict.until == noon + .hours(2))
        world.add("7", ago: .seconds(59))
        #expect(world.label("7") == "backoff")
        world.add("7", ago: .seconds(60))
        #expect(world.label("7") == "act")
    }
}
