import FoundationEssentials
import MendflowCore
import MendflowHTTP
import MendflowSimulator
import MendflowWorkspace
import Testing

@testable import MendflowRehearsal

@Suite("simulate")
struct SimulateTests {
    private static let month = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/CDemoHistory")

    private static func month(_ files: [String]) throws -> RecordedPast {
        var past = RecordedPast()
        for file in files { try past.read(month.appending(path: file).path) }
        return past
    }

    private static func end(of past: RecordedPast) throws -> ServerTime {
        let ends = past.rows.compactMap { $0["stoppedAt"]?.text }.compactMap { ServerTime(rfc3339: $0) }
        return try #require(ends.max())
    }

    private static func answer(_ path: String, _ n8n: inout Simulator) throws -> Simulator.JSON {
        let request = HTTPRequest(.get, "/api/v1" + path, headers: ["X-N8N-API-KEY": "test-key"])
        guard case .answer(let response) = n8n.receive(request, now: n8n.now) else { return [:] }
        #expect(response.status == 200, "\(path)")
        return try Simulator.JSON(parsing: response.body)
    }

    @Test("serves the recorded month row by row as it was recorded, in every era and mode; era A hides what waits")
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
            let shown = past.rows.filter { kind.release.era != .a || $0["status"] != "waiting" }
            #expect(rows.count == shown.count)
            let differing = zip(rows, shown).first { $0 != $1 }
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
            {"id":6,"workflowId":"w1","status":"error","mode":"webhook","startedAt":"2026-05-01T08:59:55.000Z","stoppedAt":"2026-05-01T08:59:56.000Z"}
            {"id":"w1","name":"Orders","nodes":[]}

