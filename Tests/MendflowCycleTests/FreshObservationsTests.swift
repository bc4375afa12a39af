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
