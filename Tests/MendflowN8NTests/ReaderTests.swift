import MendflowCore
import MendflowHTTP
import Synchronization
import Testing

@testable import MendflowN8N

/// Keys one after the other; the last one stays.
final class KeySequence: Sendable {
    private let keys: Mutex<[String]>
    init(_ keys: [String]) { self.keys = Mutex(keys) }
    var next: @Sendable () throws -> String {
        { self.keys.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
    }
}

@Suite("The reader")
struct ReaderTests {
    private func failure(_ reply: ScriptedTransport.Reply) async throws -> ReadFailure {
        let reader = try reader(ScriptedTransport(reply))
        return try #require(await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) })
    }

    @Test("lists a page with every column, cursor and the server's time")
    func page() async throws {
        let recording = try #require(Recording.named("list.limit5"))
        let transport = ScriptedTransport(
            .json(200, recording.text, headers: [.init("Date", "Mon, 23 Nov 2026 19:09:30 GMT")]))
        let page = try await reader(transport).list(ListQuery(limit: 5))
        #expect(page.executions.count == 5)
        #expect(page.nextCursor != nil)
        #expect(page.serverTime == ServerTime(rfc3339: "2026-11-23T19:09:30Z"))
        #expect(page.bytes == recording.text.utf8.count)
        #expect(page.executions.map(\.id) == page.executions.map(\.id).sorted(by: >))
        for row in page.executions { #expect(row.startedAt != nil && row.workflow.text.count == 16) }
    }

    @Test("repeats all filters with the cursor")
    func query() async throws {
        let transport = ScriptedTransport(.json(200, #"{"data":[],"nextCursor":null}"#))
        let time = try #require(ServerTime(rfc3339: "2026-11-23T19:09:30.5Z"))
        let query = ListQuery(status: .queued, cursor: "abc+/=", limit: 250, startedAfter: time)
        let page = try await reader(transport).list(query)
        #expect(page.executions.isEmpty && page.nextCursor == nil)
        #expect(
            transport.requests.map(\.url) == [
                "https://n8n.example.com/api/v1/executions?limit=250&status=new"
                    + "&startedAfter=2026-11-23T19%3A09%3A30.500Z&cursor=abc%2B%2F%3D"
            ])
        #expect(transport.requests[0].headers["user-agent"] == "mendflow")
    }

    @Test("asked for a row, n8n's 404 is no row; any other 404 is a failure")
    func missing() async throws {
        let gone = try #require(Recording.named("get.999999"))
        #expect(try await reader(ScriptedTransport(.init(gone))).execution("999999") == nil)
        #expect(try await reader(ScriptedTransport(.init(gone))).detail("999999") == nil)
        #expect(try await reader(ScriptedTransport(.init(gone))).tags(of: "999999") == nil)
        let others: [(ScriptedTransport.Reply, ReadFailure.Kind)] = [
            (.json(404, #"{"message":"not found"}"#), .refused), (.html(404, "<html>Cannot GET"), .notN8N),
            (.json(200, #"{"id":"8","workflowId":"w","status":"error"}"#), .notN8N),
        ]
        for (reply, kind) in others {
            let reader = try reader(ScriptedTransport(reply))
            let error = await #expect(throws: ReadFailure.self) { try await reader.execution("7") }
            #expect(error?.kind == kind)
        }
    }

    @Test("reads a row by id")
    func row() async throws {
        let recording = try #require(Recording.named("get.ok"))
        let id = ExecutionID(String(recording.path.split(separator: "/")[3]))
        let row = try #require(try await reader(ScriptedTransport(.init(recording))).execution(id))
        #expect(row.id == id && row.status == .success && row.createdAt != nil && row.mode == "webhook")
    }

    @Test("reads workflows page by page, each once, with what retries need to know")
    func workflows() async throws {
        let recorded = try #require(Recording.named("workflows"))
        let first = #"""
            {"data":[{"id":"a","name":"A","active":false,"tags":[{"id":"1","name":"no-auto-retry"}],
            "shared":[{"role":"workflow:owner","projectId":"p1","project":{"id":"p1","name":"Ops"}},
            {"role":"workflow:editor","projectId":"p2"}],
            "versionId":"v2","activeVersionId":null,"isArchived":true,"settings":{"saveDataSuccessExecution":"none",
            "errorWorkflow":"e1","saveExecutionProgress":false}}],"nextCursor":"x"}
            """#
        let second = recorded.text.replacing(/"nextCursor":"[^"]*"/, with: #""nextCursor":null"#)
        let transport = ScriptedTransport { request, _ in .json(200, request.url.contains("cursor=x") ? second : first)
        }
        let workflows = try await reader(transport).workflows()
        #expect(
            workflows.first
                == WorkflowInfo(
                    id: "a", name: "A", active: false, tags: ["no-auto-retry"], projects: ["p1", "Ops"],
                    draftVersion: "v2", savesSuccesses: false, savesProgress: false, errorWorkflow: "e1",
                    isArchived: true))
        #expect(workflows.count == 4)
        #expect(workflows[1].name == "Connection reset" && workflows[1].savesFailures == true)
        #expect(workflows[1].savesProgress == true && workflows[1].errorWorkflow == nil && !workflows[1].isArchived)
        #expect(workflows[1].draftVersion == workflows[1].publishedVersion)
        #expect(transport.requests.allSatisfy { $0.url.contains("excludePinnedData=true") })
    }

    @Test("a list of workflows that never ends is given up")
    func endless() async throws {
        let page = #"{"data":[],"nextCursor":"x"}"#
        let reader = try reader(ScriptedTransport(.json(200, page)))
        let error = await #expect(throws: ReadFailure.self) { try await reader.workflows() }
        #expect(error?.message.contains("repeats") == true)
        let counting = ScriptedTransport { _, number in .json(200, #"{"data":[],"nextCursor":"\#(number)"}"#) }
        let other = try self.reader(counting)
        let tooMany = await #expect(throws: ReadFailure.self) { try await other.workflows() }
        #expect(tooMany?.kind == .tooLarge)
        #expect(counting.requests.count == 100)
    }

    @Test("a list of workflows that takes too long, or too many bytes, is given up")
    func boundedWorkflows() async throws {
        let clock = ManualClock()
        let slow = ScriptedTransport { _, number in
            clock.advance(by: .seconds(20))
            return .json(200, #"{"data":[],"nextCursor":"\#(number)"}"#)
        }
        let slowly = try MendflowN8NTests.reader(slow, clock: clock)
        let late = await #expect(throws: ReadFailure.self) { try await slowly.workflows() }
        #expect(late?.kind == .unreachable && late?.message.contains("1m of reading") == true)
        #expect(slow.requests.count == 3)
        let blanks = String(repeating: " ", count: 400)
        let wide = ScriptedTransport { _, number in .json(200, #"{"data":[],"nextCursor":"\#(number)"}"# + blanks) }
        var widely = try self.reader(wide)
        widely.limits.detail = 500
        let reader = widely
        let large = await #expect(throws: ReadFailure.self) { try await reader.workflows() }
        #expect(large?.kind == .tooLarge && wide.requests.count == 5)
    }

    private func reader(_ transport: ScriptedTransport) throws -> N8NReader {
        try MendflowN8NTests.reader(transport, clock: ManualClock())
    }

    @Test("reads annotation tags")
    func tags() async throws {
        let recording = try #require(Recording.named("tags.get"))
        let tags = try #require(try await reader(ScriptedTransport(.init(recording))).tags(of: "2"))
        #expect(tags.map(\.name).sorted() == ["needs-human", "timeout"])
        #expect(try await reader(ScriptedTransport(.json(200, "[]"))).tags(of: "2") == [])
    }

    @Test("says of each wrong answer what it is and what to do")
    func failures() async throws {
        let cases: [(ScriptedTransport.Reply, ReadFailure.Kind, String)] = [
            (.json(401, #"{"message":"Unauthorized"}"#), .unauthorized, "check that it belongs to this instance"),
            (.json(403, #"{"message":"Forbidden"}"#), .forbidden, "lacks the scope execution:list"),
            (.html(403, "<title>Access</title>"), .notN8N, "a proxy in front of n8n wants a login"),
            (.answer(204, [], []), .notN8N, "'bot'"),
            (.html(200, "n8n is starting up. Please wait"), .startingUp, "starting up"),
            (.json(503, #"{"code":503,"message":"Database is not ready!"}"#), .startingUp, "starting up"),
            (.html(200, "<!DOCTYPE html>\n<title>Grafana</title>"), .notN8N, "a page with the title 'Grafana'"),
            (.json(200, #"{"data":["#), .notN8N, "ends in the middle"),
            (
                .html(301, "", headers: [.init("Location", "https://user:pw@other.example.com/a?b")]), .notN8N,
                "redirects to https://other.example.com, set url to it"
            ),
            (.html(502, "<html>Bad Gateway"), .unreachable, "proxy"),
            (.json(500, #"{"message":"Internal server error"}"#), .serverError, "Internal server error"),
            (.html(500, "<html>oops"), .serverError, "oops"),
            (.json(400, #"{"message":"request/query/limit no"}"#), .refused, "request/query/limit no"),
            (.json(404, #"{"message":"not found"}"#), .refused, "api_path"),
        ]
        for (reply, kind, words) in cases {
            let failure = try await failure(reply)
            #expect(failure.kind == kind, "\(failure)")
            #expect(failure.description.contains(words), "\(failure)")
            #expect(failure.request == "GET /executions?limit=250")
        }
    }

    @Test("waits as long as a 429 or a proxy asks")
    func retryAfter() async throws {
        let seconds = try await failure(.html(429, "", headers: [.init("Retry-After", "17")]))
        #expect(seconds.kind == .throttled && seconds.retryAfter == .seconds(17))
        let date = try await failure(
            .html(
                503, "",
                headers: [
                    .init("Date", "Mon, 23 Nov 2026 19:09:30 GMT"),
                    .init("Retry-After", "Mon, 23 Nov 2026 19:10:00 GMT"),
                ]))
        #expect(date.kind == .throttled && date.retryAfter == .seconds(30))
    }

    @Test("a list whose cursor repeats is a failed read, and no list without end")
    func circle() async throws {
        let reader = try reader(ScriptedTransport(.json(200, #"{"data":[],"nextCursor":"c"}"#)))
        #expect(try await reader.list(ListQuery()).nextCursor == "c")
        let error = await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery(cursor: "c")) }
        #expect(error?.kind == .notN8N && error?.message.contains("goes in circles") == true)
    }

    @Test("a page larger than is read is given up at once")
    func tooLarge() async throws {
        let body = [UInt8](repeating: 0x20, count: 2 << 20)
        let transport = ScriptedTransport(.answer(200, [.init("Content-Type", "application/json")], body))
        var reader = try reader(transport)
        #expect(reader.limits.list == 8 << 20 && reader.limits.detail == 64 << 20)
        reader.limits.list = 1 << 20
        let limited = reader
        let error = await #expect(throws: ReadFailure.self) { try await limited.list(ListQuery()) }
        #expect(error?.kind == .tooLarge && error?.message.contains("1 MiB") == true)
        #expect(transport.bodyBytes < (1 << 20) + 5000)
    }

    @Test("says of each broken connection what to check", arguments: TransportFailure.Kind.allCases)
    func connections(_ kind: TransportFailure.Kind) async throws {
        let failure = try await failure(.failure(TransportFailure(kind, bytesSent: 0, message: "words")))
        #expect(failure.kind == (kind == .tooLarge ? .tooLarge : .unreachable))
        if kind != .cancelled {
            #expect(failure.message.contains("https://n8n.example.com") && failure.message.contains("words"))
        }
    }

    @Test("gives up after thirty seconds")
    func deadline() async throws {
        let clock = ManualClock()
        let reader = try MendflowN8NTests.reader(ScriptedTransport(.hang(began: true, bytesSent: 9)), clock: clock)
        async let error = #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) }
        await clock.someoneSleeps()
        clock.advance(by: .seconds(30))
        let failure = try #require(await error)
        #expect(failure.kind == .unreachable && failure.message.contains("within 30s"))
    }

    @Test("reads the key again after a 401, and the request goes out once more with the new one")
    func rotatedKey() async throws {
        let keys = KeySequence(["old-key-1", "new-key-2\n"])
        let transport = ScriptedTransport { request, _ in
            request.headers["x-n8n-api-key"] == "new-key-2"
                ? .json(200, #"{"data":[],"nextCursor":null}"#) : .json(401, #"{"message":"Unauthorized"}"#)
        }
        let reader = N8NReader(
            connection: try connection(key: keys.next), transport: transport, clock: ManualClock()
        ) { $0 }
        _ = try await reader.list(ListQuery())
        #expect(transport.requests.count == 2)
        let same = ScriptedTransport(.json(401, #"{"message":"Unauthorized"}"#))
        _ = try await failure(.json(401, #"{"message":"Unauthorized"}"#))
        let stubborn = try self.reader(same)
        await #expect(throws: ReadFailure.self) { try await stubborn.list(ListQuery()) }
        #expect(same.requests.count == 1)
    }

    @Test("a key that cannot be read is a failure that says so")
    func noKey() async throws {
        struct NoFile: Error {}
        let reader = N8NReader(
            connection: try connection { throw NoFile() }, transport: ScriptedTransport(.json(200, "")),
            clock: ManualClock()
        ) { $0 }
        let error = await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) }
        #expect(error?.kind == .unauthorized && error?.message.contains("NoFile") == true)
    }

    @Test("no text holds the key or a header's secret, although the server echoes both")
    func secrets() async throws {
        let echo = "key \(secretKey) header cfsecret99"
        let replies: [ScriptedTransport.Reply] =
            [200, 301, 400, 401, 403, 404, 429, 500, 503].flatMap { status in
                [
                    ScriptedTransport.Reply.json(status, #"{"message":"\#(echo)"}"#), .html(status, echo),
                    .html(status, echo, headers: [.init("Location", "https://\(secretKey).example.com")]),
                ]
            } + [0, 9].map { .failure(TransportFailure(.other, bytesSent: $0, message: echo)) }
        for reply in replies {
            let error = try await failure(reply)
            let reader = try reader(ScriptedTransport(reply))
            let detail = await #expect(throws: (any Error).self) { try await reader.execution("7") }
            let writer = try writer(ScriptedTransport(reply))
            let answers = [
                await writer.send(.retry("7", loadWorkflow: true)), await writer.send(.stop("7")),
                await writer.send(.setTags("7", to: [])), await writer.send(.delete("7")),
                await writer.send(.stopMany(BulkStopRequest(statuses: [.running], workflow: "w"))),
            ]
            for text in ["\(error)", "\(String(describing: detail))", "\(answers)"] {
                #expect(!text.contains(secretKey) && !text.contains("cfsecret99"), "\(text)")
            }
        }
        var dumped = ""
        dump(try reader(ScriptedTransport(replies[0])), to: &dumped)
        #expect(!dumped.contains("cfsecret99"))
    }
}
