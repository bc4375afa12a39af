import MendflowCore
import MendflowHostKit
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowHistory

/// An n8n that has so many executions, one an hour, every tenth of which failed.
private final class ServedPast: ExecutionReader {
    private let rows: Mutex<[Execution]>
    private let failures: Mutex<[ReadFailure]>
    let asked = Mutex<[String]>([])

    /// Whether what is asked for by id tells more of a run than a list does.
    private let tellsMore: Bool

    init(_ count: Int, failing failures: [ReadFailure] = [], tellsMore: Bool = false) {
        self.tellsMore = tellsMore
        rows = Mutex((1...count).map(ServedPast.row))
        self.failures = Mutex(failures)
    }

    static func row(_ number: Int) -> Execution {
        let start = ServerTime.noon + .hours(Int64(number))
        return Execution(
            id: ExecutionID(String(number)), workflow: "w", status: number.isMultiple(of: 10) ? .error : .success,
            startedAt: start, stoppedAt: start + .seconds(3))
    }

    func add(_ row: Execution) { rows.withLock { $0.append(row) } }

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        asked.withLock { $0.append("list \(query.status?.rawValue ?? "all") \(query.cursor ?? "")") }
        if let failure = failures.withLock({ $0.popLast() }) { throw failure }
        let below = query.cursor.flatMap { Int($0) } ?? .max
        let chosen = rows.withLock { rows in
            rows.filter { row in
                query.status.map { $0 == row.status } ?? true && Int(row.id.text).map { $0 < below } ?? false
            }
        }
        let page = chosen.reversed().prefix(query.limit)
        return ExecutionPage(
            executions: Array(page), nextCursor: page.count < chosen.count ? page.last?.id.text : nil)
    }

    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        asked.withLock { $0.append("detail \(id)") }
        guard var row = rows.withLock({ $0.first { $0.id == id } }) else { return nil }
        if tellsMore { row.createdAt = row.startedAt }
        let error = ErrorEvidence(name: "NodeApiError", message: "read ECONNRESET", httpCode: "ECONNRESET")
        return DetailedExecution(execution: row, detail: ExecutionDetail(status: row.status, error: error))
    }

    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { [WorkflowInfo(id: "w", name: "Order sync")] }
    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? { nil }
    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? { nil }
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { [] }
    func capabilities() async throws(ReadFailure) -> ServerCapabilities {
        throw ReadFailure(.refused, request: "", message: "not asked")
    }
}

@Suite("An export of a history")
struct HistoryExportTests {
    private let files = MemoryFiles([:])

    @discardableResult
    private func export(_ past: ServedPast, since: ServerTime? = nil) async throws -> HistoryProgress {
        var export = HistoryExport(past, to: "/h", files, clock: FastClock(), since: since, rate: 1000)
        return try await export.run { _ in }
    }

    private func read() throws -> History { try HistoryReader.read(["/h"], files) }

    @Test("holds every row, the data of what failed, and the workflows, as they were")
    func whole() async throws {
        let done = try await export(ServedPast(1_000))
        #expect(done.rows == 1_000 && done.details == 100 && done.detailsLeft == 0)
        let history = try read()
        #expect(Array(history.rows) == (1...1_000).map(ServedPast.row))
        #expect(history.details["10"]?.error?.httpCode == "ECONNRESET")
        #expect(history.workflows["w"]?.name == "Order sync")
    }

    @Test("fetches only what is new when it is called again")
    func again() async throws {
        let past = ServedPast(1_000)
        try await export(past)
        past.add(ServedPast.row(1_010))
        past.asked.withLock { $0 = [] }
        try await export(past)
        #expect(
            past.asked.withLock { $0 } == [
                "list running ", "list waiting ", "list all ", "list all 752", "detail 1010",
            ])
        #expect(try read().rows.count == 1_001)
    }

    @Test("adds nothing to its files where nothing is new")
    func nothingNew() async throws {
        let past = ServedPast(300, tellsMore: true)
        try await export(past)
        let names = ["/h/executions.jsonl", "/h/details.jsonl", "/h/workflows.jsonl"]
        let before = try names.map { try files.read($0, limit: .max).get() }
        try await export(past)
        #expect(try names.map { try files.read($0, limit: .max).get() } == before)
    }

    @Test("reaches back to a time, and further when it is called again")
    func further() async throws {
        let past = ServedPast(1_000)
        try await export(past, since: .noon + .hours(700))
        let first = try read().rows.count
        #expect(first >= 301 && first <= 550)
        try await export(past)
        #expect(try read().rows.count == 1_000)
    }

    @Test("takes back a line that it could not finish, and asks for it again")
    func cut() async throws {
        let past = ServedPast(100)
        try await export(past)
        for name in ["/h/executions.jsonl", "/h/details.jsonl"] {
            let size = try files.read(name, limit: .max).get().count
            try files.cut(name, to: size - 7)
        }
        try await export(past)
        #expect(try read().rows.count == 100)
        #expect(try read().details.count == 10)
    }

    @Test("waits where n8n asks for it, and ends with a word where n8n refuses")
    func failures() async throws {
        let busy = ReadFailure(.throttled, request: "GET", message: "wait", retryAfter: .seconds(2))
        #expect(try await export(ServedPast(10, failing: [busy, busy])).rows == 10)
        let refused = ReadFailure(.unauthorized, request: "GET /executions", message: "the key is wrong")
        let fault = await #expect(throws: HistoryFault.self) { try await export(ServedPast(10, failing: [refused])) }
        #expect(fault?.description.contains("what was written stays") == true)
    }
}

/// Time that passes while somebody waits for it, and only then.
private final class FastClock: AgentClock {
    private let time = Mutex(Period.zero)
    func now() -> AgentTime { .noon + time.withLock { $0 } }
    func monotonic() -> Period { time.withLock { $0 } }
    func sleep(for period: Period) async throws { time.withLock { $0 = $0 + period } }
}
