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

    init(
        _ count: Int, failing failures: [ReadFailure] = [], tellsMore: Bool = false, begun: ServerTime = .noon
    ) {
        self.tellsMore = tellsMore
        rows = Mutex((1...count).map { ServedPast.row($0, begun: begun) })
        self.failures = Mutex(failures)
    }

    static func row(_ number: Int, begun: ServerTime = .noon) -> Execution {
        let start = begun + .hours(Int64(number))
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
        var export = HistoryExport(
            past, of: "https://n8n.example.com", to: "/h", files, clock: FastClock(), since: since, rate: 1000)
        return try await export.run { _ in }
    }

    private func read() throws -> History { try HistoryReader.read(["/h"], files) }

    @Test("holds every row, the data of what failed, and the workflows, as they were")
    func whole() async throws {
        let done = try await export(ServedPast(1_000))
        #expect(done.rows == 1_000 && done.details == 100 && done.detailsLeft == 0)
        let history = try read()
        #expect(Array(history.rows) == (1...1_000).map { ServedPast.row($0) })
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

@Suite("An export into a folder that holds something")
struct ExportFolderTests {
    private let files = MemoryFiles([:])

    @discardableResult
    private func export(
        _ past: ServedPast, of server: String = "https://n8n.example.com", agent: AgentRuns? = nil
    ) async throws -> HistoryProgress {
        var export = HistoryExport(
            past, of: server, to: "/h", files, clock: FastClock(), since: nil, rate: 1000, agent: agent)
        return try await export.run { _ in }
    }

    /// Expects that an export is refused, and writes nothing.
    private func expectRefusal(
        _ kind: HistoryFault.Kind, _ words: String..., by export: () async throws -> Void
    ) async throws {
        let before = try texts()
        do {
            try await export()
            Issue.record("it is not refused")
        } catch let fault as HistoryFault {
            #expect(fault.kind == kind)
            for word in words { #expect(fault.description.contains(word), "\(fault)") }
        }
        #expect(try texts() == before)
    }

    private func texts() throws -> [String: [UInt8]] {
        try Dictionary(
            uniqueKeysWithValues: files.names(inFolder: "/h").map {
                ($0, try files.read("/h/\($0)", limit: .max).get())
            })
    }

    @Test("of another server is refused, with both addresses and what to do")
    func otherServer() async throws {
        try await export(ServedPast(10))
        try await expectRefusal(.otherServer, "https://n8n.example.com", "https://other.example.com", "--dir") {
            try await export(ServedPast(10), of: "https://other.example.com")
        }
    }

    @Test("of another server is not read together with this one's either")
    func twoFolders() async throws {
        try await export(ServedPast(10))
        files.write(
            "/other/executions.jsonl", String(decoding: try #require(try texts()["executions.jsonl"]), as: UTF8.self))
        files.write("/other/export.state", ListState.line(server: "https://other.example.com"))
        let fault = #expect(throws: HistoryFault.self) { try HistoryReader.read(["/h", "/other"], files) }
        #expect(fault?.kind == .otherServer && fault?.description.contains("/other those of https://other") == true)
        files.write("/other/export.state", ListState.line(server: "https://n8n.example.com"))
        #expect(try HistoryReader.read(["/h", "/other"], files).rows.count == 10)
    }

    @Test("takes a folder over that an earlier version made, and notes the server")
    func earlier() async throws {
        try await export(ServedPast(10))
        let text = String(decoding: try #require(try texts()["export.state"]), as: UTF8.self)
        #expect(text.hasPrefix("server https://n8n.example.com - .\n"))
        files.write("/h/export.state", String(text.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"))
        try await export(ServedPast(11))
        #expect(
            String(decoding: try #require(try texts()["export.state"]), as: UTF8.self).contains("server https://n8n"))
        #expect(try HistoryReader.read(["/h"], files).rows.count == 11)
    }

    @Test("of a database in which an id is another run is refused, whatever else is new")
    func otherDatabase() async throws {
        try await export(ServedPast(10))
        let other = ServedPast(12, begun: .noon + .days(400))
        try await expectRefusal(.otherServer, "execution 10 ", "another one", "put back") {
            try await export(other)
        }
    }

    @Test("of a database that was put back is refused once an id of a run that was not kept is given again")
    func putBack() async throws {
        let past = ServedPast(8)
        past.add(ServedPast.row(10))
        try await export(past)
        let restored = ServedPast(8)
        let now = ServerTime.noon + .days(30)
        restored.add(
            Execution(id: "9", workflow: "w", status: .success, createdAt: now, startedAt: now, stoppedAt: now))
        try await expectRefusal(.otherServer, "execution 9 was made at", "the higher id 10") {
            try await export(restored)
        }
    }

    @Test("beside another one is refused as long as that goes on, and not longer")
    func twice() async throws {
        try await export(ServedPast(10))
        var hold = try files.hold("/h/export.state")
        #expect(hold != nil)
        try await expectRefusal(.held, "another export writes into /h") { try await export(ServedPast(10)) }
        hold = nil
        #expect(try await export(ServedPast(11)).rows == 11)
    }

    @Test("notes which retries were the agent's, each once, and says so")
    func agent() async throws {
        let past = ServedPast(10)
        past.add(Execution(id: "11", workflow: "w", status: .success, retryOf: "10", startedAt: .noon + .hours(12)))
        past.add(Execution(id: "12", workflow: "w", status: .success, retryOf: "10", startedAt: .noon + .hours(13)))
        let untold = try await export(past)
        #expect(untold.senders?.words?.hasPrefix("who sent a retry is not told: all 2 count as people's") == true)
        let told = try await export(past, agent: AgentRuns(since: .noon, runs: ["11"]))
        #expect(told.senders?.words?.hasPrefix("1 of 2 retries was the agent's own") == true)
        let before = try texts()
        try await export(past, agent: AgentRuns(since: .noon, runs: ["11"]))
        #expect(try texts() == before)
        // A ledger that was begun anew does not make it forget.
        try await export(past, agent: AgentRuns(since: .noon + .days(1), runs: ["12"], stopped: ["3"]))
        let all = AgentRuns(since: .noon, runs: ["11", "12"], stopped: ["3"])
        #expect(try HistoryReader.read(["/h"], files).agent == all)
    }
}

/// Time that passes while somebody waits for it, and only then.
private final class FastClock: AgentClock {
    private let time = Mutex(Period.zero)
    func now() -> AgentTime { .noon + time.withLock { $0 } }
    func monotonic() -> Period { time.withLock { $0 } }
    func sleep(for period: Period) async throws { time.withLock { $0 = $0 + period } }
}
