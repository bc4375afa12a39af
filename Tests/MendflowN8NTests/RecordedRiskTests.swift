import FoundationEssentials
import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowN8N

/// A failure of a live server, or of a public report made small, with what is right to say of it.
struct RecordedShape: Sendable {
    private struct Right: Decodable {
        var repeat_risk: String?
        var risk_open: Bool?
        var start: String?
        var `class`: Classes?
        var also: [String]?
        var wait: Double?
    }
    /// One class, or several that are as good.
    private enum Classes: Decodable {
        case some([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                self = .some([one])
            } else {
                self = .some(try container.decode([String].self))
            }
        }
    }
    private struct Name: Decodable { var name: String }
    private struct Row: Decodable { var id: String }

    let name: String
    let response: String
    /// `none` or `may_repeat`; nil where either is as good.
    let risk: String?
    let start: String?
    /// The classes that are right; empty where none is judged.
    let classes: [String]
    /// Seconds from the error on in which nothing may be sent, where its texts tell them.
    let wait: Double?

    /// One a line: its name, the answer of `GET /executions/{id}?includeData=true`, and what is right.
    init(line: Substring) throws {
        let marks = (",\"response\":", ",\"right\":")
        let parts = (try #require(line.firstRange(of: marks.0)), try #require(line.ranges(of: marks.1).last))
        name = try JSONDecoder().decode(Name.self, from: Data((line[..<parts.0.lowerBound] + "}").utf8)).name
        response = String(line[parts.0.upperBound..<parts.1.lowerBound])
        let right = try JSONDecoder().decode(Right.self, from: Data(line[parts.1.upperBound...].dropLast().utf8))
        risk = right.risk_open == true ? nil : right.repeat_risk
        start = right.start
        if case .some(let named)? = right.class { classes = named + (right.also ?? []) } else { classes = [] }
        wait = right.wait
    }

    static let all: [RecordedShape] = {
        do {
            return try Repository.text("Tests/Fixtures/n8n/recorded-failures.jsonl").split(separator: "\n")
                .map(RecordedShape.init)
        } catch { fatalError("the fixture cannot be read: \(error)") }
    }()

    func detail() async throws -> DetailedExecution {
        let id = try JSONDecoder().decode(Row.self, from: Data(response.utf8)).id
        let answer = try await reader(ScriptedTransport(.json(200, response))).detail(ExecutionID(id))
        return try #require(answer)
    }
}

@Suite("The repeat risk of recorded failures")
struct RecordedRiskTests {
    @Test("no deed is taken for undone, and none for done without a reason")
    func risks() async throws {
        var seen: [RepeatRisk: Int] = [:]
        for shape in RecordedShape.all {
            let answer = try await shape.detail()
            let verdict = RepeatRiskJudge().judge(status: answer.execution.status, detail: answer.detail)
            seen[verdict.risk, default: 0] += 1
            if let start = shape.start { #expect(verdict.start.summary.contains(start), "\(shape.name)") }
            guard let risk = shape.risk else { continue }
            if risk == "none" {
                #expect([.none, .unlikely].contains(verdict.risk), "\(shape.name): \(verdict)")
            } else {
                #expect(verdict.risk != .none, "\(shape.name): \(verdict)")
            }
        }
        #expect(seen[.none, default: 0] > 150 && seen[.unlikely, default: 0] < 45, "\(seen)")
    }

    @Test("an empty stack leaves nothing to resume")
    func emptyStack() async throws {
        for name in ["n8n-wf-timeout", "n8n-wf-timeout-second", "n8n-wf-timeout-pg", "db-redis-refused-timeout"] {
            let shape = try #require(RecordedShape.all.first { $0.name == name })
            let answer = try await shape.detail()
            #expect(answer.detail.hasEmptyStack)
            #expect(RepeatRiskJudge().judge(status: .canceled, detail: answer.detail).start == .nowhere)
        }
    }

    @Test("an error with `finished: true`, or one that is older than its run, went to its end")
    func ranToItsEnd() async throws {
        for shape in RecordedShape.all { #expect(try await !shape.detail().detail.ranToItsEnd, "\(shape.name)") }
        func ran(_ changes: String) async throws -> Bool {
            let row =
                #"{"id":"1","workflowId":"w","startedAt":"2026-11-28T12:00:00.000Z","status":"error",\#(changes)}"#
            let answer = try await reader(ScriptedTransport(.json(200, row))).detail("1")
            return try #require(answer).detail.ranToItsEnd
        }
        let old = #""data":{"resultData":{"runData":{},"error":{"timestamp":1795867190000}}}"#
        #expect(try await ran(#""finished":true,"data":{"resultData":{"runData":{}}}"#))
        #expect(try await ran(old))
        #expect(try await !ran(old.replacing("1795867190000", with: "1795867200100")))
    }

    @Test("a trigger on the stack is where a retry begins only where the trigger itself failed")
    func trigger() async throws {
        func resumes(_ run: String) async throws -> Bool? {
            let row = #"""
                {"id":"1","workflowId":"w","status":"error","data":{"resultData":{"lastNodeExecuted":"Hook","runData":
                {"Hook":[{"executionStatus":"\#(run)"}]}},"executionData":{"nodeExecutionStack":[{"node":{"name":"Hook",
                "type":"n8n-nodes-base.webhook"},"data":{"main":[[{}]]},"source":null}]}}}
                """#
            let answer = try await reader(ScriptedTransport(.json(200, row))).detail("1")
            return try #require(answer).detail.resumesAtNode
        }
        #expect(try await resumes("error") == true)
        #expect(try await resumes("success") == false)
    }

    @Test("a model that fails starts its agent again, not the trigger")
    func subNodes() async throws {
        for name in ["ai-agent17-openai-503", "ai-memory-nosession", "ai-parser-schema"] {
            let shape = try #require(RecordedShape.all.first { $0.name == name })
            let answer = try await shape.detail()
            #expect(answer.detail.startNode?.name == "AI Agent" && answer.detail.lastNode?.name != "AI Agent")
            let verdict = RepeatRiskJudge().judge(status: .error, detail: answer.detail)
            #expect(verdict.risk == .none && verdict.start == .node("AI Agent", items: 1))
        }
    }
}
