import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("The writer")
struct WriterTests {
    private func send(_ recording: Recording, _ transport: ScriptedTransport) async throws -> WriteAnswer? {
        let parts = recording.path.split(separator: "/").map(String.init)
        guard parts.count == 5, parts[2] == "executions" else { return nil }
        let id = ExecutionID(parts[3])
        switch (recording.method, parts[4]) {
        case ("POST", "retry"):
            let load = recording.body?.contains("true") == true
            return await (try writer(transport)).retry(id, loadWorkflow: load)
        case ("POST", "stop"): return await (try writer(transport)).stop(id)
        case ("PUT", "tags"): return await (try writer(transport)).setTags(of: id, to: ["a"])
        default: return nil
        }
    }

    @Test(
        "every recorded answer to a mutation is done, proven to be nothing, or unanswered, as its status says",
        arguments: Recording.current + Recording.olderWrites)
    func recorded(_ recording: Recording) async throws {
        guard let answer = try await send(recording, ScriptedTransport(.init(recording))) else { return }
        switch (recording.status, answer) {
        case (200, .applied(let child, let status)):
            if recording.path.hasSuffix("retry") {
                #expect(child != nil && status != nil)
                #expect(recording.text.contains("\"id\":\"\(child?.text ?? "")\""))
            } else {
                #expect(child == nil)
            }
        case (400, .nothing(.refusal, .thisTry, 400, _, nil)), (401, .nothing(.refusal, .action, 401, _, nil)),
            (403, .nothing(.refusal, .action, 403, _, nil)), (404, .nothing(.refusal, .execution, 404, _, nil)),
            (409, .nothing(.refusal, .execution, 409, _, nil)), (500, .failed), (500, .unanswered(500, _)):
            break
        default: Issue.record("\(recording) answered \(recording.status) became \(answer)")
        }
    }

    @Test("every refusal of stop-many that was recorded stands in the table", arguments: Recording.current)
    func stopMany(_ recording: Recording) {
        guard recording.method == "POST", recording.path == "/api/v1/executions/stop", recording.status != 200 else {
            return
        }
        let words = String(recording.text.dropFirst("{\"message\":\"".count).dropLast(2))
        let refusal = RefusalTable.refusal(
            of: .stopMany, id: "", status: recording.status, message: words)
        #expect(refusal != nil, "\(words)")
    }

