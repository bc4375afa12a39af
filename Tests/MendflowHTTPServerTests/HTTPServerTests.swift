import MendflowHTTP
import MendflowHTTPServer
import MendflowTestKit
import Synchronization
import Testing

@Suite("The HTTP server", .timeLimit(.minutes(30)))
struct HTTPServerTests {
    @Test("hands over method, target, header fields and body as they were sent")
    func request() async throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let server = try HTTPServer.start { request in
            seen.withLock { $0 = request }
            return .respond(HTTPResponse(status: 201, headers: ["X-One": "1", "Date": "then"], body: Array("ok".utf8)))
        }
        let answer = await RawClient(port: server.port).exchange(
            "MOVE /a%20b?x=%26&y HTTP/1.1\r\nHost: h\r\nX-Two: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
        await server.stop()
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == HTTPMethod("MOVE"))
        #expect(request.url == "/a%20b?x=%26&y")
        #expect(request.headers["x-two"] == "2")
        #expect(request.body == Array("abc".utf8))
        #expect(answer.hasPrefix("HTTP/1.1 201 "))
        #expect(answer.contains("X-One: 1\r\n"))
        #expect(answer.components(separatedBy: "Date: ").count == 2)
        #expect(answer.contains("Date: then\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nok"))
    }

    @Test("tells a request without a body from one with an empty body", arguments: [false, true])
    func emptyBody(empty: Bool) async throws {
        let seen = Mutex<[UInt8]?>([1])
        let server = try HTTPServer.start { request in
            seen.withLock { $0 = request.body }
            return .respond(HTTPResponse(status: 204))
        }
        let length = empty ? "Content-Length: 0\r\n" : ""
        let answer = await RawClient(port: server.port).exchange(
            "POST / HTTP/1.1\r\nHost: h\r\n\(length)Connection: close\r\n\r\n")
        await server.stop()
        #expect(answer.hasPrefix("HTTP/1.1 204 "))
        #expect(seen.withLock { $0 } == (empty ? [] : nil))
    }

    @Test("answers HEAD without a body")
    func head() async throws {
        let server = try HTTPServer.start { _ in .respond(HTTPResponse(status: 200, body: Array("body".utf8))) }
        let answer = await RawClient(port: server.port).exchange(
            "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        await server.stop()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test("refuses a body over the limit with 413, announced or not", arguments: [false, true])
    func tooLarge(chunked: Bool) async throws {
        let calls = Mutex(0)
        let server = try HTTPServer.start(.init(bodyBytes: 10)) { _ in
            calls.withLock { $0 += 1 }
            return .respond(HTTPResponse(status: 200))
        }
        let text =
            chunked
            ? "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n"
            : "Content-Length: 11\r\n\r\n12345678901"
        let answer = await RawClient(port: server.port).exchange(
            "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(text)")
        await server.stop()
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(calls.withLock { $0 } == 0)
    }

    @Test("closes the connection without a byte where the handler says so")
    func closes() async throws {
        let server = try HTTPServer.start { _ in .close }
        let answer = await RawClient(port: server.port).exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await server.stop()
        #expect(answer == "")
    }

    @Test("serves others while an answer is held, and sends it when it comes")
    func held() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let server = try HTTPServer.start(.init(threads: 1)) { request in
            if request.url == "/held" { for await _ in gate.stream { break } }
            return .respond(HTTPResponse(status: 200, body: Array(request.url.utf8)))
        }
        let client = RawClient(port: server.port)
        async let held = client.exchange("GET /held HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        let quick = await client.exchange("GET /quick HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        gate.continuation.yield()
        #expect(quick.hasSuffix("/quick"))
        #expect(await held.hasSuffix("/held"))
        await server.stop()
    }

    @Test("when stopped ends held answers; when drained sends them first", arguments: [false, true])
    func stops(draining: Bool) async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let gate = AsyncStream<Void>.makeStream()
        let server = try HTTPServer.start { _ in
            arrived.continuation.yield()
            for await _ in gate.stream { break }
            return .respond(HTTPResponse(status: 200, body: Array("late".utf8)))
        }
        let client = RawClient(port: server.port)
        async let answer = client.exchange("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        for await _ in arrived.stream { break }
        async let stopped: Void = server.stop(draining: draining)
        if draining { gate.continuation.yield() }
        await stopped
        #expect(await answer.hasSuffix("late") == draining)
        #expect(client.open() == -1)
        await server.stop()
    }

    @Test("says which port is taken")
    func taken() async throws {
        let server = try HTTPServer.start { _ in .close }
        let error = #expect(throws: HTTPServerError.self) {
            try HTTPServer.start(.init(port: server.port)) { _ in .close }
        }
        #expect(error?.port == server.port)
        await server.stop()
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
