import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowHistory

/// Files in memory that know when they were written.
private final class DatedFiles: FileSystem {
    private let files: MemoryFiles
    private let times = Mutex<[String: Int64]>([:])

    init(_ files: [String: String]) { self.files = MemoryFiles(files) }

    func touch(_ path: String) { times.withLock { $0[path, default: 0] += 1 } }
    func write(_ path: String, _ bytes: [UInt8]) throws {
        var rest: [UInt8]? = bytes
        try files.replace(path) {
            defer { rest = nil }
            return rest
        }
    }

    var workingFolder: String { files.workingFolder }
    func writtenAt(_ path: String) -> AgentTime? { AgentTime(milliseconds: times.withLock { $0[path] ?? 0 }) }
    func read(_ path: String, limit: Int) -> Result<[UInt8], FileFault> { files.read(path, limit: limit) }
    func eachLine(of path: String, limit: Int, _ use: ([UInt8]) -> Bool) throws(FileFault) {
        try files.eachLine(of: path, limit: limit, use)
    }
    func reader(of path: String) throws(FileFault) -> any FileReader { try files.reader(of: path) }
    func size(of path: String) -> Int? { files.size(of: path) }
    func create(_ path: String, _ text: String) throws(FileFault) -> Bool { try files.create(path, text) }
    func append(_ path: String, _ text: String) throws(FileFault) { try files.append(path, text) }
    func replace(_ path: String, _ text: String) throws(FileFault) { try files.replace(path, text) }
    func replace(_ path: String, pieces next: () -> [UInt8]?) throws(FileFault) {
        try files.replace(path, pieces: next)
    }
    func cut(_ path: String, to size: Int) throws(FileFault) { try files.cut(path, to: size) }
    func makeFolder(_ path: String) throws(FileFault) {}
    func hold(_ path: String) throws(FileFault) -> (any FileHold)? { try files.hold(path) }
    func exists(_ path: String) -> Bool { files.exists(path) }
    func isFolder(_ path: String) -> Bool { files.isFolder(path) }
    func names(inFolder path: String) -> [String] { files.names(inFolder: path) }
    func exposure(_ path: String) -> String? { nil }
}

@Suite("The columns beside a history")
struct ColumnFileTests {
    private static let path = "/h/history.columns"
    private static let detail =
        #"{"id":"12","mode":"webhook","retryOf":null,"status":"error","createdAt":"2026-05-04T09:59:59.900Z","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":"2026-05-04T10:00:01.000Z","workflowId":"w1","data":{"resultData":{"error":{"timestamp":1777888801000,"message":"read ECONNRESET","httpCode":"ECONNRESET"},"runData":{}}}}"#

    /// Rows newest first, of every kind, and the data of one of them.
    private static let files: [String: String] = {
        let rows = (1...2_000).reversed().map { number -> String in
            let status = ["success", "error", "waiting", "odd"][number % 4]
            let retryOf = number % 7 == 0 ? "\"\(number - 1)\"" : "null"
            let till = status == "waiting" ? "\"2026-06-01T00:00:00.000Z\"" : "null"
            let stop = number % 11 == 0 ? "null" : "\"2026-05-04T10:00:0\(number % 10).000Z\""
            return
                #"{"id":"\#(number)","mode":"webhook","retryOf":\#(retryOf),"retrySuccessId":null,"status":"\#(status)","startedAt":"2026-05-04T10:00:00.000Z","stoppedAt":\#(stop),"workflowId":"w\#(number % 3)","waitTill":\#(till)}"#
        }
        return [
            "/h/executions.jsonl": rows.joined(separator: "\n"), "/h/details.jsonl": detail,
            "/h/workflows.json": #"[{"id":"w1","name":"Order sync","active":true,"nodes":[]}]"#,
        ]
    }()

    private func read(_ files: DatedFiles) throws -> History { try HistoryReader.read(["/h"], files) }

    private func expectSame(_ one: History, _ other: History) {
        #expect(one.agent == other.agent)
        #expect(Array(one.rows) == Array(other.rows))
        #expect(one.details.count == other.details.count && one.details["12"] == other.details["12"])
        #expect(one.workflows == other.workflows && one.span == other.span)
    }

