package import MendflowEnvironment
import MendflowN8N

/// A history that cannot be read; the text names the place and says what is wrong.
package struct HistoryFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and where.
    package var description: String
}

/// Reads histories from files: what `history export` writes, and whatever n8n's Public API answers.
///
/// A file holds one JSON value a line, one array, or one answer of the API (`{"data": [...]}`), plain or gzip. What each
/// value is (a row, an execution with its data, a workflow) follows from its members, so they may be mixed and come in any
/// order. What is none of these is an error that names its place: nothing is left out without a word.
package struct HistoryReader {
    /// What was read.
    package private(set) var history = History()
    private let files: any FileSystem
    /// The largest file that is read, before and after it is unpacked.
    private static let limit = 2 << 30
    /// The largest line, an execution with its data.
    private static let longestLine = 64 << 20
    private static let endings = [".jsonl", ".json", ".jsonl.gz", ".json.gz", ".ndjson", ".ndjson.gz"]

    /// Makes a reader.
    package init(_ files: any FileSystem) { self.files = files }

    /// Everything in some files and folders.
    package static func read(_ paths: [String], _ files: any FileSystem) throws(HistoryFault) -> History {
        var reader = HistoryReader(files)
        for path in paths { try reader.read(path) }
        reader.history.sort()
        guard !reader.history.rows.isEmpty else {
            let names = paths.joined(separator: ", ")
            throw HistoryFault(
                description:
                    "\(names) \(paths.count == 1 ? "has" : "have") no executions: give what GET /executions answers, a row a line"
            )
        }
        return reader.history
    }

    /// Reads one more file, or the files of a folder whose names say that they are JSON.
    package mutating func read(_ path: String) throws(HistoryFault) {
        guard files.isFolder(path) else { return try readFile(path) }
        let names = files.names(inFolder: path).filter { name in
            HistoryReader.endings.contains { name.hasSuffix($0) }
        }
        guard !names.isEmpty else {
            throw HistoryFault(description: "\(path) has no files that end in .jsonl, .ndjson or .json, plain or .gz")
        }
        for name in names { try readFile(FilePath.of(name, inFolder: path)) }
    }

    private mutating func readFile(_ path: String) throws(HistoryFault) {
        var bytes: [UInt8]
        do throws(FileFault) { bytes = try files.read(path, limit: HistoryReader.limit).get() } catch {
            throw HistoryFault(description: "the history cannot be read: \(error)")
        }
        if bytes.starts(with: [0x1f, 0x8b]) {
            do throws(GzipError) { bytes = try Gzip.inflate(bytes, limit: HistoryReader.limit) } catch {
                throw HistoryFault(description: "\(path) \(error.description)")
            }
        }
        try read(bytes, from: path)
    }

    /// Reads the bytes of a file, unpacked.
    package mutating func read(_ bytes: [UInt8], from path: String) throws(HistoryFault) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
        guard text.contains(where: { !isBlank($0) }) else { throw HistoryFault(description: "\(path) is empty") }
        var place = text.startIndex
        var line = 1
        while place < text.endIndex {
            let piece = HistoryReader.piece(of: text, from: place)
            try read(piece: Array(text[piece.range]), firstLine: line, isFirst: place == text.startIndex, path, text)
            if isWhole { break }
            place = piece.range.upperBound
            line += piece.lines
        }
        isWhole = false
    }

    /// Whether the file that is being read turned out to be one value over many lines.
    private var isWhole = false

    /// Some whole lines, about as many as can be read at once.
    private static func piece(of text: ArraySlice<UInt8>, from start: Int) -> (range: Range<Int>, lines: Int) {
        var (end, lines) = (start, 0)
        while end < text.endIndex, lines < 4000, end - start < 1 << 20 {
            end = text[end...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? text.endIndex
            lines += 1
        }
        return (start..<end, lines)
    }

    /// Reads some lines: as rows at once where all of them are rows, else one by one.
    private mutating func read(
        piece: [UInt8], firstLine: Int, isFirst: Bool, _ path: String, _ text: ArraySlice<UInt8>
    ) throws(HistoryFault) {
        if let rows = SavedAnswers.rows(piece) {
            for row in rows { history.add(row) }
            return
        }
        var number = firstLine
        for line in piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            defer { number += 1 }
            guard line.contains(where: { !isBlank($0) }) else { continue }
            if HistoryLines.isEvidence(line) {
                do throws(HistoryFault) { add(try HistoryLines.evidence(Array(line))) } catch {
                    throw HistoryFault(description: "\(path):\(number): \(error.description)")
                }
                continue
            }
            do throws(SavedAnswers.Fault) { try add(SavedAnswers.read(Array(line))) } catch {
                // One value over many lines: then its first line alone is none.
                if isFirst, number == firstLine {
                    do throws(SavedAnswers.Fault) {
                        add(try SavedAnswers.read(Array(text)))
                        isWhole = true
                        return
                    } catch  where error.element != nil {
                        throw HistoryFault(
                            description: "\(path):\(number), element \(error.element ?? 0): \(error.description)")
                    } catch {}
                }
                let element = error.element.map { ", element \($0)" } ?? ""
                throw HistoryFault(description: "\(path):\(number)\(element): \(error.description)")
            }
        }
    }

    private mutating func add(_ evidence: HistoryLines.Evidence) {
        switch evidence {
        case .detail(let id, let detail): history.add(detail, of: id)
        case .workflow(let workflow): history.add(workflow)
        }
    }

    private mutating func add(_ values: [SavedAnswers.Value]) {
        for value in values {
            switch value {
            case .row(let row): history.add(row)
            case .execution(let detailed): history.add(detailed)
            case .workflow(let workflow): history.add(workflow)
            }
        }
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
