package import MendflowCore
import MendflowEnvironment
import MendflowGzip
import MendflowHistory
package import MendflowSimulator
package import MendflowWorkspace

/// What n8n answered about its past, read from files: list rows, executions with data, workflows.
///
/// A file holds one JSON value a line, or one array, or one answer of the API (`{"data": [...]}`); plain or gzip. What
/// each value is follows from its fields, so rows, data and workflows may be mixed and come in any order; workflows and evidence of
/// `history export` are known too. What is none of these is an error that names its place: nothing is left out without a word.
package struct RecordedPast {
    private(set) var workflows: [Simulator.JSON] = []
    private(set) var rows: [Simulator.JSON] = []
    private(set) var details: [Simulator.JSON] = []
    /// When the newest of them ended, or began where it did not end.
    private(set) var end: ServerTime?
    /// The oldest time that any of them tells, and where.
    private var oldest: (time: ServerTime, place: Place)?
    /// The workflow of each execution, and where it was read first.
    private var known: [Int: (workflow: String, place: Place)] = [:]

    /// The largest file that is read, before and after it is unpacked.
    private static let limit = 1 << 30

    /// Where a value stands.
    private struct Place: CustomStringConvertible {
        var path: String
        var line: Int
        /// Its number, from 1, in the list that begins on that line.
        var element: Int?
        var description: String { "\(path):\(line)" + (element.map { ", element \($0)" } ?? "") }
    }

    /// Makes a past without anything in it.
    package init() {}

    /// Reads one more file, or the files of a folder whose names say that they are JSON.
    mutating func read(_ path: String) throws(MendflowFailure) {
        let files = HistoryReader.names(path, MachineFiles())
        guard !files.isEmpty else {
            throw MendflowFailure(.file, "\(path) has no files that end in .jsonl, .ndjson or .json, plain or .gz")
        }
        for file in files { try read(Self.bytes(of: file), from: file) }
    }

    /// Reads one more file's bytes, unpacked.
    package mutating func read(_ bytes: [UInt8], from path: String) throws(MendflowFailure) {
        let lines = HistoryRows.lines(bytes)
        guard let first = lines.first else { throw MendflowFailure(.file, "\(path) is empty") }
        var values: [(Int, Simulator.JSON)] = []
        do {
            for (number, text) in lines { values.append((number, try Simulator.JSON(parsing: text))) }
        } catch {
            // One value over many lines, unless the first line is one already.
            guard values.isEmpty else { throw Self.fault(path, lines[values.count].number, "\(error)") }
            values = [(first.number, try Self.whole(bytes, path))]
        }
        for (number, json) in values { try add(json, Place(path: path, line: number)) }
    }

    private static func bytes(of path: String) throws(MendflowFailure) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try MachineFiles().read(path, limit: Self.limit).get()
        } catch {
            throw NamedFile.failure("\(error)", of: path, MachineFiles())
        }
        guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
        do { return try Gzip.inflate(bytes, limit: Self.limit) } catch {
            throw MendflowFailure(.file, "\(path) \(error.description)")
        }
    }

    private static func whole(_ bytes: [UInt8], _ path: String) throws(MendflowFailure) -> Simulator.JSON {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        do { return try Simulator.JSON(parsing: text) } catch {
            let line = text.prefix(error.offset).count { $0 == UInt8(ascii: "\n") } + 1
            throw fault(path, line, error.message)
        }
    }

    private static func fault(_ path: String, _ line: Int, _ reason: String) -> MendflowFailure {
        MendflowFailure(.file, "\(path):\(line): is not JSON: \(reason)")
    }

    /// Takes a value, or those of a list.
    private mutating func add(_ json: Simulator.JSON, _ place: Place) throws(MendflowFailure) {
        guard let elements = json.elements ?? json["data"]?.elements else { return try addOne(json, place) }
        for (number, element) in elements.enumerated() {
            var place = place
            place.element = number + 1
            try add(element, place)
        }
    }

    private mutating func addOne(_ json: Simulator.JSON, _ place: Place) throws(MendflowFailure) {
        if let workflow = Self.exported(json) { return workflows.append(workflow) }
        // Evidence of an export is not what n8n answered: its run stays without data, which is said when it is served.
        if json["of"]?.text != nil, json["detail"]?.object != nil { return }
        let kind: Simulator.Recorded
        do { kind = try Simulator.recorded(json) } catch {
            throw MendflowFailure(.file, "\(place): \(error)")
        }
        switch kind {
        case .workflow: workflows.append(json)
        case .execution(let id, let workflow, let start, let stop):
            if let other = known[id], other.workflow != workflow {
                throw MendflowFailure(
                    .file,
                    "\(place): execution \(id) is of workflow \(workflow) here and of \(other.workflow) at "
                        + "\(other.place); give the files of one n8n")
            }
            known[id] = known[id] ?? (workflow, place)
            if let time = stop ?? start {
                end = max(end ?? ServerTime(milliseconds: time), ServerTime(milliseconds: time))
            }
            let times = ["createdAt", "startedAt", "stoppedAt", "waitTill"].compactMap { json[$0]?.text }
            if let time = times.compactMap({ ServerTime(rfc3339: $0) }).min(), oldest.map({ time < $0.time }) ?? true {
                oldest = (time, place)
            }
            if json["data"] == nil { rows.append(json) } else { details.append(json) }
        }
    }

    /// A workflow as `history export` writes it; nil where it is something else.
    private static func exported(_ json: Simulator.JSON) -> Simulator.JSON? {
        guard let known = json["workflow"], let id = known["id"], let name = known["name"] else { return nil }
        var settings: Simulator.JSON = ["executionOrder": "v1"]
        if known["saves_failures"]?.flag == false { settings["saveDataErrorExecution"] = "none" }
        if known["saves_successes"]?.flag == false { settings["saveDataSuccessExecution"] = "none" }
        return [
            "id": id, "name": name, "active": known["active"] ?? true, "nodes": [], "connections": [:],
            "settings": settings,
        ]
    }

    /// A server with that past, moved so that its newest end is at `until`.
    package func simulator(
        at now: ServerTime, until: ServerTime? = nil, _ configuration: Simulator.Configuration
    ) throws(MendflowFailure) -> Simulator {
        guard !rows.isEmpty || !details.isEmpty else {
            throw MendflowFailure(
                .file, "the history has no executions: give files of lines as GET /executions answers them")
        }
        guard let end else {
            throw MendflowFailure(
                .file,
                "none of the history's \(known.count) executions has a start or an end, so nobody can tell when "
                    + "it was: give rows with startedAt and stoppedAt")
        }
        let shift = (until ?? now) - end
        if let oldest, (oldest.time + shift).milliseconds < 0 {
            throw MendflowFailure(
                .file,
                "\(oldest.place): has the time \(oldest.time.rfc3339), and the newest execution is of \(end.rfc3339): moved to now, it would be "
                    + "before 1970")
        }
        var simulator = Simulator(now: now.milliseconds, configuration: configuration)
        simulator.load(
            workflows: workflows, rows: rows, details: details, shift: shift.milliseconds)
        return simulator
    }
}
