import MendflowCore
import MendflowPolicy
import Synchronization
import Testing

@testable import MendflowOperations

@Suite("How far back a server has runs")
struct KeptRunsTests {
    private static let now = ServerTime(milliseconds: 1_777_888_800_000)
    private static let able = ServerCapabilities(boundsByStart: true)

    /// A server with a run every ten minutes since a while ago, the last of which has this number.
    private func kept(
        since age: Period, last: Int64 = 900, able: ServerCapabilities = able
    ) async -> (KeptRuns?, requests: Int) {
        let rows = (0...(age.milliseconds / 600_000)).map { index in
            Execution(
                id: ExecutionID(String(last - index)), workflow: "w", status: .success, mode: "webhook",
                startedAt: Self.now - .minutes(10 * index))
        }
        let reader = Kept(rows: rows)
        let found = await KeptRuns.ask(reader, able, lookBack: .days(7), now: Self.now)
        return (found, reader.requests.withLock { $0 })
    }

    @Test("is found within an hour in some ten requests, where that is less than is looked back")
    func found() async throws {
        let (found, requests) = await kept(since: .hours(29))
        let kept = try #require(found)
        #expect(kept.since <= .hours(30) && kept.since >= .hours(28), "\(kept)")
        #expect(kept.oldest == "726" && requests <= 10, "\(kept) \(requests)")
    }

    @Test("is told neither where there are older ones, nor where nothing was ever removed, nor where nobody can ask")
    func nothing() async {
        #expect(await kept(since: .days(8)).0 == nil)
        #expect(await kept(since: .hours(29), last: 175).0 == nil, "the first run of all is there")
        let (found, requests) = await kept(since: .hours(29), able: ServerCapabilities(boundsByStart: false))
        #expect(found == nil && requests == 0)
        let broken = await KeptRuns.ask(Kept(rows: nil), Self.able, lookBack: .days(7), now: Self.now)
        #expect(broken == nil)
    }

    @Test("matters to the policies that need more")
    func remark() {
        func remarks(_ age: Period) -> [ServerRemark] {
            let age = Condition.test(FieldTest(.age, [.period(.lt, age)]))
            let policy = Policy(
                name: "p", mode: .enforce, match: .all([age]), tags: ["needs-human"],
                place: SourcePlace(file: "p.yaml", line: 2, column: 5))
            let set = PolicySet(
                policies: [policy], instance: "production", tagIDs: ["needs-human": "4"],
                tables: JudgementTables(classifier: ErrorClassifier(rules: []), risks: RepeatRiskJudge()))
            return ServerRemarks(
                set: set, capabilities: ServerCapabilities(hidesQueued: false), workflows: [], learnedTags: [],
                gapBudget: 50, kept: KeptRuns(oldest: "726", since: .hours(29))
            ).all()
        }
        #expect(remarks(.hours(12)).isEmpty)
        let found = remarks(.days(3))
        #expect(found.map(\.matter.id) == ["beyond-what-is-kept"])
        let words = found.first?.matter.words ?? ""
        #expect(words.contains("the last 3d, and n8n has none older than 1d5h (its oldest is 726)"), "\(words)")
    }
}

/// A list that can be asked by time; nil answers nothing.
private final class Kept: ExecutionReader {
    let rows: [Execution]?
    let requests = Mutex(0)

    init(rows: [Execution]?) { self.rows = rows }

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        requests.withLock { $0 += 1 }
        guard let rows else { throw ReadFailure(.unreachable, request: "GET /executions", message: "no answer") }
        let found = rows.filter { row in row.startedAt.map { $0 <= query.startedBefore ?? $0 } ?? false }
        return ExecutionPage(executions: Array(found.prefix(query.limit)), nextCursor: nil)
    }
    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? { nil }
    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? { nil }
    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? { nil }
    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { [] }
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { nil }
    func capabilities() async throws(ReadFailure) -> ServerCapabilities { ServerCapabilities(boundsByStart: true) }
}
