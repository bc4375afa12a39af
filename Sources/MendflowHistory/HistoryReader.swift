import MendflowCore
package import MendflowEnvironment
import MendflowN8N

/// Reads histories from files: what `history export` writes, and whatever n8n's Public API answers.
///
/// A file holds one JSON value a line, one array, or one answer of the API (`{"data": [...]}`), plain or gzip. What each
/// value is (a row, an execution with its data, a workflow) follows from its members, so they may be mixed and come in any
/// order. A line that is none of these is left out, with a finding that names its place; of a file that has none that can be
/// read it is an error. Nothing is left out without a word.
///
/// A file is read some lines at a time, so that nothing of its text stays in memory.
package struct HistoryReader {
    /// What was read.
    package private(set) var history = History()
    private let files: any FileSystem
    /// Whether what is damaged is left out, with a finding; else it is an error.
    private let leavesOut: Bool
    private static let endings = [".jsonl", ".json", ".jsonl.gz", ".json.gz", ".ndjson", ".ndjson.gz"]

    /// Makes a reader.
    package init(_ files: any FileSystem, leavesOutDamage: Bool = false) {
        self.files = files
        leavesOut = leavesOutDamage
    }

    /// Everything in some files and folders. What was read is kept in columns beside the first of them, which are taken where
    /// nothing has changed since.
    package static func read(_ paths: [String], _ files: any FileSystem) throws(HistoryFault) -> History {
        try ListState.refuseMixture(of: paths, files)
        let columns = ColumnFile(besides: paths.first, paths.flatMap { names($0, files) }, files)
        let kept = columns?.read()
        var history: History
        if let whole = kept?.history {
            history = whole
        } else {
            var reader = HistoryReader(files, leavesOutDamage: true)
            for path in paths { try reader.read(path) }
            reader.history.sort()
            history = reader.history
            columns?.write(history)
        }
        history.kept = kept?.columns
        guard !history.rows.isEmpty else {
            let names = paths.joined(separator: ", ")
            throw HistoryFault(
                description:
                    "\(names) \(paths.count == 1 ? "has" : "have") no executions: give what GET /executions answers, a row a line"
            )
        }
        return history
    }

    /// The files that a path stands for: itself, or those of a folder whose names say that they are JSON.
    package static func names(_ path: String, _ files: any FileSystem) -> [String] {
        guard files.isFolder(path) else { return [path] }
        return files.names(inFolder: path).filter { name in HistoryReader.endings.contains { name.hasSuffix($0) } }
            .map { FilePath.of($0, inFolder: path) }
    }

    /// Reads one more file, or the files of a folder whose names say that they are JSON.
    package mutating func read(_ path: String) throws(HistoryFault) {
        let names = HistoryReader.names(path, files)
        guard !names.isEmpty else {
            throw HistoryFault(description: "\(path) has no files that end in .jsonl, .ndjson or .json, plain or .gz")
        }
        for name in names { try readFile(name) }
    }

    private mutating func readFile(_ path: String) throws(HistoryFault) {
        var text = try HistoryText(path, files, takesEarlyEnd: leavesOut)
        var place = LinePlace(path: path)
        while let count = try text.next() {
            place.isFirst = text.isFirst
            try read(text.buffer, count, at: &place)
            if place.isWhole { return }
        }
        if text.endsEarly {
            try leaveOut(
                HistoryReader.damage(
                    "the file's gzip data ends early", at: place.finding, done: "what stood from here on is left out"),
                &place)
        }
        guard place.hasContent else { throw HistoryFault(description: "\(path) is empty") }
        if !place.hasValue, let fault = place.fault { throw fault }
    }

    /// Leaves out what is damaged, or ends with it where nothing is left out, or it is something else.
    private mutating func leaveOut(_ fault: HistoryFault, _ place: inout LinePlace) throws(HistoryFault) {
        guard leavesOut, let damage = fault.damage else { throw fault }
        place.fault = place.fault ?? fault
        place.hasContent = true
        history.findings.add(damage)
    }

    private static func damage(
        _ words: String, at place: HistoryFinding.Place, done: String = "left out"
    ) -> HistoryFault {
        HistoryFault(
            description: "\(place): \(words)",
            damage: HistoryFinding(kind: .damaged, execution: nil, place: place, words: words, done: done))
    }

    /// How far a file is read.
    private struct LinePlace {
        var path: String
        /// The next line's number.
        var line = 1
        /// Whether the first lines of the file are read.
        var isFirst = true
        /// Whether there was more than blanks, and whether any of it could be read.
        var hasContent = false, hasValue = false
        /// The first line that could not be read.
        var fault: HistoryFault?
        /// Whether it is worth a try to read some lines at once as rows: not again where it failed.
        var triesPages = true
        /// Whether the file turned out to be one value over many lines, all of which was read.
        var isWhole = false

        /// Where the next line stands.
        var finding: HistoryFinding.Place { HistoryFinding.Place(file: path, line: line) }
    }

    /// Reads the lines at the beginning of a buffer: as rows at once where they are rows, else one by one.
    private mutating func read(_ bytes: [UInt8], _ count: Int, at place: inout LinePlace) throws(HistoryFault) {
        var start = 0
        while start < count {
            takeRows(bytes, count, from: &start, &place)
            guard start < count else { return }
            let end = HistoryReader.lineEnd(bytes, count, start)
            if end - start <= HistoryReader.longestRow, takeOtherRows(bytes, count, from: &start, &place) { continue }
            do throws(HistoryFault) {
                try readLine(Array(bytes[start..<end]), isFirst: place.isFirst && start == 0, &place)
            } catch { try leaveOut(error, &place) }
            if place.isWhole { return }
            start = end + 1
            place.line += 1
        }
    }

    /// Takes the rows that stand one a line as n8n writes them.
    private mutating func takeRows(_ bytes: [UInt8], _ count: Int, from start: inout Int, _ place: inout LinePlace) {
        history.goOn(at: place.finding)
        RowLineReader.read(bytes, first: count) { reader in
            while let (row, end) = reader.row(at: start) {
                history.add(row, of: bytes)
                start = end
                place.line += 1
                (place.hasContent, place.hasValue) = (true, true)
            }
        }
    }

    /// No row is longer; what is, is an execution with its data.
    private static let longestRow = 4096
    /// So many rows are read at once as a page.
    private static let mostRows = 4000

    /// Takes rows that are written in any other way, where all of the next lines are such; false where they are not.
    private mutating func takeOtherRows(
        _ bytes: [UInt8], _ count: Int, from start: inout Int, _ place: inout LinePlace
    ) -> Bool {
        guard place.triesPages else { return false }
        var (end, lines) = (start, 0)
        /// The lines that are not blank, by how far they are away.
        var filled: [Int] = []
        while end < count, lines < HistoryReader.mostRows {
            let lineEnd = HistoryReader.lineEnd(bytes, count, end)
            if !bytes[end..<lineEnd].allSatisfy(isBlank) { filled.append(lines) }
            end = min(count, lineEnd + 1)
            lines += 1
        }
        guard let rows = SavedAnswers.rows(Array(bytes[start..<end])), rows.count == filled.count, !rows.isEmpty,
            rows.allSatisfy({ $0.id.number != nil })
        else {
            place.triesPages = false
            return false
        }
        for (row, line) in zip(rows, filled) {
            history.goOn(at: HistoryFinding.Place(file: place.path, line: place.line + line))
            history.add(row)
        }
        start = end
        place.line += lines
        (place.hasContent, place.hasValue) = (true, true)
        return true
    }

    private static func lineEnd(_ bytes: [UInt8], _ count: Int, _ start: Int) -> Int {
        var end = start
        while end < count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end
    }

    private mutating func readLine(
        _ line: [UInt8], isFirst: Bool, _ place: inout LinePlace
    ) throws(HistoryFault) {
        guard line.contains(where: { !isBlank($0) }) else { return }
        place.hasContent = true
        if HistoryLines.isEvidence(line) {
            do throws(HistoryFault) { try add(HistoryLines.evidence(line), at: place.finding) } catch {
                throw HistoryReader.damage(error.description, at: place.finding)
            }
            place.hasValue = true
            return
        }
        do throws(SavedAnswers.Fault) { try add(SavedAnswers.read(line), at: place.finding) } catch {
            // One value over many lines: then its first line alone is none.
            if isFirst, try readWhole(&place, error) { return }
            throw HistoryReader.damage(error.description, at: place.finding.element(error.element))
        }
        place.hasValue = true
    }

    /// Reads all of a file as one value; false where it is none. What is wrong with a whole value is told, and not that its
    /// first line is none.
    private mutating func readWhole(
        _ place: inout LinePlace, _ ofLine: SavedAnswers.Fault
    ) throws(HistoryFault) -> Bool {
        let text = try HistoryText.whole(place.path, files)
        do throws(SavedAnswers.Fault) { try add(SavedAnswers.read(text), at: place.finding) } catch {
            let isValue = ofLine.isNoJSON && !error.isNoJSON
            guard isValue || error.element != nil else { return false }
            throw HistoryFault(description: "\(place.finding.element(error.element)): \(error.description)")
        }
        place.isWhole = true
        return true
    }
}

