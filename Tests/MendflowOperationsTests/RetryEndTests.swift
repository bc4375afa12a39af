import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowOperations

@Suite("The end of a retry's run")
struct RetryEndTests {
    private let answered = AgentTime.noon

    private func end(_ status: ExecutionStatus?, child: ExecutionID? = "7") -> RetryEnd {
        RetryEnd(child: child, evidence: .answered(status), settledAt: answered)
    }

    /// A look that ended some time after the answer, with these runs.
    private func look(after time: Period, _ rows: [(ExecutionID, ExecutionStatus)] = []) -> TickState {
        TickState(
            tick: 1, at: answered + time, accounted: nil, sweptAt: nil, rows: 0,
            live: rows.map { id, status in
                TickState.Live(
                    execution: Execution(id: id, workflow: "w", status: status), firstSeen: ServerTime(milliseconds: 0))
            }, clockOffset: .zero)
    }

    @Test("is known at once where n8n answered that it failed")
    func failed() {
        #expect(end(.error).isKnown(nil) && end(.crashed, child: nil).isKnown(nil))
        #expect(!end(.success).isKnown(nil) && !end(.running).isKnown(nil) && !end(nil).isKnown(nil))
    }

    @Test("is known else by a look that ended well behind the answer and showed it live no more")
    func looked() {
        #expect(end(.running).isKnown(look(after: .minutes(2))))
        #expect(!end(.running).isKnown(look(after: .seconds(59))), "it may have been asked for before")
        #expect(!end(.running).isKnown(look(after: .minutes(2), [("7", .running)])))
        #expect(!end(.running).isKnown(look(after: .minutes(2), [("7", .waiting)])))
        #expect(end(.running).isKnown(look(after: .minutes(2), [("7", .crashed), ("8", .running)])))
        #expect(!end(.running, child: nil).isKnown(look(after: .minutes(2))), "nobody knows which run it is")
    }
}