    @Test("the table is an exact one: another status, id, mutation or word proves nothing")
    func exact() {
        func find(_ mutation: Mutation, _ status: Int, _ message: String, id: String = "7") -> String? {
            RefusalTable.refusal(of: mutation, id: id, status: status, message: message)?.name
        }
        #expect(find(.retry, 404, "The execution with the ID \"7\" does not exist.") == "retry.gone")
        #expect(find(.retry, 404, "The execution with the ID \"8\" does not exist.") == nil)
        #expect(find(.retry, 404, "The execution with the ID \"77\" does not exist.") == nil)
        #expect(find(.stop, 404, "The execution with the ID \"7\" does not exist.") == nil)
        #expect(find(.retry, 400, "The execution with the ID \"7\" does not exist.") == nil)
        #expect(find(.retry, 403, "Forbidden") == "forbidden")
        #expect(find(.retry, 403, "forbidden") == nil)
        #expect(find(.retry, 404, "Not Found") == nil)
        #expect(
            find(.stop, 409, "Only running or waiting executions can be stopped and 7 is currently error")
                == "stop.ended")
        #expect(
            find(.stop, 409, "Only running or waiting executions can be stopped and 7 is currently broken") == nil)
        #expect(find(.tags, 400, "request/body/12 must have required property 'id'") == "tags.no_id")
        #expect(find(.tags, 400, "request/body/ must have required property 'id'") == nil)
        #expect(Set(RefusalTable.all.map(\.name)).count == RefusalTable.all.count)
    }

    @Test("sends what n8n takes: body, headers, encoded path")
    func requests() async throws {
        let transport = ScriptedTransport(.json(500, "{}"))
        let writer = try writer(transport)
        _ = await writer.retry("7", loadWorkflow: true)
        _ = await writer.stop("a/b?c")
        _ = await writer.setTags(of: "7", to: ["x", "y\"", "x"])
        let sent = transport.requests
        #expect(sent.map(\.method) == [.post, .post, .put])
        #expect(
            sent.map(\.url) == [
                "https://n8n.example.com/api/v1/executions/7/retry",
                "https://n8n.example.com/api/v1/executions/a%2Fb%3Fc/stop",
                "https://n8n.example.com/api/v1/executions/7/tags",
            ])
        #expect(sent[0].body == Array(#"{"loadWorkflow":true}"#.utf8))
        #expect(sent[1].body == nil)
        #expect(sent[2].body == Array(#"[{"id":"x"},{"id":"y\""}]"#.utf8))
        #expect(sent[0].headers["x-n8n-api-key"] == secretKey)
        #expect(sent[0].headers["content-type"] == "application/json")
        #expect(sent[0].headers["cf-access-client-secret"] == "cfsecret99")
        #expect(sent[1].headers["content-type"] == nil)
    }

    private static let done = #"{"id":"9","status":"success","retryOf":"7","data":{"resultData":{"runData":{}}}}"#

    @Test("a retry is believed only where the answer is whole and about this execution")
    func belief() async throws {
        func retry(_ reply: ScriptedTransport.Reply) async throws -> WriteAnswer {
            await (try writer(ScriptedTransport(reply))).retry("7", loadWorkflow: false)
        }
        #expect(try await retry(.json(200, Self.done)) == .applied(child: "9", status: .success))
        let numeric = Self.done.replacing(#""retryOf":"7""#, with: #""retryOf":7"#)
        #expect(try await retry(.json(200, numeric)) == .applied(child: "9", status: .success))
        let doubtful = [
            Self.done.replacing(#""retryOf":"7""#, with: #""retryOf":"8""#),
            Self.done.replacing(#""retryOf":"7","#, with: ""), Self.done.replacing(#""id":"9","#, with: ""),
            Self.done.replacing(#""id":"9""#, with: #""id":"7""#),
            Self.done.replacing(#""status":"success","#, with: ""), String(Self.done.dropLast()), "", "{}", "[]",
            "null", "<html>",
        ]
        for body in doubtful {
            guard case .unanswered(200, _) = try await retry(.json(200, body)) else {
                Issue.record("believed: \(body)")
                continue
            }
        }
    }

    @Test(
        "what a proxy says, and every word that was not recorded, proves nothing",
        arguments: [
            (500, #"{"error":"Internal server error"}"#), (502, "Bad Gateway"), (504, "{}"), (520, ""), (524, ""),
            (503, #"{"message":"Service unavailable"}"#), (404, #"{"message":"not found"}"#), (404, "<html>"),
            (409, #"{"message":"Conflict"}"#), (400, #"{"message":"no"}"#), (401, #"{"error":"Unauthorized"}"#),
            (403, "Forbidden"), (204, ""), (202, "{}"), (418, #"{"message":"Forbidden"}"#),
        ])
    func unproven(_ status: Int, _ body: String) async throws {
        for reply in [ScriptedTransport.Reply.json(status, body), .html(status, body)] {
            let answer = await (try writer(ScriptedTransport(reply))).retry("7", loadWorkflow: false)
            guard case .unanswered(status, let message) = answer else {
                Issue.record("\(status) \(body) became \(answer)")
                continue
            }
            #expect(message.contains("POST /executions/7/retry"))
        }
    }

    @Test("500 in n8n's own words is told apart, for the ids that n8n gave meanwhile may prove what it did")
    func serverError() async throws {
        let reply = ScriptedTransport.Reply.json(500, #"{"message":"Internal server error"}"#)
        guard case .failed(let message) = await (try writer(ScriptedTransport(reply))).retry("7", loadWorkflow: false)
        else {
            Issue.record("not told apart")
            return
        }
        #expect(message.contains("POST /executions/7/retry"))
    }

    @Test("a recorded refusal that comes as something other than JSON proves nothing")
    func refusalAsHTML() async throws {
        let reply = ScriptedTransport.Reply.html(403, #"{"message":"Forbidden"}"#)
        guard case .unanswered = await (try writer(ScriptedTransport(reply))).stop("7") else {
            Issue.record("believed a refusal in HTML")
            return
        }
    }

    @Test("redirects, 429 and the two start-up texts did nothing")
    func provenByKind() async throws {
        func stop(_ reply: ScriptedTransport.Reply) async throws -> WriteAnswer {
            await (try writer(ScriptedTransport(reply))).stop("7")
        }
        guard
            case .nothing(.redirect, .thisTry, 302, let words, nil) = try await stop(
                .html(302, "", headers: [.init("Location", "https://login.example.com/x?token=1")]))
        else {
            Issue.record("a redirect is a proof")
            return
        }
        #expect(words.contains("https://login.example.com, set url to it"))
        #expect(!words.contains("token"))
        let limited = try await stop(.html(429, "slow down", headers: [.init("Retry-After", "30")]))
        guard case .nothing(.throttled, .thisTry, 429, _, .seconds(30)) = limited else {
            Issue.record("429 became \(limited)")
            return
        }
        for reply in [
            ScriptedTransport.Reply.json(503, #"{"code":503,"message":"Database is not ready!"}"#),
            .html(200, "n8n is starting up. Please wait"),
        ] {
            guard case .nothing(.startingUp, .thisTry, _, _, nil) = try await stop(reply) else {
                Issue.record("a start-up text is a proof")
                continue
            }
        }
    }

    @Test(
        "only zero bytes sent prove that nothing was sent, whatever the failure",
        arguments: TransportFailure.Kind.allCases)
    func transport(_ kind: TransportFailure.Kind) async throws {
        let none = ScriptedTransport(.failure(TransportFailure(kind, bytesSent: 0, message: "m")))
        guard case .nothing(.notSent, .thisTry, nil, _, nil) = await (try writer(none)).retry("7", loadWorkflow: false)
        else {
            Issue.record("\(kind) with no byte sent is a proof")
            return
        }
        let one = ScriptedTransport(.failure(TransportFailure(kind, bytesSent: 1, status: 403, message: "m")))
        guard case .unanswered(403, _) = await (try writer(one)).retry("7", loadWorkflow: false) else {
            Issue.record("\(kind) with a byte sent is no proof")
            return
        }
    }

    @Test("a mutation is sent once, after a 401 too; the next one asks for the key again")
    func once() async throws {
        let keys = KeySequence(["old-key-1", "new-key-2"])
        let transport = ScriptedTransport(.json(401, #"{"message":"Unauthorized"}"#))
        let writer = N8NWriter(
            connection: try connection(key: keys.next), transport: transport, clock: ManualClock())
        _ = await writer.stop("7")
        #expect(transport.requests.count == 1)
        _ = await writer.stop("7")
        #expect(transport.requests.map { $0.headers["x-n8n-api-key"] } == ["old-key-1", "new-key-2"])
    }

    @Test("without a key nothing is sent")
    func noKey() async throws {
        let transport = ScriptedTransport(.json(200, "{}"))
        let writer = N8NWriter(connection: try connection { "" }, transport: transport, clock: ManualClock())
        guard case .nothing(.notSent, .thisTry, nil, let words, nil) = await writer.stop("7") else {
            Issue.record("an empty key is no key")
            return
        }
        #expect(words.contains("empty"))
        #expect(transport.requests.isEmpty)
    }
}

@Suite("The deadlines of mutations")
struct WriterDeadlineTests {
    @Test("a retry that could not be sent for ten seconds was not sent")
    func neverBegan() async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: false, bytesSent: 0)), clock: clock)
        async let answer = writer.retry("7", loadWorkflow: false)
        await clock.someoneSleeps()
        clock.advance(by: .seconds(10))
        guard case .nothing(.notSent, .thisTry, nil, let words, nil) = await answer else {
            Issue.record("no byte left")
            return
        }
        #expect(words.contains("given up after 10s"))
    }

    @Test("a retry under way is waited for six hours and then unanswered")
    func sixHours() async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: true, bytesSent: 180)), clock: clock)
        async let answer = writer.retry("7", loadWorkflow: false)
        await clock.someoneSleeps()
        clock.advance(by: .seconds(10))
        await clock.someoneSleeps()
        clock.advance(by: .hours(6))
        guard case .unanswered(nil, let words) = await answer else {
            Issue.record("what was sent may have been done")
            return
        }
        #expect(words.contains("given up after 6h"))
        #expect(words.contains("180 bytes sent"))
    }

    @Test("a stop has thirty seconds")
    func stop() async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: true, bytesSent: 90)), clock: clock)
        async let answer = writer.stop("7")
        await clock.someoneSleeps()
        clock.advance(by: .seconds(30))
        guard case .unanswered = await answer else {
            Issue.record("what was sent may have been done")
            return
        }
    }

    @Test("a cancelled retry still tells what was sent", arguments: [0, 55])
    func cancelled(_ bytesSent: Int) async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: true, bytesSent: bytesSent)), clock: clock)
        let task = Task { await writer.retry("7", loadWorkflow: false) }
        await clock.someoneSleeps()
        task.cancel()
        switch await task.value {
        case .nothing(.notSent, .thisTry, nil, _, nil): #expect(bytesSent == 0)
        case .unanswered(nil, _): #expect(bytesSent > 0)
        default: Issue.record("neither proof nor doubt")
        }
    }
}
