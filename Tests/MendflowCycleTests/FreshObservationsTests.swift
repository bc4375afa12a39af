import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("Observations that a poll reads into")
struct FreshObservationsTests {
    private let noon = ServerTime(milliseconds: 1_793_620_800_000)

    private func row(_ id: ExecutionID, _ status: ExecutionStatus, created: ServerTime? = nil) -> Execution {
        Execution(
            id: id, workflow: "w", status: status, createdAt: created, startedAt: noon - .hours(1),
            stoppedAt: status.isLive ? nil : noon)
    }

    private func known() throws -> ObservedExecutions {
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "main", epoch: 1), url: "http://n8n", since: noon - .days(1), highest: nil,
            fingerprints: [], at: noon - .days(1))
        var known = ObservedExecutions(EpochWatch(baseline, nil))
        for row in [row("1", .success), row("2", .error, created: noon - .hours(2)), row("3", .running)] {
            try known.note(row, at: noon)
        }
        return known
    }

    @Test("leave out what has ended and is read just as it is known, also where a list does not tell when it was made")
    func leaveOut() throws {
        var fresh = try known().withoutRows
        for row in [row("1", .success), row("2", .error), row("3", .running), row("4", .error)] {
            try fresh.note(row, at: noon)
        }
        #expect(Set(fresh.executions.keys) == ["3", "4"])
    }

    @Test("of a run that goes on waiting leave nothing to write down from tick to tick, and remember that it has slept")
    func waiting() throws {
        var known = try known()
        var run = row("5", .waiting)
        run.stoppedAt = noon - .minutes(50)
        try known.note(run, at: noon)
        let before = known.liveStates(at: noon)
        for minute: Int64 in 1...3 {
            var fresh = known.withoutRows
            try fresh.note(run, at: noon + .minutes(minute))
            try known.note(fresh, at: noon + .minutes(minute))
            #expect(known.liveStates(at: noon + .minutes(minute)) == before)
        }
        run.status = .running
        try known.note(run, at: noon + .minutes(4))
        let woken = known.liveStates(at: noon + .minutes(4)).first { $0.execution.id == "5" }
        #expect(woken?.lastSeenWaiting == noon && woken?.firstSeen == noon + .minutes(4))
    }

    @Test("recognise the database by a row that was known, live or not, with the same workflow and start")
    func recognise() throws {
        func recognises(_ row: Execution, _ known: ObservedExecutions) -> Bool {
            var fresh = known.withoutRows
            try? fresh.note(row, at: noon)
            return fresh.isRecognised
        }
        let known = try known()
        for id: ExecutionID in ["1", "3"] { #expect(recognises(row(id, .success), known)) }
        let changes: [(inout Execution) -> Void] = [
            { $0.startedAt = noon }, { $0.startedAt = nil }, { $0.workflow = "other" }, { $0.id = "4" },
        ]
        for change in changes {
            var other = row("3", .running)
            change(&other)
            #expect(!recognises(other, known))
        }
    }

    @Test("do not recognise it by rows that were read while nothing else was")
    func strangers() throws {
        var known = try known()
        var stranger = row("9", .error)
        stranger.stoppedAt = noon - .minutes(10)
        var fresh = known.withoutRows
        try fresh.note(stranger, at: noon)
        try known.note(fresh, at: noon)
        fresh = known.withoutRows
        try fresh.note(stranger, at: noon)
        #expect(!fresh.isRecognised)
        #expect(known.marks(at: noon + .hours(1)).map(\.id) == ["2", "1"])
        // Seen beside a row that was known before, it is of the same database.
        try fresh.note(row("3", .running), at: noon)
        try known.note(fresh, at: noon)
        fresh = known.withoutRows
        try fresh.note(stranger, at: noon)
        #expect(fresh.isRecognised)
        #expect(known.marks(at: noon + .hours(1)).map(\.id) == ["9", "2", "1"])
    }

    @Test("take in what differs, and what it is by the list that is read last")
    func takeIn() throws {
        var known = try known()
        var fresh = known.withoutRows
        try fresh.note(row("2", .canceled), at: noon)
        try fresh.note(row("3", .success), at: noon)
        try fresh.note(row("2", .error), at: noon)
        try known.note(fresh, at: noon)
        #expect(known.executions["2"]?.status == .error)
        #expect(known.executions["3"]?.status == .success)
        #expect(known.takeChanged() == ["3"])
    }
}
