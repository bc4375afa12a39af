import MendflowCore
import MendflowHints
import MendflowSimulator
import MendflowTestKit
import Testing

extension Hint {
    /// All of it in one line, as the expected texts beside the recordings have it.
    var line: String {
        [
            source.rawValue, execution.text, claim.rawValue, workflow?.text ?? "-",
            at.map { "\($0.milliseconds)" } ?? "-",
            mode.word, retryOf?.text ?? "-",
        ].joined(separator: " ")
    }
}

private let folder = "Tests/Fixtures/hints/"

@Suite("What n8n 2.41.1 was recorded to tell")
struct RecordedHintTests {
    @Test("by its tracing is read from the raw requests", arguments: ["first", "queue-worker", "resumed", "retry"])
    func requests(name: String) throws {
        let batch = try TraceExport.read(Repository.bytes("\(folder)otlp/\(name).bin"))
        let told = ["release \(batch.release ?? "-"), \(batch.spans) spans"] + batch.hints.map(\.line)
        let wanted = try Repository.text("\(folder)otlp/\(name).expected").split(separator: "\n").map(String.init)
        #expect(told == wanted)
    }

    @Test("by its tracing is read from every span, whatever became of its run")
    func spans() throws {
        var told: [String] = []
        for line in try Repository.text("\(folder)spans.jsonl").split(separator: "\n") {
            let span = try #require(try? Simulator.JSON(parsing: Array(line.utf8)[...]))
            let batch = try TraceExport.read(
                Simulator.traceExport([Self.span(span)], resource: span["resource"] ?? [:]))
            #expect(batch.release == "2.41.1" && batch.spans == 1)
            let attributes = span["attributes"]
            let word = { (name: String) in attributes?["n8n.\(name)"]?.text ?? "-" }
            let wanted = [
                "span", word("execution.id"), word("execution.status"), word("workflow.id"),
                "\((span["end"]?.integer ?? 0) / 1_000_000)", word("execution.mode"), word("execution.retry_of"),
            ]
            guard span["name"]?.text == "workflow.execute" else {
                #expect(batch.hints.isEmpty, "\(line)")
                continue
            }
            #expect(batch.hints.map(\.line) == [wanted.joined(separator: " ")])
            told += batch.hints.map(\.claim.rawValue)
        }
        let counts = Dictionary(grouping: told) { $0 }.mapValues(\.count)
        #expect(counts == ["success": 66, "error": 48, "canceled": 5, "waiting": 8])
    }

    private static func span(_ json: Simulator.JSON) -> Simulator.TraceSpan {
        Simulator.TraceSpan(
            trace: Array(json["trace"]?.text?.utf8 ?? "".utf8), id: Array(json["span"]?.text?.utf8 ?? "".utf8),
            name: json["name"]?.text ?? "", start: json["start"]?.integer ?? 0, end: json["end"]?.integer ?? 0,
            attributes: json["attributes"] ?? [:], code: json["status"]?.integer ?? 0, exception: "a secret")
    }

    @Test("by its Error Trigger is read from what an error workflow was given")
    func failures() throws {
        let posts = try Repository.text("\(folder)error-trigger.jsonl").split(separator: "\n")
        let told = try posts.map { post in
            try #require(ErrorTriggerPost.read(Array(post.utf8))).line
        }
        let wanted = try Repository.text("\(folder)error-trigger.expected").split(separator: "\n").map(String.init)
        #expect(told == wanted)
    }
}

@Suite("A hint")
struct HintTests {
    @Test("is a reason to look where it tells of a failure, or of a retry that went well")
    func reasons() {
        #expect(Hint(.span, "5", .error).isReasonToLook)
        #expect(Hint(.span, "5", .canceled).isReasonToLook)
        #expect(Hint(.errorTrigger, "5", .crashed).isReasonToLook)
        #expect(Hint(.span, "5", .success, retryOf: "3").isReasonToLook)
        #expect(!Hint(.span, "5", .success).isReasonToLook)
        #expect(!Hint(.span, "5", .waiting).isReasonToLook)
        #expect(!Hint(.span, "5", .waiting, retryOf: "3").isReasonToLook)
        #expect(!Hint(.span, "5", .unrecognised).isReasonToLook)
    }

    @Test(
        "names an execution by a plain number, or is none",
        arguments: ["", "0", "007", "-1", "1.5", "5x", "99999999999999999999", "١", "5\n"])
    func strangeIDs(id: String) throws {
        #expect(try traces(["n8n.execution.id": .string(id), "n8n.execution.status": "error"]).hints.isEmpty)
        let post = Simulator.JSON.object(.init([("execution", ["id": .string(id)])])).bytes
        #expect(ErrorTriggerPost.read(post) == nil)
    }

    @Test("keeps no word that n8n would not write")
    func strangeWords() throws {
        let long = String(repeating: "w", count: 65)
        let batch = try traces([
            "n8n.execution.id": "7", "n8n.execution.status": "on fire", "n8n.workflow.id": .string(long),
            "n8n.execution.mode": "web hook", "n8n.execution.retry_of": "<b>6</b>",
        ])
        #expect(batch.hints == [Hint(.span, "7", .unrecognised, at: ServerTime(milliseconds: 2))])
        #expect(batch.release == nil)
    }

    @Test("may name its execution by a number instead of a text")
    func numbers() throws {
        let batch = try traces(["n8n.execution.id": 41, "n8n.execution.status": "error", "n8n.execution.retry_of": -3])
        #expect(batch.hints.map(\.execution) == ["41"])
        #expect(batch.hints.map(\.retryOf) == [nil])
    }

    private func traces(_ attributes: Simulator.JSON) throws -> HintBatch {
        let span = Simulator.TraceSpan(
            trace: [1], id: [2], name: "workflow.execute", start: 1_000_000, end: 2_999_999, attributes: attributes,
            code: 2)
        return try TraceExport.read(Simulator.traceExport([span], resource: ["service.version": "2.41.1 <script>"]))
    }
}
