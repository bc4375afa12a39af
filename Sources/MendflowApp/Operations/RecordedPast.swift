import MendflowCore
import MendflowHistory
import MendflowSimulator

/// What n8n answered about its past, read from files: list rows, executions with data, workflows.
///
/// A file holds one JSON value a line, or one array, or one answer of the API (`{"data": [...]}`); plain or gzip. What
/// each value is follows from its fields, so rows, data and workflows may be mixed and come in any order.
struct RecordedPast {
    private(set) var workflows: [Simulator.JSON] = []
    private(set) var rows: [Simulator.JSON] = []
    private(set) var details: [Simulator.JSON] = []

    /// The largest file that is read, before and after it is unpacked.
    private static let limit = 1 << 30

    /// Reads one more file.
    mutating func read(_ path: String) throws(MendflowFailure) {
        var bytes: [UInt8]
        do {
            bytes = try TextFile.read(path, limit: Self.limit).get()
        } catch {
            throw MendflowFailure(.usage, "the history cannot be read: \(error)")
        }
        if bytes.starts(with: [0x1f, 0x8b]) {
            do { bytes = try Gzip.inflate(bytes, limit: Self.limit) } catch {
                throw MendflowFailure(.usage, "\(path) \(error.description)")
            }
        }
        if let whole = try? Simulator.JSON(parsing: bytes) {
            take(whole)
            return
        }
        for (number, line) in HistoryRows.lines(bytes).enumerated() {
            do { take(try Simulator.JSON(parsing: line)) } catch {
                throw MendflowFailure(.usage, "\(path):\(number + 1): is not JSON: \(error)")
            }
        }
    }

    private mutating func take(_ json: Simulator.JSON) {
        if let elements = json.elements ?? json["data"]?.elements {
            for element in elements { take(element) }
        } else if json["status"] != nil, json["workflowId"] != nil {
            if json["data"] == nil { rows.append(json) } else { details.append(json) }
        } else if json["nodes"] != nil {
            workflows.append(json)
        }
    }

    /// A server with that past, moved so that its newest end is now.
    func simulator(
        at now: Timestamp, _ configuration: Simulator.Configuration
    ) throws(MendflowFailure) -> Simulator {
        let times = (rows + details).compactMap { $0["stoppedAt"]?.text ?? $0["startedAt"]?.text }
        guard let last = times.compactMap({ Timestamp(rfc3339: $0) }).max() else {
            throw MendflowFailure(
                .usage, "the history has no executions: give files of lines as GET /executions answers them")
        }
        var simulator = Simulator(now: now.milliseconds, configuration: configuration)
        simulator.load(workflows: workflows, rows: rows, details: details, shift: (now - last).milliseconds)
        return simulator
    }
}
