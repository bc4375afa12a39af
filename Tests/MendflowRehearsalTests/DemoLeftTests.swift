import FoundationEssentials
import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHost
import MendflowSimulator
import MendflowWorkspace
import Testing

@testable import MendflowRehearsal

@Suite("What the demo leaves behind")
struct DemoLeftTests {
    private static func answer(_ path: String, _ n8n: inout Simulator) throws -> String {
        let request = HTTPRequest(.get, "/api/v1" + path, headers: ["X-N8N-API-KEY": "test-key"])
        guard case .answer(let response) = n8n.receive(request, now: n8n.now) else { return "" }
        return String(decoding: response.body, as: UTF8.self)
    }

    @Test("is the same n8n: every row, its data, its tags and its workflow are answered as before")
    func same() throws {
        let noon = ServerTime(milliseconds: 1_800_000_000_000)
        var n8n = try DemoWorld.simulator(at: noon)
        let triggered = n8n.trigger(DemoWorld.invoices, now: n8n.now)
        let failed = try #require(triggered)
        _ = n8n.advance(to: n8n.now + 1_000)
        let tags = Array(#"[{"id":"\#(DemoWorld.tagID)"}]"#.utf8)
        let headers: HTTPHeaders = ["X-N8N-API-KEY": "test-key", "Content-Type": "application/json"]
        for request in [
            HTTPRequest(.post, "/api/v1/executions/\(failed)/retry", headers: headers, body: Array("{}".utf8)),
            HTTPRequest(.put, "/api/v1/executions/\(failed)/tags", headers: headers, body: tags),
        ] {
            _ = n8n.receive(request, now: n8n.now)
            _ = n8n.advance(to: n8n.now + 5_000)
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let left = DemoFolder(folder, MachineFiles())
        try left.write(url: "http://127.0.0.1:1")
        let end = try #require(try left.keep(n8n))

        var past = RecordedPast()
        try past.read(left.history)
        let now = ServerTime(milliseconds: n8n.now)
        var again = try past.simulator(at: now, until: end, .init())
        let newest = n8n.database.ids.suffix(20)
        #expect(again.database.ids == n8n.database.ids)
        for path in ["/executions?limit=250", "/workflows?limit=250"]
            + newest.map({ "/executions/\($0)?includeData=true" })
        {
            #expect(try Self.answer(path, &again) == Self.answer(path, &n8n), "\(path)")
        }
        #expect(try Self.answer("/executions/\(failed)/tags", &again).contains("needs-human"))
    }

    @Test("has a configuration and policies of which nothing is to be said")
    func findings() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let left = DemoFolder(folder, MachineFiles())
        try left.write(url: "http://127.0.0.1:1")
        let loaded = try Workspace.load(path: left.configuration, environment: .machine([:]))
        #expect(loaded.report.text() == "")
    }

    @Test("is never put over what a demo left before")
    func before() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let left = DemoFolder(folder, MachineFiles())
        try left.write(url: "http://127.0.0.1:1")
        #expect { try left.write(url: "http://127.0.0.1:2") } throws: { "\($0)".contains("is there already") }
        #expect(MachineFiles().exposure(folder + "/n8n.key") == nil)
    }

    @Test("is looked at by three commands, whose paths a shell takes as one word")
    func commands() {
        let left = Demo.Report.Left(
            folder: "/tmp/it's", configuration: "/tmp/it's/mendflow.yaml", ledger: "", history: "/tmp/n8n.jsonl",
            until: ServerTime(milliseconds: 1_800_000_000_001), port: 4711, execution: "5635")
        #expect(
            left.commands(program: "mendflow").map(\.line) == [
                #"mendflow inbox --config '/tmp/it'\''s/mendflow.yaml'"#,
                "mendflow simulate --history /tmp/n8n.jsonl --until 2027-01-15T08:00:00.001Z --port 4711 & sleep 5",
                #"mendflow explain 5635 --config '/tmp/it'\''s/mendflow.yaml'"#,
            ])
    }
}
