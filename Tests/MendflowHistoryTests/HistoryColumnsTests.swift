import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowHistory

@Suite("Rows in columns")
struct HistoryColumnsTests {
    private func row(_ id: ExecutionID, _ random: inout SplitMix64) -> Execution {
        let start = ServerTime.noon + .milliseconds(Int64(random.below(1_000_000)))
        var row = Execution(
            id: id, workflow: WorkflowID("w\(random.below(3))"),
            status: ExecutionStatus.allCases[random.below(ExecutionStatus.allCases.count)])
        if row.status == .unrecognised { row.unrecognisedWord = "odd" }
        row.mode = ["webhook", "trigger", .unread][random.below(3)]
        if random.below(10) > 0 { row.startedAt = start }
        if random.below(10) > 1 { row.stoppedAt = start + .milliseconds(Int64(random.below(100_000)) - 5_000) }
        if random.below(20) == 0 { row.stoppedAt = start + .days(365) }
        if random.below(3) == 0 { row.createdAt = start - .milliseconds(3) }
        if random.below(8) == 0 { row.retryOf = "3" }
        if random.below(8) == 0 { row.retrySuccess = "900" }
        if random.below(8) == 0 { row.waitTill = start + .hours(1) }
        row.hidesRetryOf = row.retryOf == nil && random.below(20) == 0
        return row
    }

    /// Some rows of up to so many executions, in runs as lists give them or in any order.
    private func rows(_ seed: UInt64, _ ids: [ExecutionID]) -> [Execution] {
        var random = SplitMix64(seed: seed)
        var rows = ids.map { row($0, &random) }
        for id in ids where random.below(4) == 0 { rows.append(row(id, &random)) }
        switch seed % 3 {
        case 0: rows.shuffle(using: &random)
        case 1: rows.reverse()
        default: break
        }
        return rows
    }

    private static let numbers = (1...300).map { ExecutionID(String($0 * 3)) }
    private static let others: [ExecutionID] = [
        "a", "07", "7", "18446744073709551615", "-1", "", "99999999999999999999",
    ]

    @Test("are the rows that were put in, by id, each execution once with what all its rows tell", arguments: 1...30)
    func same(seed: UInt64) {
        let rows = rows(seed, seed % 2 == 0 ? Self.numbers : Self.numbers + Self.others)
        var wanted: [ExecutionID: Execution] = [:]
        for row in rows { wanted[row.id] = wanted[row.id]?.merged(with: row) ?? row }
        let history = History(rows)
        #expect(Array(history.rows) == wanted.values.sorted { $0.id < $1.id })
        #expect(history.rows.indices.allSatisfy { history.place(of: history.rows[$0].id) == $0 })
        #expect(history[id: "none"] == nil && history[id: "1"] == nil)
        let times = wanted.values.compactMap { $0.startedAt ?? $0.createdAt ?? $0.stoppedAt }
        #expect(history.span?.lowerBound == times.min())
        #expect(history.span.map { $0.upperBound - .milliseconds(1) } == wanted.values.compactMap(\.newestTime).max())
    }

    @Test("of one workflow alone are its rows and their data")
    func oneWorkflow() {
        let rows = rows(2, Self.numbers)
        let details = Dictionary(uniqueKeysWithValues: Self.numbers.map { ($0, ExecutionDetail(status: .error)) })
        let history = History(rows, details: details)
        let some = history.only("w1")
        #expect(Array(some.rows) == history.rows.filter { $0.workflow == "w1" })
        #expect(some.details.count == some.rows.count)
    }

    @Test("are counted as the rows are", arguments: 1...6)
    func counts(seed: UInt64) {
        let ids = seed % 2 == 0 ? Self.numbers : Self.numbers + Self.others
        let details = Dictionary(
            uniqueKeysWithValues: ids.enumerated().filter { $0.offset % 3 > 0 }.map { number, id in
                (id, ExecutionDetail(status: .error, createdAt: .noon, itemsToRepeat: number % 4))
            })
        let history = History(rows(seed, ids), details: details)
        let info = HistoryInfo(history) { row, detail in
            detail.itemsToRepeat == 0 ? nil : "\(row.status.rawValue) \(detail.itemsToRepeat ?? 0)"
        }
        let failed = history.rows.filter(\.status.isFailed)
        #expect(info.statuses == Dictionary(grouping: history.rows, by: \.status).mapValues(\.count))
        #expect(info.undated == history.rows.count { $0.newestTime == nil })
        #expect(info.withoutData == failed.count { details[$0.id] == nil })
        let classes = failed.compactMap { row in
            details[row.id].map {
                $0.itemsToRepeat == 0 ? "unknown" : "\(row.status.rawValue) \($0.itemsToRepeat ?? 0)"
            }
        }
        #expect(info.classes == Dictionary(grouping: classes) { $0 }.mapValues(\.count))
        for workflow in info.workflows {
            let own = history.rows.filter { $0.workflow == workflow.id }
            #expect(workflow.runs == own.count && workflow.failed == own.count { $0.status.isFailed })
            #expect(workflow.retries == own.count { $0.retryOf != nil })
        }
        let numbers = history.rows.compactMap(\.id.number)
        #expect(info.gaps == zip(numbers, numbers.dropFirst()).count { $0 + 1 < $1 })
    }

    @Test(
        "tell which successes are known and not there, whatever the workflow's settings say, and whose the retries are")
    func notKept() {
        let start = ServerTime.noon
        var rows = ["1", "3", "5"].map { id in
            Execution(id: ExecutionID(id), workflow: "w", status: .error, startedAt: start, stoppedAt: start)
        }
        (rows[0].retrySuccess, rows[1].retrySuccess, rows[2].retrySuccess) = ("2", "4", "6")
        rows.append(Execution(id: "6", workflow: "w", status: .success, retryOf: "5", startedAt: start))
        var history = History(rows, workflows: [WorkflowInfo(id: "w", name: "Orders", savesSuccesses: true)])
        history.agent = AgentRuns(since: start, runs: ["4"])
        let info = HistoryInfo(history) { _, _ in nil }
        #expect(info.workflows.map(\.successesNotKept) == [2])
        #expect(info.healedUnkept == 1, "the ledger knows of the other one whose it was")
        #expect(info.senders.retries == 1 && info.senders.agents == 0 && info.senders.isTold)
    }

    @Test("keep the times of data apart from what many failures leave the same")
    func details() {
        let details = (1...50).map { number in
            ExecutionDetail(
                status: .error, createdAt: .noon + .minutes(Int64(number)),
                error: ErrorEvidence(
                    name: "NodeApiError", message: "no answer \(number % 2)", httpCode: "503",
                    at: .noon + .seconds(Int64(number))))
        }
        var history = History()
        for (number, detail) in details.enumerated().reversed() {
            history.add(detail, of: ExecutionID(String(number)))
            #expect(history.details[ExecutionID(String(number))] == detail)
        }
        history.add(details[7], of: "3")
        history.add(details[8], of: "odd")
        history.sort()
        #expect(history.details.pieces.count == 2 && history.details.count == 51)
        #expect(history.details["3"] == details[7] && history.details["odd"] == details[8])
        #expect(history.details["4"] == details[4] && history.details["51"] == nil)
    }
}
