import Glibc
import MendflowCore
import MendflowHTTP
import MendflowN8N
import MendflowPolicy
import MendflowText
import Synchronization

/// `read`: how fast answers become rows and evidence, by the reader that the agent has, without a network.
enum ReadBench {
    /// The rows and the details of a recorded history, an answer of n8n's per line.
    static func run(rows: String, details: String) async throws {
        let lines = try lines(of: rows)
        let pages = stride(from: 0, to: lines.count, by: 250).map { start in
            let rows = lines[start..<min(start + 250, lines.count)].joined(separator: [UInt8(ascii: ",")])
            return Array(#"{"data":["#.utf8) + Array(rows) + Array(#"],"nextCursor":null}"#.utf8)
        }
        let pageReader = try reader(of: pages)
        var counts = (rows: 0, bytes: 0)
        try await report("list pages with their rows", pages, unit: "row", units: lines.count) {
            counts = (0, 0)
            for number in pages.indices {
                let page = try await pageReader.list(ListQuery(cursor: "\(number)"))
                counts.rows += page.executions.count
                counts.bytes += page.bytes
            }
        }
        guard counts.rows == lines.count else { throw BenchFailure(description: "\(counts.rows) rows were read") }

        let answers = try self.lines(of: details).map { Array($0) }
        let ids = answers.map(id)
        let detailReader = try reader(of: answers)
        var found: [ExecutionDetail] = []
        try await report("details with their evidence", answers, unit: "detail", units: answers.count) {
            found = []
            for id in ids {
                if let detail = try await detailReader.detail(id)?.detail { found.append(detail) }
            }
        }
        try classify(found.filter { $0.readability == .readable && $0.status.isFailed })
    }

    /// How long the class of an error takes to find, by the classifier and by trying all rules in order.
    private static func classify(_ details: [ExecutionDetail]) throws {
        let classifier = try BuiltInRules.classifier()
        let rules = classifier.rules
        var counts = [0, 0]
        let times = [0, 1].map { way in
            let rounds = (0..<21).map { _ in
                counts[way] = 0
                let start = Meter.processor()
                for detail in details {
                    let isFound =
                        way == 0
                        ? classifier.classify(status: detail.status, detail: detail) != .known(.unmatched)
                        : rules.contains { $0.matches(detail) }
                    if isFound { counts[way] += 1 }
                }
                return (Meter.processor() - start) * 1e6 / Double(details.count)
            }
            return rounds.sorted()[rounds.count / 2].text(2)
        }
        guard counts[0] == counts[1] else { throw BenchFailure(description: "\(counts) errors were classified") }
        Bench.write("class of an error: \(times[0]) us; trying all rules in order: \(times[1]) us")
    }

    /// Processor time of one thread, the median of rounds after one that is not counted.
    private static func report(
        _ what: String, _ bodies: [[UInt8]], unit: String, units: Int, _ round: () async throws -> Void
    ) async throws {
        let bytes = bodies.reduce(0) { $0 + $1.count }
        try await round()
        var seconds: [Double] = []
        for _ in 0..<21 {
            let start = Meter.processor()
            try await round()
            seconds.append(Meter.processor() - start)
        }
        seconds.sort()
        func rate(_ seconds: Double) -> String { (Double(bytes) / seconds / 1e6).text(0) }
        let median = seconds[seconds.count / 2]
        Bench.write(
            "\(what): \(rate(median)) MB/s (median of \(seconds.count); \(rate(seconds[seconds.count - 1])) to "
                + "\(rate(seconds[0]))), \((median * 1e6 / Double(units)).text(2)) us a \(unit), "
                + "\(bodies.count) answers of \(bytes / bodies.count) bytes on average")
    }

    private static func reader(of bodies: [[UInt8]]) throws -> N8NReader {
        N8NReader(
            connection: try N8NConnection(url: try ServerURL("http://bench.example")) { "test-key" },
            transport: Answers(bodies), clock: SteppedClock(AgentTime(milliseconds: 1_780_000_000_000))
        ) { SecretScrubber.scrub($0) }
    }

    private static func id(of row: [UInt8]) -> ExecutionID {
        ExecutionID(String(decoding: row.dropFirst(7).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self))
    }

    private static func lines(of path: String) throws -> [ArraySlice<UInt8>] {
        try bytes(of: path).split(separator: UInt8(ascii: "\n"))
    }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw BenchFailure(description: "\(path) cannot be read: error \(errno)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe read(file, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}

/// Gives its bodies in turn, again and again, in pieces of the size that libcurl's have.
private final class Answers: Transport {
    private let bodies: [[[UInt8]]]
    private let next = Mutex(0)

    init(_ bodies: [[UInt8]]) {
        self.bodies = bodies.map { body in
            stride(from: 0, to: body.count, by: 16_384).map { Array(body[$0..<min($0 + 16_384, body.count)]) }
        }
    }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let pieces = next.withLock { place in
            defer { place = (place + 1) % bodies.count }
            return bodies[place]
        }
        let head = HTTPResponseHead(
            status: 200, headers: HTTPHeaders([HTTPHeaders.Field("Content-Type", "application/json; charset=utf-8")]))
        _ = observer(.sending)
        _ = observer(.head(head))
        var received = 0
        for piece in pieces {
            received += piece.count
            _ = observer(.body(piece))
        }
        return TransferSummary(
            head: head, bytesSent: 200, bytesReceived: received, framing: .contentLength, stopped: false)
    }
}
