import MendflowTestKit
import Testing

@testable import MendflowCore

@Suite("An agent's clock that was ahead and is set back")
struct ClockSetBackTests {
    private static let day = ClockSetBack(from: agentNoon + .days(1), to: agentNoon, entry: 10)

    @Test("is found by a record of a time that is still to come, once")
    func found() {
        func found(_ latest: AgentTime, _ known: ClockSetBack? = nil) -> ClockSetBack? {
            ClockSetBack.found(latest: latest, entry: 10, now: agentNoon, known: known)
        }
        #expect(found(agentNoon + .days(1)) == Self.day)
        #expect(found(agentNoon + .minutes(5)) == nil && found(agentNoon - .days(1)) == nil)
        let known = ClockSetBack(from: agentNoon + .days(1), to: agentNoon - .hours(3), entry: 4)
        #expect(found(agentNoon + .days(1), known) == known)
        #expect(
            found(agentNoon + .days(2), known) == ClockSetBack(from: agentNoon + .days(2), to: agentNoon, entry: 10))
        #expect(found(agentNoon, known) == known)
    }

    /// An intent of the ledger's entry `id`.
    private func intent(_ id: Int64, _ reserved: Period, sent: Period? = nil, settled: Period? = nil) -> Intent {
        let draft = IntentDraft(
            instance: production, action: .retry, execution: "1", root: "1", workflow: "w", policy: "p",
            policyVersion: "v")
        return Intent(
            id: IntentID(id), draft: draft, state: .void, reservedAt: agentNoon + reserved,
            sendingAt: sent.map { agentNoon + $0 }, settledAt: settled.map { agentNoon + $0 },
            notBefore: settled.map { agentNoon + $0 + .minutes(2) })
    }

    private func corrected(_ intent: Intent, _ setBack: ClockSetBack?, now: Period) -> [Period?] {
        var view = LedgerView(intents: [intent])
        view.correctTimes(by: setBack, at: agentNoon + now)
        let found = view.intents[0]
        return [found.reservedAt, found.sendingAt, found.settledAt, found.notBefore].map { $0.map { $0 - agentNoon } }
    }

    @Test("what was written before was at the latest when it was set back, also once that time has come")
    func before() {
        let ahead = intent(7, .hours(20), sent: .hours(20), settled: .hours(21))
        for now in [Period.minutes(1), .hours(5), .hours(22), .days(9)] {
            #expect(corrected(ahead, Self.day, now: now) == [.zero, .zero, .zero, .minutes(2)], "\(now)")
        }
        // What ended it came after.
        let later = intent(7, .hours(20), sent: .hours(20), settled: .hours(1))
        #expect(corrected(later, Self.day, now: .hours(2)) == [.zero, .zero, .hours(1), .hours(1) + .minutes(2)])
        let earlier = intent(7, .hours(-1), sent: .hours(-1), settled: .hours(20))
        #expect(corrected(earlier, Self.day, now: .hours(2)) == [.hours(-1), .hours(-1), .zero, .minutes(2)])
    }

    @Test("what was written after, and what is right, stays as it is")
    func after() {
        for it in [intent(11, .hours(20), sent: .hours(20), settled: .hours(21)), intent(7, .hours(-2))] {
            let times = [it.reservedAt, it.sendingAt, it.settledAt, it.notBefore].map { $0.map { $0 - agentNoon } }
            #expect(corrected(it, Self.day, now: .hours(22)) == times)
            #expect(corrected(it, nil, now: .hours(22)) == times)
        }
        let just = intent(11, .minutes(4))
        #expect(corrected(just, nil, now: .zero) == [.minutes(4), nil, nil, nil])
    }

    @Test("is no reason to count what is still to come until it has: before it is found, that was now")
    func notFoundYet() {
        let ahead = intent(7, .hours(20), settled: .hours(21))
        #expect(corrected(ahead, nil, now: .zero) == [.zero, nil, .zero, .minutes(2)])
    }
}
