import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("When a run was first seen to have crashed")
struct CrashSeenTests {
    private let noon = ServerTime(milliseconds: 1_793_620_800_000)

    private func row(_ status: ExecutionStatus, started: Period = .hours(2)) -> Execution {
        Execution(
            id: "7", workflow: "w", status: status, mode: "webhook", startedAt: noon - started,
            stoppedAt: status.isLive ? nil : noon - started)
    }

    private func observed() -> ObservedExecutions {
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "main", epoch: 1), url: "http://n8n", since: noon - .days(1), highest: nil,
            fingerprints: [], at: noon - .days(1))
        return ObservedExecutions(EpochWatch(baseline, nil))
    }

    @Test("is the moment at which it was, after it was seen live: its end is only its last sign of life")
    func afterLive() throws {
        var book = observed()
        try book.note(row(.running), at: noon - .minutes(1))
        try book.note(row(.crashed), at: noon)
        try book.note(row(.crashed), at: noon + .minutes(1))
        #expect(book.firstSeen["7"] == noon)
        // A poll reads into a book of its own, which does not know what the row was before.
        var fresh = book.withoutRows
        try fresh.note(row(.crashed), at: noon + .minutes(2))
        try book.note(fresh, at: noon + .minutes(2))
        #expect(book.firstSeen["7"] == noon)
    }

    @Test(
        "is not known where it had crashed before anybody looked, and is known of a run that began since the last look")
    func firstLook() throws {
        var book = observed()
        try book.note(row(.crashed), at: noon)
        #expect(book.firstSeen["7"] == nil)
        book = observed()
        book.lookedAt = noon - .minutes(1)
        try book.note(row(.crashed), at: noon)
        #expect(book.firstSeen["7"] == nil)
        book = observed()
        book.lookedAt = noon - .minutes(1)
        try book.note(row(.crashed, started: .seconds(40)), at: noon)
        #expect(book.firstSeen["7"] == noon)
    }

    @Test("outlives a restart, whether the run was seen live before or not", arguments: [true, false])
    func restart(wasSeenLive: Bool) throws {
        var book = observed()
        book.lookedAt = noon - .minutes(1)
        let crashed = row(.crashed, started: .seconds(40))
        if wasSeenLive { try book.note(row(.running, started: .seconds(40)), at: noon - .seconds(30)) }
        try book.note(crashed, at: noon)
        #expect(book.liveStates(at: noon + .minutes(2)).map(\.firstSeen) == [noon])
        #expect(book.liveStates(at: noon + .hours(1)).isEmpty)
        var next = observed()
        let state = TickState(
            tick: 1, at: AgentTime(milliseconds: (noon + .minutes(2)).milliseconds), accounted: "7", sweptAt: nil,
            rows: 1,
            live: book.liveStates(at: noon + .minutes(2)), clockOffset: .zero)
        #expect(state.liveCount == 0)
        next.restore(state)
        try next.note(crashed, at: noon + .minutes(3))
        #expect(next.firstSeen["7"] == noon)
    }

    @Test("is told by the last look that saw everything, whatever the last process wrote down since")
    func lookedBefore() throws {
        // It looked, then n8n was away, and the run had begun in between.
        let state = TickState(
            tick: 2, at: AgentTime(milliseconds: noon.milliseconds), accounted: nil, sweptAt: nil, rows: 0, live: [],
            clockOffset: .zero, lookedAt: noon - .minutes(5))
        for (started, seen) in [(Period.minutes(3), noon), (.minutes(6), nil)] as [(Period, ServerTime?)] {
            var next = observed()
            next.restore(state)
            try next.note(row(.crashed, started: started), at: noon)
            #expect(next.firstSeen["7"] == seen)
        }
    }
}
