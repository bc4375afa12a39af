import MendflowCore
import Testing

@testable import MendflowCycle

@Suite("Ids of retries that are other runs now")
struct ChangedRetriesTests {
    private func found(_ row: Execution, _ retries: [ExecutionID: Set<ExecutionID>] = ["39": ["83"]]) -> String? {
        var rows = ExecutionTable()
        rows[row.id] = row
        return EpochWatch.Contradiction(retries, rows)?.sentence
    }

    private func row(
        _ mode: ExecutionMode, retryOf: ExecutionID? = nil, hidesRetryOf: Bool = false
    ) -> Execution {
        Execution(
            id: "83", workflow: "w", status: .waiting, mode: mode, retryOf: retryOf, hidesRetryOf: hidesRetryOf)
    }

    @Test("show that the database is another one, for n8n never changes what a run retries")
    func changed() {
        #expect(found(row("trigger")) == "execution 83 is not what it was: it was a retry of 39, and is no retry")
        #expect(
            found(row(.retry, retryOf: "40"))
                == "execution 83 is not what it was: it was a retry of 39, and is a retry of 40")
    }

    @Test("are not told by a row that says the same, or does not say what it retries")
    func same() {
        #expect(found(row(.retry, retryOf: "39")) == nil)
        #expect(found(row(.retry)) == nil && found(row(.unread)) == nil)
        #expect(found(row("trigger", hidesRetryOf: true)) == nil)
        #expect(found(row("trigger"), ["39": ["82"]]) == nil)
    }

    @Test("are told of the lowest first, whatever the order in which they are known")
    func lowest() {
        var rows = ExecutionTable()
        for id in ["90", "83", "85"] as [ExecutionID] {
            rows[id] = Execution(id: id, workflow: "w", status: .error, mode: "trigger")
        }
        #expect(EpochWatch.Contradiction(["39": ["90", "85"], "40": ["83"]], rows)?.id == "83")
    }
}
