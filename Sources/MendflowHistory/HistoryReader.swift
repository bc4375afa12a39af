import MendflowCore
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
        if let rows = SavedAnswers.rows(piece), rows.allSatisfy({ $0.id.number != nil }) {
            let conflicts = rows.enumerated().compactMap { place, row in history.add(row).map { (place, row, $0) } }
            let lines = conflicts.isEmpty ? [] : HistoryReader.filledLines(of: piece, from: firstLine)
            for (place, row, conflict) in conflicts {
                tell(conflict, of: row, at: Place(file: path, line: place < lines.count ? lines[place] : firstLine))
            }
            return
        }
        var number = firstLine
        for line in piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            defer { number += 1 }
            guard line.contains(where: { !isBlank($0) }) else { continue }
            if HistoryLines.isEvidence(line) {
                do throws(HistoryFault) { try add(HistoryLines.evidence(Array(line))) } catch {
                    throw HistoryFault(description: "\(path):\(number): \(error.description)")
                }
                continue
            }
            do throws(SavedAnswers.Fault) {
                try add(SavedAnswers.read(Array(line)), at: Place(file: path, line: number))
            } catch {
                // One value over many lines: then its first line alone is none.
                if isFirst, number == firstLine {
                    do throws(SavedAnswers.Fault) {
                        try add(SavedAnswers.read(Array(text)), at: Place(file: path, line: number))
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

    /// The numbers of the lines that are not blank.
    private static func filledLines(of piece: [UInt8], from first: Int) -> [Int] {
        piece.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .filter { !$0.element.allSatisfy(isBlank) }.map { first + $0.offset }
    }
}

extension HistoryReader {
    private typealias Place = HistoryFinding.Place

    private mutating func add(_ evidence: HistoryLines.Evidence) throws(HistoryFault) {
        switch evidence {
        case .detail(let id, let detail):
            guard id.number != nil else { throw HistoryFault(description: HistoryReader.noNumber(id)) }
            history.add(detail, of: id)
        case .workflow(let workflow): history.add(workflow)
        }
    }

    private mutating func add(_ items: [SavedAnswers.Item], at line: Place) throws(SavedAnswers.Fault) {
        for (number, item) in items.enumerated() {
            var place = line
            place.element = items.count > 1 ? number + 1 : nil
            let row: Execution
            let conflict: RowConflict?
            switch item.value {
            case .workflow(let workflow):
                history.add(workflow)
                continue
            case .row(let read):
                row = try HistoryReader.numbered(read, place)
                conflict = history.add(row)
            case .execution(let detailed):
                row = try HistoryReader.numbered(detailed.execution, place)
                conflict = history.add(detailed)
            }
            for time in item.unreadTimes {
                let words = "\(time.member) \(time.written) is no time"
                tell(.unreadableTime, of: row, at: place, words, "taken as not told")
            }
            if let conflict { tell(conflict, of: row, at: place) }
        }
    }

    private mutating func tell(_ conflict: RowConflict, of row: Execution, at place: Place) {
        let done = conflict.laterCounts ? "this row counts" : "the earlier row counts, which has ended"
        tell(.conflict, of: row, at: place, conflict.words, done)
    }

    private mutating func tell(
        _ kind: HistoryFinding.Kind, of row: Execution, at place: Place, _ words: String, _ done: String
    ) {
        history.findings.add(
            HistoryFinding(kind: kind, execution: row.id, place: place, words: words, done: done))
    }

    /// n8n counts executions: whatever has another id comes from elsewhere, or was damaged.
    private static func numbered(_ row: Execution, _ place: Place) throws(SavedAnswers.Fault) -> Execution {
        if row.id.number != nil { return row }
        throw SavedAnswers.Fault(description: noNumber(row.id), element: place.element)
    }

    private static func noNumber(_ id: ExecutionID) -> String {
        "has the id '\(id.text)', and n8n's executions have numbers"
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
