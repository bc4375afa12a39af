import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowTestKit
import Testing

@testable import MendflowHistory

@Suite("A history in files")
struct HistoryReaderTests {
    private static let row =
        #"{"id":"7","finished":false,"mode":"webhook","retryOf":null,"retrySuccessId":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","waitTill":null}"#
    private static let workflow = #"{"id":"w1","name":"Order sync","active":true,"nodes":[]}"#
    private static let detail =
        #"{"id":"7","mode":"webhook","retryOf":null,"status":"error","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","data":{"resultData":{"error":{"message":"read ECONNRESET","httpCode":"ECONNRESET"},"runData":{}}}}"#

    private func read(_ files: [String: String], _ paths: [String]? = nil) throws -> History {
        try HistoryReader.read(paths ?? files.keys.sorted(), MemoryFiles(files))
    }

    @Test(
        "is read whatever the values stand in",
        arguments: [
            "\(row)\n\(workflow)\n", "\(workflow)\n\n\(row)", "[\(row),\n\(workflow)]",
            "{\"data\":[\(row)],\"nextCursor\":null}",
            "\u{FEFF}\(row)\r\n",
        ])
    func forms(_ text: String) throws {
        let history = try read(["/a.jsonl": text])
        #expect(history.rows.map(\.id) == ["7"])
        #expect(history.rows.first?.status == .error)
        if text.contains("Order sync") { #expect(history.workflows["w1"]?.name == "Order sync") }
    }

    @Test("knows an execution with its data from a row, alone and in an answer of the API")
    func details() throws {
        for text in [Self.detail, "{\"data\":[\(Self.detail)],\"nextCursor\":null}", "\(Self.row)\n\(Self.detail)"] {
            let history = try read(["/a.jsonl": text])
            #expect(history.rows.count == 1)
            #expect(history.details["7"]?.error?.httpCode == "ECONNRESET")
        }
    }

    @Test("is read from all files of a folder that say they are JSON")
    func folder() throws {
        let files = ["/h/b.jsonl": Self.row, "/h/a.json": "[\(Self.workflow)]", "/h/notes.txt": "no JSON"]
        let history = try read(files, ["/h"])
        #expect(history.rows.count == 1 && history.workflows.count == 1)
        #expect(throws: HistoryFault.self) { try read(["/h/notes.txt": "x"], ["/h"]) }
    }

    @Test("keeps of two rows of one execution the one that tells its end")
    func twice() throws {
        let running = Self.row.replacing("error", with: "running").replacing(
            "\"2026-05-04T10:00:01.000Z\"", with: "null")
        for text in ["\(running)\n\(Self.row)", "\(Self.row)\n\(running)"] {
            let history = try read(["/a.jsonl": text])
            #expect(history.rows.count == 1)
            #expect(history.rows.first?.status == .error)
            #expect(history.rows.first?.stoppedAt != nil)
        }
    }

    @Test(
        "that holds something else is an error with its place",
        arguments: [
            ("\(row)\n{\"id\":\"8\"}", "/a.jsonl:2: is neither an execution"),
            ("\(row)\n{\"id\":\"8\",", "/a.jsonl:2: is not JSON"),
            ("\(row)\n\n{\"id\":\"8\",\"status\":\"error\"}", "/a.jsonl:3: has no `workflowId`"),
            (
                "[\(row),{\"message\":\"unauthorized\"}]",
                "/a.jsonl:1, element 2: is an answer of n8n that says \"unauthorized\""
            ),
            ("", "/a.jsonl is empty"), (workflow, "/a.jsonl has no executions"), ("7", "/a.jsonl:1: is a number"),
        ])
    func faults(_ text: String, _ words: String) {
        let fault = #expect(throws: HistoryFault.self) { try read(["/a.jsonl": text]) }
        #expect(fault?.description.hasPrefix(words) == true, "\(fault?.description ?? "")")
    }

    @Test("of many rows is read row by row as it is at once")
    func many() throws {
        let rows = (1...9_000).map { Self.row.replacing("\"7\"", with: "\"\($0)\"") }
        let history = try read(["/a.jsonl": rows.joined(separator: "\n")])
        #expect(history.rows.count == 9_000)
        #expect(history.rows.map(\.id) == history.rows.map(\.id).sorted())
    }

    @Test("of a recorded month is whole")
    func month() throws {
        let history = try HistoryReader.read([Repository.root + "Sources/CDemoHistory"], MachineFiles())
        #expect(history.rows.count == 4_433)
        #expect(history.details.count == 586)
        #expect(history.workflows.count == 9)
    }
}