extension HistoryReader {
    private mutating func add(
        _ evidence: HistoryLines.Evidence, at place: HistoryFinding.Place
    ) throws(HistoryFault) {
        switch evidence {
        case .detail(let id, let detail):
            guard id.number != nil else { throw HistoryFault(description: HistoryReader.noNumber(id)) }
            history.add(detail, of: id, at: place)
        case .workflow(let workflow): history.add(workflow)
        case .agent(let told): history.add(told)
        }
    }

    private mutating func add(
        _ items: [SavedAnswers.Item], at line: HistoryFinding.Place
    ) throws(SavedAnswers.Fault) {
        for (number, item) in items.enumerated() {
            var place = line
            place.element = items.count > 1 ? number + 1 : nil
            history.goOn(at: place)
            let row: Execution
            switch item.value {
            case .workflow(let workflow):
                history.add(workflow)
                continue
            case .row(let read):
                row = try HistoryReader.numbered(read, place)
                history.add(row)
            case .execution(let detailed):
                row = try HistoryReader.numbered(detailed.execution, place)
                history.add(detailed)
            }
            for time in item.unreadTimes {
                history.findings.add(
                    HistoryFinding(
                        kind: .unreadableTime, execution: row.id, place: place,
                        words: "\(time.member) \(time.written) is no time", done: "taken as not told"))
            }
        }
    }

    /// n8n counts executions: whatever has another id comes from elsewhere, or was damaged.
    private static func numbered(
        _ row: Execution, _ place: HistoryFinding.Place
    ) throws(SavedAnswers.Fault) -> Execution {
        if row.id.number != nil { return row }
        throw SavedAnswers.Fault(description: noNumber(row.id), element: place.element)
    }

    private static func noNumber(_ id: ExecutionID) -> String {
        "has the id '\(id.text)', and n8n's executions have numbers"
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
