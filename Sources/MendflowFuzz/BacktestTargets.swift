import MendflowCore
import MendflowEnvironment
import MendflowGzip
import MendflowHistory
private import Synchronization

extension FuzzTarget {
    /// Histories as backtests read them: rows, executions with data, workflows, evidence, in any mixture, damaged or packed.
    static let backtest = FuzzTarget("backtest", seeds: ["Tests/Fixtures/fuzz/backtest"]) {
        bytes throws(BrokenPromise) in
        guard let history = read(bytes) else { return }
        try promise(read(bytes).map { same($0, history) } ?? false, "what is read twice is the same")
        try promise(
            history.rows.map(\.id) == history.rows.map(\.id).sorted()
                && Set(history.rows.map(\.id)).count == history.rows.count,
            "each execution is there once, in order")
        for row in history.rows { try promise(history[id: row.id] == row, "\(row.id) is found") }
        try promise(history.rows.count <= bytes.count * 1100, "no more rows than bytes, unpacked")
        let kept = history.findings.first.count
        try promise(kept <= 4 * HistoryFindings.mostKept, "of what is wrong as much is told as somebody reads: \(kept)")
        try again(history)
        guard !bytes.starts(with: Gzip.mark), let packed = packed(bytes) else { return }
        try promise(read(packed).map { same($0, history) } ?? false, "packed it is the same history")
    }

    /// Files of columns beside a history: whatever stands in them, the history is what its own files say.
    static let columns = FuzzTarget("columns", seeds: ["Tests/Fixtures/fuzz/columns"]) { bytes throws(BrokenPromise) in
        let files = FuzzedFiles(large)
        guard let history = try? HistoryReader.read(["/h/a.jsonl"], files), let written = files.columns else {
            throw BrokenPromise(description: "a history is read, and its columns are kept")
        }
        try promise(history.kept == .absent, "there are no columns at first")
        // Behind the mark and the stamp, which tell whose columns they are.
        let length = written[17..<25].reversed().reduce(0) { $0 << 8 | Int($1) }
        files.columns = Array(written.prefix(25 + length)) + bytes
        let other = try? HistoryReader.read(["/h/a.jsonl"], files)
        try promise(other.map { same($0, history) } ?? false, "columns tell nothing else than their files")
        // The same behind part of what was written, so that what comes later is reached.
        let half = 25 + length + Int(bytes.first ?? 0) * max(1, written.count - 25 - length) / 256
        files.columns = Array(written.prefix(half)) + bytes.dropFirst()
        let third = try? HistoryReader.read(["/h/a.jsonl"], files)
        try promise(third.map { same($0, history) } ?? false, "columns tell nothing else than their files")
    }

    private static func read(_ bytes: [UInt8]) -> History? {
        try? HistoryReader.read(["/h/a.jsonl"], FuzzedFiles(bytes))
    }

    private static func same(_ one: History, _ other: History) -> Bool {
        one.rows.elementsEqual(other.rows) && one.details.count == other.details.count
            && one.rows.allSatisfy { one.details[$0.id] == other.details[$0.id] }
            && one.workflows == other.workflows && one.findings == other.findings
    }

    /// Written as an export writes it and read again it is the same history, but for what was wrong with it.
    private static func again(_ history: History) throws(BrokenPromise) {
        let lines = history.lines
        guard let other = read(Array(lines.utf8)) else {
            throw BrokenPromise(description: "an export can be read: \(lines)")
        }
        try promise(
            other.lines == lines, "an export that is read and written again is the same: \(lines)\n\(other.lines)")
    }

    private static func packed(_ bytes: [UInt8]) -> [UInt8]? {
        guard let writer = try? GzipWriter() else { return nil }
        return writer.pack(bytes) + writer.finish()
    }

    /// A history that is large enough for columns to be kept of it.
    private static let large: [UInt8] = {
        let rows = (1...40).map { number in
            #"{"id":"\#(number)","finished":false,"mode":"webhook","retryOf":null,"retrySuccessId":null,"#
                + #""status":"\#(number % 3 == 0 ? "success" : "error")","createdAt":"2026-05-04T10:00:00.000Z","#
                + #""startedAt":"2026-05-04T10:00:0\#(number % 10).000Z","stoppedAt":"2026-05-04T10:01:00.000Z","#
                + #""workflowId":"w\#(number % 4)","waitTill":null}"#
        }
        // What is blank makes it large and says nothing.
        return Array((rows.joined(separator: "\n") + String(repeating: "\n", count: 1 << 18)).utf8)
    }()
}

/// A folder with one file of a history, and what is kept beside it.
private final class FuzzedFiles: FileSystem {
    private let text: [UInt8]
    private let kept = Mutex<[UInt8]?>(nil)
    let workingFolder = "/"

    init(_ text: [UInt8]) { self.text = text }

    var columns: [UInt8]? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }

    private func bytes(_ path: String) -> [UInt8]? { path.hasSuffix(".columns") ? columns : text }

    func read(_ path: String, limit: Int) -> Result<[UInt8], FileFault> {
        bytes(path).map { .success($0) } ?? .failure(FileFault("\(path): No such file", isMissing: true))
    }
    func reader(of path: String) throws(FileFault) -> any FileReader { BytesReader(try read(path, limit: .max).get()) }
    func size(of path: String) -> Int? { bytes(path)?.count }
    func writtenAt(_ path: String) -> AgentTime? { AgentTime(milliseconds: 1_780_000_000_000) }
    func exists(_ path: String) -> Bool { bytes(path) != nil }
    func isFolder(_ path: String) -> Bool { false }
    func replace(_ path: String, pieces next: () -> [UInt8]?) throws(FileFault) {
        var written: [UInt8] = []
        while let piece = next() { written += piece }
        columns = written
    }

    // Nothing else is done with a history.
    func eachLine(of path: String, limit: Int, _ use: ([UInt8]) -> Bool) throws(FileFault) {}
    func create(_ path: String, _ text: String) throws(FileFault) -> Bool { false }
    func append(_ path: String, _ text: String) throws(FileFault) {}
    func replace(_ path: String, _ text: String) throws(FileFault) {}
    func cut(_ path: String, to size: Int) throws(FileFault) {}
    func makeFolder(_ path: String) throws(FileFault) {}
    func hold(_ path: String) throws(FileFault) -> (any FileHold)? { nil }
    func names(inFolder path: String) -> [String] { [] }
    func exposure(_ path: String) -> String? { nil }
}
