import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("Keys of requests")
struct KeyTests {
    private static let key = RequestKey(IntentID(12), reservedAt: AgentTime(milliseconds: 1_793_606_400_000))
    private static let probeKey = RequestKey(probeAt: AgentTime(milliseconds: 1_793_606_400_000))
    private static let recorded = Recording.load("n8n-2.41.1/recordings-keys.jsonl", "n8n-2.41.1")

    private static func recorded(_ name: String) throws -> Recording {
        try #require(recorded.first { $0.name == name })
    }

    @Test("go with each request as its Idempotency-Key, and with none that has no key")
    func header() async throws {
        let transport = ScriptedTransport(.json(500, "{}"))
        let writer = try writer(transport)
        _ = await writer.send(.retry("7", loadWorkflow: true), key: Self.key)
        _ = await writer.send(.delete("7"), key: nil)
        #expect(transport.requests.map { $0.headers["idempotency-key"] } == ["mendflow-12-1793606400000", nil])
        #expect(RequestKey("mendflow-12-1793606400000") == Self.key)
    }

    @Test("are 1 to 128 visible characters")
    func valid() {
        for text in ["", "a b", "ü", "a\u{7F}", String(repeating: "x", count: 129)] {
            #expect(RequestKey(text) == nil, "\(text)")
        }
        #expect(RequestKey(String(repeating: "x", count: 128)) != nil)
    }

    @Test("are probed by bulk stops that stop nothing, as they were sent to a real n8n")
    func probes() async throws {
        let transport = ScriptedTransport(.json(200, #"{"stopped":0}"#))
        let writer = try writer(transport)
        #expect(await writer.send(KeyProbe(Self.probeKey, .first)) == .taken)
        #expect(await writer.send(KeyProbe(Self.probeKey, .other)) == .taken)
        for (request, name) in zip(transport.requests, ["probe.1", "probe.3.other-body"]) {
            let recorded = try Self.recorded(name)
            #expect(request.method == .post && request.url.hasSuffix(recorded.path))
            #expect(String(decoding: request.body ?? [], as: UTF8.self) == recorded.body)
            #expect(request.headers["idempotency-key"] == "mendflow-probe-1793606400000")
        }
    }

    @Test(
        "are ignored by 2.41.1: it answers both probes alike",
        arguments: ["probe.1", "probe.2.same", "probe.3.other-body"])
    func ignored(_ name: String) async throws {
        let answer = try Self.recorded(name)
        #expect(await (try writer(ScriptedTransport(.init(answer)))).send(KeyProbe(Self.probeKey, .other)) == .taken)
    }

    @Test("are honoured where the key is refused, with any status that may mean that", arguments: [400, 409, 422])
    func refused(_ status: Int) async throws {
        let transport = ScriptedTransport(.json(status, #"{"message":"used with another request"}"#))
        let answer = await (try writer(transport)).send(KeyProbe(Self.probeKey, .other))
        #expect(answer == .refused(status: status, message: "used with another request"))
    }

    @Test("are not known to be honoured by any other answer")
    func unclear() async throws {
        let others: [ScriptedTransport.Reply] = [
            .json(401, #"{"message":"Unauthorized"}"#), .json(403, #"{"message":"Forbidden"}"#),
            .json(404, #"{"message":"not found"}"#), .json(429, #"{"message":"Too many requests"}"#),
            .json(500, #"{"message":"Internal server error"}"#), .json(200, #"{"stopped":1}"#), .json(200, "{}"),
            .html(409, "<h1>Conflict</h1>"), .html(422, ""), .html(200, "n8n is starting up. Please wait"),
            .failure(TransportFailure(.cutOff, bytesSent: 100, message: "cut off")),
        ]
        for reply in others {
            let answer = await (try writer(ScriptedTransport(reply))).send(KeyProbe(Self.probeKey, .other))
            guard case .unclear(let words) = answer else {
                Issue.record("\(reply) is \(answer)")
                continue
            }
            #expect(!words.isEmpty)
        }
    }
}
