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

    @Test("tells of two rows of one execution that both cannot be so, and not of one that is merely older")
    func conflicts() throws {
        func conflicts(_ other: String) throws -> [String] {
            try read(["/a.jsonl": "\(Self.row)\n\n\(other)\n\(Self.workflow)"]).findings.first.map(\.description)
        }
        #expect(try conflicts(Self.row) == [])
        #expect(try conflicts(Self.row.replacing("\"error\"", with: "\"running\"")) == [])
        #expect(try conflicts(Self.row.replacing("\"error\"", with: "\"crashed\"")) == [])
        for (part, other, words) in [
            ("\"error\"", "\"success\"", "status success, an earlier row says error"),
            ("\"w1\"", "\"w2\"", "workflowId w2, an earlier row says w1"),
            (
                "10:00:00.000", "09:00:00.000",
                "startedAt 2026-05-04T09:00:00.000Z, an earlier row says 2026-05-04T10:00:00.000Z"
            ),
            (
                "10:00:01.000", "10:00:09.000",
                "stoppedAt 2026-05-04T10:00:09.000Z, an earlier row says 2026-05-04T10:00:01.000Z"
            ),
        ] {
            let found = try conflicts(Self.row.replacing(part, with: other))
            #expect(found == ["/a.jsonl:3: execution 7: \(words): this row counts"])
        }
        let live = Self.row.replacing("\"error\"", with: "\"running\"").replacing("\"w1\"", with: "\"w2\"")
        #expect(try conflicts(live).first?.hasSuffix(": the earlier row counts, which has ended") ?? false)
    }

    @Test("names the line of a contradiction among rows that are read at once, and counts more than it keeps")
    func manyConflicts() throws {
        let rows = (1...150).map { Self.row.replacing("\"7\"", with: "\"\($0)\"") }
        let others = rows.map { $0.replacing("\"error\"", with: "\"success\"") }
        let history = try read(["/a.jsonl": (rows + [""] + others).joined(separator: "\n")])
        #expect(history.findings.count(.conflict) == 150 && history.findings.first.count == HistoryFindings.mostKept)
        #expect(history.findings.first.map(\.place.line) == Array(152..<252))
        #expect(history.rows.allSatisfy { $0.status == .success })
    }

    @Test("tells of times that stand there and are none, each with its place, and of none that are merely missing")
    func unreadTimes() throws {
        let bad = Self.row.replacing("2026-05-04T10:00:01.000Z", with: "yester\\u001bday")
        let none = Self.row.replacing("\"2026-05-04T10:00:01.000Z\"", with: "null")
        func found(_ text: String) throws -> [String] { try read(["/a.jsonl": text]).findings.first.map(\.description) }
        let lone = try found("\(none)\n\n\(bad.replacing("\"7\"", with: "\"8\""))\n\(Self.workflow)")
        #expect(lone == ["/a.jsonl:3: execution 8: stoppedAt \"yester\u{1B}day\" is no time: taken as not told"])
        let two = bad.replacing("\"2026-05-04T10:00:00.000Z\"", with: "1777888800000")
        #expect(
            try found("[\(none),\n\(two)]") == [
                "/a.jsonl:1, element 2: execution 7: startedAt 1777888800000 is no time: taken as not told",
                "/a.jsonl:1, element 2: execution 7: stoppedAt \"yester\u{1B}day\" is no time: taken as not told",
            ])
        #expect(try found(Self.detail.replacing("10:00:01.000", with: "25:00:01.000")).count == 1)
        #expect(try found(Self.row.replacing("\"waitTill\":null", with: "\"waitTill\":\"soon\"")).count == 1)
        #expect(try found("\(none)\n\(Self.row)") == [])
    }

    @Test(
        "that holds something else is an error with its place",
        arguments: [
            ("{\"id\":\"8\"}\n{\"id\":\"8\",", "/a.jsonl:1: is neither an execution"),
            ("[\(row),\(row.replacing("\"7\"", with: "\"-1\""))]", "/a.jsonl:1, element 2: has the id '-1'"),
            ("{\n\"note\": 1\n}\n", "/a.jsonl:1: is neither an execution"),
            ("[\n\(row),\n{\"note\":1}\n]", "/a.jsonl:1, element 2: is neither an execution"),
            ("{\n\"note\": 1", "/a.jsonl:1: is not JSON"),
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

    @Test(
        "is read without a line that holds something else, which is told with its place",
        arguments: [
            ("{\"id\":\"8\"}", "is neither an execution"), ("{\"id\":\"8\",", "is not JSON, or is cut off"),
            ("{\"id\":\"8\",\"status\":\"error\"}", "has no `workflowId`"),
            (row.replacing("\"7\"", with: "\"abc\""), "has the id 'abc', and n8n's"),
            ("{\"detail\":{\"nope\":1},\"of\":\"7\"}", "is evidence that this version cannot read"),
            ("{\"detail\":", "is evidence that this version cannot read"), ("\0\0\0", "is not JSON"),
        ])
    func damagedLine(_ line: String, _ words: String) throws {
        let other = Self.row.replacing("\"7\"", with: "\"9\"")
        for (text, number) in [("\(Self.row)\n\n\(line)\n\(other)\n", 3), ("\(line)\n\(Self.row)\n\(other)", 1)] {
            let history = try read(["/a.jsonl": text])
            #expect(history.rows.map(\.id) == ["7", "9"])
            #expect(history.findings.count(.damaged) == 1 && !history.findings.isWhole)
            let found = try #require(history.findings.first.first?.description)
            #expect(found.hasPrefix("/a.jsonl:\(number): \(words)") && found.hasSuffix(": left out"), "\(found)")
            // Whoever writes on to it, or tests by it, does not go on without a word.
            var strict = HistoryReader(MemoryFiles(["/a.jsonl": text]))
            let fault = #expect(throws: HistoryFault.self) { try strict.read("/a.jsonl") }
            #expect(fault?.description.hasPrefix("/a.jsonl:\(number): \(words)") ?? false)
        }
    }

    @Test("counts all lines that are left out, and keeps the first")
    func manyDamaged() throws {
        let lines = (1...150).map { "damaged \($0)" }
        let history = try read(["/a.jsonl": ([Self.row] + lines).joined(separator: "\n"), "/b.jsonl": Self.workflow])
        #expect(history.rows.count == 1 && history.workflows.count == 1)
        #expect(history.findings.count(.damaged) == 150)
        #expect(history.findings.first(.damaged).map(\.place.line) == Array(2..<102))
    }

    @Test("that is packed and cut off is read up to its last whole line, and what is missing is told")
    func cutOffGzip() throws {
        let rows = (1...3_000).map { Self.row.replacing("\"7\"", with: "\"\($0)\"") }
        let whole = zipped(rows.joined(separator: "\n"))
        let files = MemoryFiles([:])
        func read(_ bytes: [UInt8]) throws -> History {
            var rest: [UInt8]? = bytes
            try files.replace("/a.jsonl.gz") {
                defer { rest = nil }
                return rest
            }
            return try HistoryReader.read(["/a.jsonl.gz"], files)
        }
        #expect(try read(whole).findings.isWhole)
        let history = try read(Array(whole[..<(whole.count / 2)]))
        let count = history.rows.count
        #expect(count > 100 && count < 3_000 && history.rows.last?.id.text == "\(count)")
        let place = "/a.jsonl.gz:\(count + 1)"
        #expect(
            history.findings.first.map(\.description) == [
                "\(place): the file's gzip data ends early: what stood from here on is left out"
            ])
        // Of what ends before its first line there is nothing, and where the check sum is another one nothing can be trusted.
        #expect(throws: HistoryFault.self) { try read(Array(whole[..<20])) }
        var damaged = whole
        damaged[whole.count - 6] ^= 0xFF
        #expect(throws: HistoryFault.self) { try read(damaged) }
    }

    @Test("tells of data of an execution that has no row, with the place")
    func dataWithoutRow() throws {
        func line(_ id: String) throws -> String {
            let detail = try #require(try read(["/a.jsonl": Self.detail]).details["7"])
            return HistoryLines.line(detail, of: ExecutionID(id))
        }
        let text = try "\(line("7"))\(Self.row)\n\(line("5"))\n\(line("6"))"
        let history = try read(["/a.jsonl": text])
        #expect(
            history.findings.first.map(\.description) == [
                "/a.jsonl:3: execution 5: data without a row: not looked at",
                "/a.jsonl:5: execution 6: data without a row: not looked at",
            ])
        #expect(history.findings.isWhole)
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
