import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("Data that n8n or the reader holds back")
struct WithheldDataTests {
    @Test("more bytes than are read leave an oversized detail, and the rest is not downloaded")
    func tooManyBytes() async throws {
        let filler = [UInt8](repeating: 0x20, count: 3 << 20)
        let transport = ScriptedTransport { request, _ in
            request.url.contains("includeData")
                ? .answer(200, [.init("Content-Type", "application/json")], filler)
                : .json(200, #"{"id":"7","workflowId":"w","status":"error"}"#)
        }
        var reader = try reader(transport)
        reader.limits.detail = 1 << 20
        #expect(try await reader.detail("7")?.detail.readability == .oversized)
        #expect(transport.bodyBytes < (1 << 20) + 5000)
    }

    @Test(
        "data that n8n withholds is asked for once more where it is small enough for us",
        arguments: [1 << 20, 64 << 20])
    func withheld(_ size: Int) async throws {
        let stub = DetailTests.json(more: #","dataTooLargeToDisplay":true,"jsonSizeBytes":\#(size)"#)
        let whole = DetailTests.json(data: #"{"resultData":{"error":{"message":"m"},"runData":{}}}"#)
        let transport = ScriptedTransport { request, _ in
            .json(200, request.url.contains("ignoreDataSizeLimit=true") ? whole : stub)
        }
        let answer = try #require(try await reader(transport).detail("7"))
        #expect(answer.detail.readability == .readable && answer.detail.error?.message == "m")
        #expect(
            transport.requests.map(\.url) == [
                "https://n8n.example.com/api/v1/executions/7?includeData=true",
                "https://n8n.example.com/api/v1/executions/7?includeData=true&ignoreDataSizeLimit=true",
            ])
    }

    @Test("data beyond our limit, or of unknown size, is not asked for once more", arguments: [0, (64 << 20) + 1])
    func tooLargeForUs(_ size: Int) async throws {
        let transport = ScriptedTransport(
            .json(200, DetailTests.json(more: #","dataTooLargeToDisplay":true,"jsonSizeBytes":\#(size)"#)))
        #expect(try await reader(transport).detail("7")?.detail.readability == .oversized)
        #expect(transport.requests.count == 1)
    }

    @Test("data that is far larger than jsonSizeBytes said is read up to our own limit, and is then too large to read")
    func sizeThatBoundsNothing() async throws {
        let stub = DetailTests.json(more: #","dataTooLargeToDisplay":true,"jsonSizeBytes":99"#)
        let padding = String(repeating: "x", count: 65 << 20)
        let transport = ScriptedTransport { request, _ in
            request.url.contains("ignoreDataSizeLimit")
                ? .json(200, DetailTests.json(more: #","padding":"\#(padding)""#)) : .json(200, stub)
        }
        #expect(try await reader(transport).detail("7")?.detail.readability == .oversized)
        #expect(transport.bodyBytes < 66 << 20 && transport.requests.count == 2)
    }

    @Test("a server that cannot give withheld data leaves it oversized; one that is away is asked again later")
    func withheldFor() async throws {
        func detail(_ second: ScriptedTransport.Reply) async throws -> DetailedExecution? {
            let stub = DetailTests.json(more: #","dataTooLargeToDisplay":true,"jsonSizeBytes":99"#)
            let transport = ScriptedTransport { request, _ in
                request.url.contains("ignoreDataSizeLimit") ? second : .json(200, stub)
            }
            return try await reader(transport).detail("7")
        }
        let refusal = try #require(Recording.named("get.ignoreLimit", "n8n-2.27.5"))
        for reply in [
            ScriptedTransport.Reply(refusal), .json(500, #"{"message":"Internal server error"}"#), .json(200, "{}"),
        ] {
            #expect(try await detail(reply)?.detail.readability == .oversized)
        }
        #expect(try await detail(.json(404, #"{"message":"Not Found"}"#)) == nil)
        let error = await #expect(throws: ReadFailure.self) { try await detail(.html(502, "Bad Gateway")) }
        #expect(error?.kind == .unreachable)
    }

    @Test("a row that is answered with 500 itself is a failure of the server, not a row that is gone")
    func brokenRow() async throws {
        let transport = ScriptedTransport(.json(500, #"{"message":"Internal server error"}"#))
        let error = await #expect(throws: ReadFailure.self) { try await reader(transport).detail("7") }
        #expect(error?.kind == .serverError && error?.status == 500)
        #expect(error?.request == "GET /executions/7")
    }

    @Test("a row that vanishes between its data and itself is gone")
    func vanished() async throws {
        let transport = ScriptedTransport { request, _ in
            request.url.contains("includeData")
                ? .json(500, #"{"message":"Internal server error"}"#) : .json(404, #"{"message":"Not Found"}"#)
        }
        #expect(try await reader(transport).detail("7") == nil)
    }

}
