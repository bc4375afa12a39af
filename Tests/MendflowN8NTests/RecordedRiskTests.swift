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

@Suite("What sources say without being kept")
struct SourceDigestTests {
    @Test(
        "a script that names no way out is pure",
        arguments: [
            "return items.map(i => ({json: {total: i.json.a + 1}}));", "throw new Error('could not fetch order 5');",
            "class A { constructor() { this.x = 1 } }\nreturn []", "// fields require a name\nreturn $input.all()",
            "const url = 'https://x.example/' + $json.id; return [{json: {url}}]", "return [i for i in _input.all()]",
        ])
    func pure(_ source: String) { #expect(ScriptSource.showsNoCall(source)) }

    @Test(
        "a script that calls out, or could, is not",
        arguments: [
            "await this.helpers.httpRequest({url})", "const {helpers} = this; helpers.request()", "fetch (url)",
            "const f = fetch; f(url)", "require('axios')", "await import('node:http')", "import requests\nreturn []",
            "$http.get(u)", "new Function('x')()", "eval(code)", "[].constructor.constructor('x')()",
            "const t = this; t['hel' + 'pers']", "this['x']()", "\\u0066etch(url)",
            "$getWorkflowStaticData('global').n++",
            "requests.post(url)", "open('/data/x', 'w')", "__import__('os')",
        ])
    func calls(_ source: String) { #expect(!ScriptSource.showsNoCall(source)) }

    @Test(
        "statements are told apart",
        arguments: [
            ("SELECT a, count(*) FROM t WHERE id = {{ $json.id }}", .reading), ("=SELECT 1; SHOW tables", .reading),
            ("WITH x AS (SELECT 1) SELECT * FROM x -- DROP\n", .reading), ("{ orders { id } }", .reading),
            ("query Q($id: ID) { order(id: $id) { id } }", .reading), ("SELECT book_order(5)", .single),
            ("SELECT a INTO b FROM c", .single), ("SET lock_timeout = 3; UPDATE t SET n = 1", .single),
            ("INSERT INTO t(a) VALUES ('x; DELETE')", .single), ("SET STATEMENT a=1 FOR DELETE FROM t", .single),
            ("INSERT INTO t VALUES (1); DELETE FROM u", .several), ("CALL book_one()", .several),
            ("mutation { book(id: 1) { id } }", .several), ("BEGIN; UPDATE t SET n = 1; COMMIT", .unclear),
            ("={{ $json.sql }}", .unclear), ("", .unclear), ("SELECT 'it\\'s", .unclear), ("DO $$ x $$", .unclear),
            ("UPDATE s SET n = n - 1 WHERE id = 5 INSERT INTO log (t) VALUES (NULL)", .unseparated),
            ("INSERT INTO a VALUES (1)\nINSERT INTO a VALUES (2)", .unseparated),
            ("INSERT INTO a EXEC dbo.pay 5", .unseparated), ("DELETE FROM a OUTPUT deleted.n SELECT 1/0", .unseparated),
            ("INSERT INTO a SELECT * FROM b WHERE n IN (SELECT n FROM c)", .single),
            ("INSERT INTO a VALUES (1) ON CONFLICT (n) DO UPDATE SET n = 2", .single),
            ("INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE n = 2", .single),
            (
                "MERGE INTO a USING b ON a.n = b.n WHEN MATCHED THEN UPDATE SET n = 1 WHEN NOT MATCHED THEN INSERT (n) VALUES (1)",
                .single
            ),
            ("UPDATE a SET n = (SELECT max(n) FROM b)", .single),
        ] as [(String, StatementSource.Kind)])
    func statements(_ source: String, _ kind: StatementSource.Kind) {
        #expect(StatementSource(source).kind == kind, "\(source)")
    }

    @Test("of a source only the flag is kept")
    func notKept() async throws {
        let shape = try #require(RecordedShape.all.first { $0.name == "code-http-then-throw" })
        var scanner = JSONScanner(DetailPlan.program)
        scanner.feed(Array(shape.response.utf8))
        let kept = scanner.finish()
        let tree = try #require(kept)
        #expect(shape.response.contains("httpRequest") && !"\(tree)".contains("httpRequest"))
        #expect(try await !shape.detail().detail.startNode!.assurances.contains(.pureScript))
    }
}
