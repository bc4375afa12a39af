import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("The writer")
struct WriterTests {
    @Test("sends what n8n takes: body, headers, encoded path")
    func requests() async throws {
        let transport = ScriptedTransport(.json(500, "{}"))
        let writer = try writer(transport)
        _ = await writer.send(.retry("7", loadWorkflow: true))
        _ = await writer.send(.stop("a/b?c"))
        _ = await writer.send(.setTags("7", to: ["x", "y\"", "x"]))
        _ = await writer.send(.delete("7"))
        let sent = transport.requests
        #expect(sent.map(\.method) == [.post, .post, .put, .delete])
        #expect(
            sent.map(\.url) == [
                "https://n8n.example.com/api/v1/executions/7/retry",
                "https://n8n.example.com/api/v1/executions/a%2Fb%3Fc/stop",
                "https://n8n.example.com/api/v1/executions/7/tags", "https://n8n.example.com/api/v1/executions/7",
            ])
        #expect(sent[0].body == Array(#"{"loadWorkflow":true}"#.utf8))
        #expect(sent[1].body == nil)
        #expect(sent[2].body == Array(#"[{"id":"x"},{"id":"y\""}]"#.utf8))
        #expect(sent[0].headers["x-n8n-api-key"] == secretKey)
        #expect(sent[0].headers["content-type"] == "application/json")
        #expect(sent[0].headers["cf-access-client-secret"] == "cfsecret99")
        #expect(sent[1].headers["content-type"] == nil)
    }

    @Test("a bulk stop says which statuses, which workflow, and when they started")
    func bulkStop() async throws {
        let transport = ScriptedTransport(.json(200, #"{"stopped":3}"#))
        let writer = try writer(transport)
        let some = BulkStopRequest(
            statuses: [.queued, .waiting], workflow: "w\"1", startedAfter: ServerTime(rfc3339: "2026-11-01T00:00:00Z"),
            startedBefore: ServerTime(rfc3339: "2026-11-02T00:00:00Z"))
        #expect(await writer.send(.stopMany(some)) == .stopped(count: 3))
        _ = await writer.send(.stopMany(BulkStopRequest(statuses: [.running], workflow: nil)))
        #expect(transport.requests.map(\.method) == [.post, .post])
        #expect(transport.requests[0].url == "https://n8n.example.com/api/v1/executions/stop")
        #expect(
            transport.requests.map { String(decoding: $0.body ?? [], as: UTF8.self) } == [
                #"{"status":["queued","waiting"],"workflowId":"w\"1","startedAfter":"2026-11-01T00:00:00.000Z","#
                    + #""startedBefore":"2026-11-02T00:00:00.000Z"}"#,
                #"{"status":["running"]}"#,
            ])
    }

    @Test(
        "sends the very bytes that a plan shows; of tags, a plan knows the names and not the ids",
        arguments: ActionKind.allCases)
    func asShown(kind: ActionKind) async throws {
        let bulk = BulkStopRequest(
            statuses: [.queued, .waiting], workflow: "w1", startedAfter: ServerTime(rfc3339: "2026-11-01T00:00:00Z"),
            startedBefore: ServerTime(rfc3339: "2026-11-02T00:00:00Z"))
        let draft = IntentDraft(
            instance: InstanceKey(name: "production", epoch: 1), action: kind, execution: "4711", root: "4711",
            workflow: "w1", policy: "p", policyVersion: "v", loadWorkflow: true, tags: ["needs-human", "late"],
            bulk: BulkStopCall(request: bulk, predicted: ["4711"]))
        let transport = ScriptedTransport(.json(500, "{}"))
        let writer = try writer(transport)
        switch kind {
        case .retry: _ = await writer.send(.retry("4711", loadWorkflow: true))
        case .stop: _ = await writer.send(.stop("4711"))
        case .tag: _ = await writer.send(.setTags("4711", to: ["t1", "t2"]))
        case .bulkStop: _ = await writer.send(.stopMany(bulk))
        case .delete: _ = await writer.send(.delete("4711"))
        }
        let sent = try #require(transport.requests.first)
        let target = "\(sent.method) \(sent.url.dropFirst("https://n8n.example.com/api/v1".count))"
        let body =
            kind == .tag ? " + needs-human, late" : sent.body.map { " \(String(decoding: $0, as: UTF8.self))" } ?? ""
        #expect(ProposedAction(draft: draft, due: .init(milliseconds: 0)).request == target + body)
    }

    @Test("what n8n would take for all workflows, or for another request, is not sent")
    func misread() async throws {
        let transport = ScriptedTransport(.json(200, #"{"stopped":3}"#))
        let writer = try writer(transport)
        let answers = [
            await writer.send(.stopMany(BulkStopRequest(statuses: [.running], workflow: "all"))),
            await writer.send(.stopMany(BulkStopRequest(statuses: [.running], workflow: ""))),
            await writer.send(.stop("")), await writer.send(.stop("..")), await writer.send(.delete("")),
            await writer.send(.delete(".")),
        ]
        for answer in answers {
            guard case .nothing(.notSent, .execution, nil, let words, nil) = answer else {
                Issue.record("\(answer)")
                continue
            }
            #expect(words.contains("is not sent"))
        }
        #expect(transport.requests.isEmpty)
    }

    @Test("a bulk stop and a delete are believed only where the answer says so")
    func beliefOfTheOthers() async throws {
        for body in ["{}", #"{"stopped":-1}"#, #"{"stopped":"many"}"#, #"{"stopped":3"#, "[]", "<html>"] {
            let writer = try writer(ScriptedTransport(.json(200, body)))
            guard
                case .unanswered(200, _) = await writer.send(
                    .stopMany(BulkStopRequest(statuses: [.running], workflow: "w")))
            else {
                Issue.record("believed: \(body)")
                continue
            }
        }
        for body in ["{}", #"{"id":8}"#, #"{"id":"77"}"#, #"{"id":7"#] {
            guard case .unanswered(200, _) = await (try writer(ScriptedTransport(.json(200, body)))).send(.delete("7"))
            else {
                Issue.record("believed: \(body)")
                continue
            }
        }
        #expect(
            await (try writer(ScriptedTransport(.json(200, #"{"id":"7"}"#)))).send(.delete("7"))
                == .applied(child: nil, status: nil))
    }

    private static let done = #"{"id":"9","status":"success","retryOf":"7","data":{"resultData":{"runData":{}}}}"#

    @Test("a retry is believed only where the answer is whole and about this execution")
    func belief() async throws {
        func retry(_ reply: ScriptedTransport.Reply) async throws -> WriteAnswer {
            await (try writer(ScriptedTransport(reply))).send(.retry("7", loadWorkflow: false))
        }
        #expect(try await retry(.json(200, Self.done)) == .applied(child: "9", status: .success))
        let numeric = Self.done.replacing(#""retryOf":"7""#, with: #""retryOf":7"#)
        #expect(try await retry(.json(200, numeric)) == .applied(child: "9", status: .success))
        let failed = Self.done.replacing("success", with: "error")
        #expect(try await retry(.json(200, failed)) == .applied(child: "9", status: .error))
        let finished = failed.replacing(#""id":"9","#, with: #""id":"9","finished":true,"#)
        #expect(try await retry(.json(200, finished)) == .ranToItsEnd(child: "9"))
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

    @Test("a retry's answer is scanned as it comes, however large: what it says of itself may stand behind its data")
    func largeAnswer() async throws {
        let item = #"{"json":{"text":"\#(String(repeating: "x", count: 1000))"}}"#
        let items = Array(repeating: item, count: 9_000).joined(separator: ",")
        let data = #""data":{"resultData":{"runData":{"Fetch":[{"data":{"main":[[\#(items)]]}}]}}}"#
        let body = #"{\#(data),"id":"9","status":"success","retryOf":"7"}"#
        #expect(body.utf8.count > 8 << 20, "more than other answers may have")
        let answer = await (try writer(ScriptedTransport(.json(200, body)))).send(.retry("7", loadWorkflow: false))
        #expect(answer == .applied(child: "9", status: .success))
    }

    @Test(
        "what a proxy says, and every word that was not recorded, proves nothing",
        arguments: [
            (500, #"{"error":"Internal server error"}"#), (500, #"{"message":"An unexpected error occurred"}"#),
            (500, #"{"message":"Internal server error","request_id":"7"}"#), (502, "Bad Gateway"), (504, "{}"),
            (520, ""), (524, ""),
            (503, #"{"message":"Service unavailable"}"#), (404, #"{"message":"not found"}"#), (404, "<html>"),
            (409, #"{"message":"Conflict"}"#), (400, #"{"message":"no"}"#), (401, #"{"error":"Unauthorized"}"#),
            (403, "Forbidden"), (204, ""), (202, "{}"), (418, #"{"message":"Forbidden"}"#),
        ])
    func unproven(_ status: Int, _ body: String) async throws {
        for reply in [ScriptedTransport.Reply.json(status, body), .html(status, body)] {
            let answer = await (try writer(ScriptedTransport(reply))).send(.retry("7", loadWorkflow: false))
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
        guard
            case .failed(let message, _) = await (try writer(ScriptedTransport(reply))).send(
                .retry("7", loadWorkflow: false))
        else {
            Issue.record("not told apart")
            return
        }
        #expect(message.contains("POST /executions/7/retry"))
    }

    @Test("a recorded refusal that comes as something other than JSON proves nothing")
    func refusalAsHTML() async throws {
        let reply = ScriptedTransport.Reply.html(403, #"{"message":"Forbidden"}"#)
        guard case .unanswered = await (try writer(ScriptedTransport(reply))).send(.stop("7")) else {
            Issue.record("believed a refusal in HTML")
            return
        }
    }

    @Test("redirects, 429 and the two start-up texts did nothing")
    func provenByKind() async throws {
        func stop(_ reply: ScriptedTransport.Reply) async throws -> WriteAnswer {
            await (try writer(ScriptedTransport(reply))).send(.stop("7"))
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
        guard
            case .nothing(.notSent, .thisTry, nil, _, nil) = await (try writer(none)).send(
                .retry("7", loadWorkflow: false))
        else {
            Issue.record("\(kind) with no byte sent is a proof")
            return
        }
        let one = ScriptedTransport(.failure(TransportFailure(kind, bytesSent: 1, status: 403, message: "m")))
        guard case .unanswered(403, _) = await (try writer(one)).send(.retry("7", loadWorkflow: false)) else {
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
        _ = await writer.send(.stop("7"))
        #expect(transport.requests.count == 1)
        _ = await writer.send(.stop("7"))
        #expect(transport.requests.map { $0.headers["x-n8n-api-key"] } == ["old-key-1", "new-key-2"])
    }

    @Test("without a key nothing is sent")
    func noKey() async throws {
        let transport = ScriptedTransport(.json(200, "{}"))
        let writer = N8NWriter(connection: try connection { "" }, transport: transport, clock: ManualClock())
        guard case .nothing(.notSent, .thisTry, nil, let words, nil) = await writer.send(.stop("7")) else {
            Issue.record("an empty key is no key")
            return
        }
        #expect(words.contains("empty"))
        #expect(transport.requests.isEmpty)
    }
}