            """
        try Data(text.utf8).write(to: file)
        var n8n = try Simulate.simulator(
            .init(port: 0, speed: 1, release: "2.37.1", workers: 2, history: [file.path], isLive: true),
            at: ServerTime(milliseconds: 1_800_000_000_000))
        #expect(n8n.configuration.release == .init(2, 37, 1))
        #expect(n8n.configuration.mode == .queue(workers: 2))
        #expect(n8n.database.workflows["w1"]?.name == "Orders")
        #expect(n8n.database.workflows["w2"]?.name == "w2")
        let rows = try Self.answer("/executions", &n8n)["data"]?.elements ?? []
        #expect(rows.map { $0["id"] } == ["8", "7", "6"])
        #expect(rows.first?["stoppedAt"]?.text == "2027-01-15T08:00:00.000Z", "the newest end is now")
        _ = n8n.advance(to: n8n.now + 10_000)
        #expect(n8n.database.ids.count > 2, "the workflows go on")
        #expect(n8n.database.ids.compactMap { n8n.database[$0] }.contains { $0.id > 8 && $0.status == .error })
    }

    private static let noon = ServerTime(milliseconds: 1_800_000_000_000)

    private func with<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
        let file = FileManager.default.temporaryDirectory.appending(path: "past-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        return try body(file.path)
    }

    @Test("serves the same times at every start where it is told when the past ends", arguments: ["A", "C"])
    func until(release: String) throws {
        let until = Self.noon - .hours(5)
        try with(Self.row) { path in
            for history in [[path], []] {
                let starts = try [Self.noon, Self.noon + .hours(1)].map { now in
                    var n8n = try Simulate.simulator(
                        .init(port: 0, speed: 1, release: release, history: history, until: until), at: now)
                    return try Self.answer("/executions?limit=250", &n8n)
                }
                #expect(starts[0] == starts[1])
                let ends = starts[0]["data"]?.elements?.compactMap { $0["stoppedAt"]?.text } ?? []
                #expect(ends.compactMap { ServerTime(rfc3339: $0) }.max() == until)
            }
        }
        #expect(throws: MendflowFailure.self) {
            try Simulate.simulator(
                .init(port: 0, speed: 1, release: "C", until: Self.noon + .seconds(1)), at: Self.noon)
        }
    }

    @Test("says how many failures are unknown, when the past ends, and what the tag's id is")
    func summary() throws {
        let said = try with(Self.row) { path in
            let options = Simulate.Options(port: 0, speed: 1, release: "C", history: [path])
            return Simulate.summary(of: try Simulate.simulator(options, at: Self.noon), until: Self.noon)
        }
        #expect(said.contains("\n1 failed run has no recorded data"))
        #expect(said.contains("the past ends at \(Self.noon.rfc3339)") && !said.contains("as fast"))
        #expect(said.contains("needs-human has the id DemoTag000000001"))
        let builtIn = try Simulate.simulator(.init(port: 0, speed: 1, release: "C"), at: Self.noon)
        #expect(!Simulate.summary(of: builtIn, until: Self.noon).contains("no recorded data"))
        #expect(Simulate.summary(of: builtIn, until: Self.noon, speed: 60).contains("\nits time runs 60 times as fast"))
    }

    @Test("lets executions of a loaded history be tagged")
    func tags() throws {
        try with(Self.row) { path in
            var n8n = try Simulate.simulator(.init(port: 0, speed: 1, release: "C", history: [path]), at: Self.noon)
            var put = HTTPRequest(.put, "/api/v1/executions/7/tags", headers: ["X-N8N-API-KEY": "test-key"])
            put.headers["Content-Type"] = "application/json"
            put.body = Array(#"[{"id":"DemoTag000000001"}]"#.utf8)
            guard case .answer(let response) = n8n.receive(put, now: n8n.now) else { return }
            #expect(response.status == 200)
            #expect(n8n.database[7]?.tags == ["DemoTag000000001"])
        }
    }

    @Test("gives the key the scopes that are named, and workers the slots")
    func scopesAndSlots() throws {
        let n8n = try Simulate.simulator(
            .init(port: 0, speed: 1, release: "C", workers: 2, slots: 3, scopes: ["execution:list"]), at: Self.noon)
        #expect(n8n.configuration.keys.map(\.scopes) == [["execution:list"]])
        #expect(n8n.configuration.mode == .queue(workers: 2, slots: 3))
        for options in [
            Simulate.Options(port: 0, speed: 1, release: "C", slots: 3),
            .init(port: 0, speed: 1, release: "C", scopes: ["execution:lists"]),
        ] {
            #expect(throws: MendflowFailure.self) { try Simulate.simulator(options, at: Self.noon) }
        }
    }

    @Test("lets the built-in workflows go on as often as they were started")
    func builtInLive() throws {
        var n8n = try Simulate.simulator(.init(port: 0, speed: 1, release: "C", isLive: true), at: Self.noon)
        let before = n8n.database.ids.count
        _ = n8n.advance(to: n8n.now + Period.hours(6).milliseconds + 1)
        let reminders = n8n.database.ids.count { n8n.database[$0]?.workflowID == DemoWorld.reminders }
        #expect(reminders == 6, "three were there; one more now, in three hours, and in six")
        // The month has about 4,300 starts, six an hour.
        #expect((10...80).contains(n8n.database.ids.count - before))
    }

    @Test("keeps what was loaded as long as what is made here")
    func pruning() throws {
        let old = Self.row.replacing("2026-05-01", with: "2024-05-01").replacing("7,", with: "6,")
        try with(Self.row + "\n" + old) { path in
            var n8n = try Simulate.simulator(.init(port: 0, speed: 1, release: "C", history: [path]), at: Self.noon)
            _ = n8n.advance(to: n8n.now + Period.days(2).milliseconds)
            #expect(n8n.database.ids == [6, 7])
        }
    }

    /// What is said of a history of that text; nil where it is served.
    private func failure(_ text: [UInt8]) throws -> String? {
        let file = FileManager.default.temporaryDirectory.appending(path: "past-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text).write(to: file)
        return failure([file.path])?.replacing(file.path, with: "F")
    }

    private func failure(_ history: [String], release: String = "C") -> String? {
        do throws(MendflowFailure) {
            _ = try Simulate.simulator(
                .init(port: 0, speed: 1, release: release, history: history), at: ServerTime(milliseconds: 0))
            return nil
        } catch { return error.message }
    }

    private static let row =
        #"{"id":7,"workflowId":"w","status":"error","mode":"webhook","stoppedAt":"2026-05-01T09:00:00Z"}"#

    @Test(
        "says what is wrong with a history, and where",
        arguments: [
            ("\n\n{\"id\":\nnonsense\n", "F:4: is not JSON"), (row + "\n\nnonsense\n", "F:3: is not JSON"),
            ("[\n" + row + ",\n{\"id\":}\n]", "F:3: is not JSON"), ("{}\n", "F:1: is neither an execution"),
            (row + "\n{\"message\":\"Unauthorized\"}\n", "F:2: is an answer of n8n that says \"Unauthorized\""),
            ("{\"data\":[" + row + ",{\"id\":8}]}", "F:1, element 2: is neither an execution"),
            (
                row + "\n" + row.replacing("\"w\"", with: "\"v\""),
                "F:2: execution 7 is of workflow v here and of w at F:1"
            ),
            (row.replacing("7,", with: "9223372036854775807,"), "F:1: has the id 9223372036854775807"),
            (row.replacing("stoppedAt", with: "updatedAt"), "none of the history's 1 executions has a start or an end"),
            ("{\"data\":[],\"nextCursor\":null}", "the history has no executions"), ("\n \n", "F is empty"),
        ])
    func faults(text: String, said: String) throws {
        let failure = try failure(Array(text.utf8))
        #expect(failure?.hasPrefix(said) == true, "\(failure ?? "served")")
    }

    @Test("reads a history with a byte order mark, with carriage returns, or over several lines")
    func layouts() throws {
        #expect(try failure([0xEF, 0xBB, 0xBF] + Array(Self.row.utf8)) == nil)
        #expect(try failure([0xEF, 0xBB, 0xBF] + Array("[\n\(Self.row)\n]".utf8)) == nil)
        #expect(try failure(Array("\(Self.row)\r\n\r\n\(Self.row)\r\n".utf8)) == nil)
    }

    @Test("takes a folder as `history export` writes it, with the workflows' names and without the data of what failed")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "past-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = [
            "executions.jsonl": Self.row, "details.jsonl": #"{"detail":{"status":"error"},"of":"7"}"#,
            "workflows.jsonl": #"{"workflow":{"active":false,"id":"w","name":"Orders","saves_successes":false}}"#,
            "export.state": "whatever", "history.columns": "whatever",
        ]
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        let options = Simulate.Options(port: 0, speed: 1, release: "C", history: [folder.path])
        let n8n = try Simulate.simulator(options, at: Self.noon)
        let workflow = try #require(n8n.database.workflows["w"])
        #expect(workflow.name == "Orders" && workflow.settings["saveDataSuccessExecution"]?.text == "none")
        #expect(Simulate.summary(of: n8n, until: Self.noon).contains("1 failed run has no recorded data"))
        for name in files.keys where name.hasSuffix("jsonl") {
            try FileManager.default.removeItem(at: folder.appending(path: name))
        }
        #expect(failure([folder.path])?.contains("no files that end in .jsonl") == true)
    }

    @Test("refuses files and releases that are not there")
    func missing() {
        #expect(failure(["/nowhere/x.jsonl"])?.contains("/nowhere/x.jsonl") == true)
        #expect(failure([], release: "E")?.contains("neither A, B, C or D") == true)
        #expect(failure([], release: "1.122")?.contains("older than 1.123.0") == true)
    }
}
