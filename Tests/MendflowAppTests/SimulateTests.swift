import FoundationEssentials
import MendflowCore
import MendflowHTTP
import MendflowSimulator
import Testing

@testable import MendflowApp

@Suite("simulate")
struct SimulateTests {
    private static let month = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/CDemoHistory")

    private static func month(_ files: [String]) throws -> RecordedPast {
        var past = RecordedPast()
        for file in files { try past.read(month.appending(path: file).path) }
        return past
    }

    private static func end(of past: RecordedPast) throws -> Timestamp {
        let ends = past.rows.compactMap { $0["stoppedAt"]?.text }.compactMap { Timestamp(rfc3339: $0) }
        return try #require(ends.max())
    }

    private static func answer(_ path: String, _ n8n: inout Simulator) throws -> Simulator.JSON {
        let request = HTTPRequest(.get, "/api/v1" + path, headers: ["X-N8N-API-KEY": "test-key"])
        guard case .answer(let response) = n8n.receive(request, now: n8n.now) else { return [:] }
        #expect(response.status == 200, "\(path)")
        return try Simulator.JSON(parsing: response.body)
    }

    @Test("serves the recorded month row by row as it was recorded, in every era and mode")
    func month() throws {
        let past = try Self.month(["executions.jsonl.gz", "workflows.json.gz"])
        for kind in Simulator.Configuration.everyKind {
            var n8n = try past.simulator(at: Self.end(of: past), kind)
            var rows: [Simulator.JSON] = []
            var cursor = ""
            repeat {
                let page = try Self.answer("/executions?limit=250&cursor=\(cursor)", &n8n)
                rows += page["data"]?.elements ?? []
                cursor = page["nextCursor"]?.text ?? ""
            } while !cursor.isEmpty
            #expect(rows.count == past.rows.count)
            let differing = zip(rows, past.rows).first { $0 != $1 }
            #expect(differing == nil, "\(kind.release), \(kind.mode)")
        }
    }

    @Test("serves the recorded data of the month")
    func details() throws {
        let past = try Self.month(["executions.jsonl.gz", "details.jsonl.gz", "workflows.json.gz"])
        var n8n = try past.simulator(at: Self.end(of: past), .init(era: .c))
        for detail in past.details.enumerated().filter({ $0.offset % 29 == 0 }).map(\.element) {
            let id = try #require(detail["id"]?.text)
            let answer = try Self.answer("/executions/\(id)?includeData=true", &n8n)
            for key in ["status", "data", "workflowData", "retryOf", "startedAt", "stoppedAt"] {
                #expect(answer[key] == detail[key], "\(key) of \(id)")
            }
        }
    }

    @Test("takes rows, data and workflows in one file in any order, and makes up workflows that were not exported")
    func mixed() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "past-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = """
            {"id":"8","workflowId":"w2","status":"success","mode":"trigger","startedAt":"2026-05-01T10:00:00.000Z","stoppedAt":"2026-05-01T10:00:01.000Z"}
            {"data":[{"id":"7","workflowId":"w1","status":"error","mode":"webhook","startedAt":"2026-05-01T09:00:00.000Z","stoppedAt":"2026-05-01T09:00:01.000Z"}],"nextCursor":null}
            {"id":"w1","name":"Orders","nodes":[]}

            """
        try Data(text.utf8).write(to: file)
        var n8n = try Simulate.simulator(
            .init(port: 0, speed: 1, release: "2.37.1", workers: 2, history: [file.path], isLive: true),
            at: Timestamp(milliseconds: 1_800_000_000_000))
        #expect(n8n.configuration.release == .init(2, 37, 1))
        #expect(n8n.configuration.mode == .queue(workers: 2))
        #expect(n8n.database.workflows["w1"]?.name == "Orders")
        #expect(n8n.database.workflows["w2"]?.name == "w2")
        let rows = try Self.answer("/executions", &n8n)["data"]?.elements ?? []
        #expect(rows.map { $0["id"] } == ["8", "7"])
        #expect(rows.first?["stoppedAt"]?.text == "2027-01-15T08:00:00.000Z", "the newest end is now")
        _ = n8n.advance(to: n8n.now + 10_000)
        #expect(n8n.database.ids.count > 2, "the workflows go on")
        #expect(n8n.database.ids.compactMap { n8n.database[$0] }.contains { $0.id > 8 && $0.status == .error })
    }

    @Test("says what is wrong with a history")
    func faults() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "past-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("{}\nnonsense\n".utf8).write(to: file)
        func failure(_ history: [String], release: String = "C") -> String? {
            do throws(MendflowFailure) {
                _ = try Simulate.simulator(
                    .init(port: 0, speed: 1, release: release, history: history), at: Timestamp(milliseconds: 0))
                return nil
            } catch { return error.message }
        }
        #expect(failure([file.path])?.hasPrefix("\(file.path):2: is not JSON") == true)
        #expect(failure(["/nowhere/x.jsonl"])?.contains("/nowhere/x.jsonl") == true)
        try Data("{}\n".utf8).write(to: file)
        #expect(failure([file.path])?.contains("no executions") == true)
        #expect(failure([], release: "D")?.contains("neither A, B or C") == true)
    }
}