    @Test("hold what was read, and are read instead of it")
    func round() throws {
        let files = DatedFiles(Self.files)
        let first = try read(files)
        #expect(first.rows.count == 2_000 && first.details["12"]?.error?.at?.milliseconds == 1_777_888_801_000)
        let written = try files.read(Self.path, limit: .max).get()
        #expect(!written.isEmpty)
        // What is not looked at any more may be anything, as long as it is of the same size and age.
        try files.write(
            "/h/executions.jsonl", Array(repeating: 0, count: Self.files["/h/executions.jsonl", default: ""].utf8.count)
        )
        let second = try read(files)
        expectSame(first, second)
        #expect(first.kept == .absent && second.kept == .read)
    }

    @Test("hold which retries were an agent's")
    func agent() throws {
        var texts = Self.files
        texts["/h/agent.jsonl"] =
            #"{"agent":{"since":"2026-05-01T00:00:00.000Z"}}"# + "\n" + #"{"agent":{"retry":"14"}}"# + "\n"
            + #"{"agent":{"stopped":"15"}}"# + "\n"
        let files = DatedFiles(texts)
        let first = try read(files)
        #expect(first.agent?.stopped == ["15"])
        #expect(first.agent?.runs == ["14"] && first.agent?.since?.rfc3339 == "2026-05-01T00:00:00.000Z")
        let second = try read(files)
        expectSame(first, second)
        #expect(second.kept == .read)
    }

    @Test("are read again from the files where one was written since, has another size, came or went")
    func stale() throws {
        let files = DatedFiles(Self.files)
        let first = try read(files)
        files.touch("/h/executions.jsonl")
        try files.write(Self.path, try files.read(Self.path, limit: .max).get())
        let second = try read(files)
        expectSame(first, second)
        #expect(second.kept == .stale)
        try files.append("/h/details.jsonl", "\n" + Self.detail.replacing("\"12\"", with: "\"16\""))
        #expect(try read(files).details.count == 2)
        try files.write("/h/more.jsonl", Array(Self.detail.replacing("\"12\"", with: "\"20\"").utf8))
        #expect(try read(files).details.count == 3)
    }

    @Test("are read again from the files where any byte of them is another, or any is missing")
    func damaged() throws {
        let files = DatedFiles(Self.files)
        let first = try read(files)
        let whole = try files.read(Self.path, limit: .max).get()
        let places = stride(from: 0, to: whole.count, by: 997).map { $0 } + (0..<40).map { whole.count - 1 - $0 }
        for place in places {
            var changed = whole
            changed[place] ^= 0x41
            try files.write(Self.path, place % 2 == 0 ? changed : Array(whole[..<place]))
            let second = try read(files)
            expectSame(first, second)
            // What tells of which files they are may be damaged itself.
            #expect(second.kept == .damaged || second.kept == .stale && place < 1_000)
        }
    }

    @Test("hold what was found to be wrong, under the names that the files have now")
    func findings() throws {
        var texts = Self.files
        texts["/h/details.jsonl"] = Self.detail.replacing("\"w1\"", with: "\"w2\"").replacing(
            "10:00:01.000", with: "soon")
        texts["/h/details.jsonl", default: ""] += "\n{\"id\":"
        let files = DatedFiles(texts)
        let first = try read(files).findings
        #expect(first.count(.conflict) == 1 && first.count(.unreadableTime) == 1 && first.count(.damaged) == 1)
        #expect(first.first(.damaged).first?.execution == nil)
        #expect(first.first(.conflict).first?.place.description == "/h/executions.jsonl:1989")
        #expect(try read(files).findings == first)
        let moved = DatedFiles(
            Dictionary(uniqueKeysWithValues: texts.map { ("/other" + $0.key.dropFirst(2), $0.value) }))
        try moved.write("/other/history.columns", try files.read(Self.path, limit: .max).get())
        try moved.write(
            "/other/details.jsonl", Array(repeating: 0, count: texts["/h/details.jsonl", default: ""].utf8.count))
        let there = try HistoryReader.read(["/other"], moved).findings
        #expect(there.first(.conflict).first?.place.description == "/other/executions.jsonl:1989")
    }

    @Test("are nobody's to read but their owner's, for they hold evidence")
    func mode() throws {
        let folder = try Folder()
        try folder.write("executions.jsonl", Self.files["/h/executions.jsonl", default: ""])
        let files = MachineFiles()
        let path = folder.path + "/executions.jsonl"
        let first = try HistoryReader.read([path], files)
        #expect(files.exists(path + ".columns") && files.exposure(path + ".columns") == nil)
        expectSame(first, try HistoryReader.read([path], files))
    }

    @Test("are not kept of what is read at once anyway")
    func small() throws {
        let files = DatedFiles(["/h/details.jsonl": Self.detail])
        _ = try read(files)
        #expect(!files.exists(Self.path))
    }
}
