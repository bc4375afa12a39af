import MendflowCore
import Testing

@Suite("Rows whose past a view must be asked for")
struct ChainsToReadTests {
    func row(
        _ id: ExecutionID, _ status: ExecutionStatus = .error, retryOf: ExecutionID? = nil, began: ServerTime?
    ) -> Execution {
        Execution(id: id, workflow: "w", status: status, mode: "webhook", retryOf: retryOf, startedAt: began)
    }

    @Test("are retries and their parents, what is live, and what began before; not the many young ones")
    func rows() {
        let old = ServerTime(milliseconds: 0), young = old + .hours(2)
        var rows = [
            row("1", began: young), row("2", retryOf: "9", began: young), row("3", .running, began: young),
            row("4", began: old), row("5", began: nil),
        ]
        for (id, began) in [("6", old), ("7", young)] {
            rows.append(row(ExecutionID(id), .success, began: began))
            rows[rows.count - 1].stoppedAt = young + .minutes(1)
        }
        let table = ExecutionTable(rows)
        #expect(table.isSettled("6") && table.isSettled("7"))
        #expect(LedgerView.chainsToRead(table, since: old) == ["2", "9", "3", "4", "5", "6"])
    }
}
