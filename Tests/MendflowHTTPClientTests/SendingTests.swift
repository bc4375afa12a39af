import CLibCurl
import MendflowHTTP
import MendflowHTTPClient
import Testing

@Suite("What is sent", .timeLimit(.minutes(30)))
struct SendingTests {
    @Test("A request is what it says, and nothing is added that changes its meaning")
    func exact() async throws {
        let server = RawServer.answering(empty)
        let request = HTTPRequest(
            .put, server.url + "a/b?c=d",
            headers: ["X-N8N-API-KEY": "key", "Content-Type": "application/json", "X-Empty": ""],
            body: Array("{}".utf8))
        let summary = try await CurlTransport(mutations).outcome(request).get()
        let lines = server.texts[0].split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.first == "PUT /a/b?c=d HTTP/1.1")
        #expect(
            Set(lines.dropFirst().dropLast(2)) == [
                "Host: 127.0.0.1:\(server.port)", "Accept: */*", "X-N8N-API-KEY: key",
                "Content-Type: application/json", "X-Empty:", "Accept-Encoding: identity", "Content-Length: 2",
            ])
        #expect(lines.suffix(2) == ["", "{}"])
        #expect(summary.bytesSent == server.requests[0].count)
    }

    @Test("No body and an empty body are different requests")
    func bodies() async throws {
        let server = RawServer.answering(empty)
        let client = CurlTransport(mutations)
        _ = try await client.outcome(HTTPRequest(.post, server.url)).get()
        _ = try await client.outcome(HTTPRequest(.post, server.url, body: [])).get()
        #expect(!server.texts[0].lowercased().contains("content-"))
        #expect(server.texts[1].contains("Content-Length: 0\r\n"))
        #expect(!server.texts[1].contains("Content-Type"))
        #expect(server.texts.allSatisfy { $0.hasPrefix("POST / HTTP/1.1\r\n") })
    }

    @Test("Every method is sent under its own name", arguments: ["DELETE", "PATCH", "HEAD", "GET"])
    func methods(name: String) async throws {
        let server = RawServer.answering(empty)
        _ = try await CurlTransport(mutations).outcome(HTTPRequest(HTTPMethod(name), server.url)).get()
        #expect(server.texts[0].hasPrefix("\(name) / HTTP/1.1\r\n"))
    }

    @Test("Bodies of any size leave whole, at once and counted", arguments: [1, 65_535, 65_536, 300_000, 1_200_000])
    func counted(size: Int) async throws {
        let server = RawServer.answering(empty)
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        let summary = try await CurlTransport(mutations).outcome(HTTPRequest(.post, server.url, body: body)).get()
        let request = try #require(server.requests.first)
        #expect(Array(request.suffix(size)) == body)
        #expect(!String(decoding: request.prefix(500), as: UTF8.self).contains("Expect"))
        // Only the first write is counted in full where the system takes a body below 64 KiB in parts.
        #expect(summary.bytesSent >= size && summary.bytesSent <= request.count)
    }

    @Test("libcurl by itself sends a POST again when a kept connection dies before the answer")
    func trapOfLibcurl() async {
        let server = RawServer.dyingWhenKept()
        let done = Gate()
        RawServer.spawn { [url = server.url] in
            _ = mendflow_curl_open()
            let easy = mendflow_curl_easy_init()
            _ = mendflow_curl_set_text(easy, CURLOPT_URL, url)
            _ = mendflow_curl_set_text(easy, CURLOPT_PROXY, "")
            _ = mendflow_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
            _ = mendflow_curl_set_long(easy, CURLOPT_POSTFIELDSIZE, 2)
            var body = Array("{}".utf8)
            body.withUnsafeMutableBytes { bytes in
                _ = mendflow_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
            }
            mendflow_curl_easy_perform(easy)
            mendflow_curl_easy_perform(easy)
            mendflow_curl_easy_cleanup(easy)
            done.open()
        }
        await done.passed()
        #expect(server.requests.count == 3, "two calls, three requests: the reason for fresh connections")
    }

    @Test("A mutation is sent exactly once, on a connection of its own")
    func once() async throws {
        let server = RawServer.dyingWhenKept()
        let client = CurlTransport(mutations)
        for _ in 1...3 { _ = try await client.outcome(HTTPRequest(.post, server.url, body: [1])).get() }
        #expect(server.requests.count == 3)
        #expect(server.connections == 3)
    }

    @Test("A mutation whose connection dies before the answer is not sent again")
    func dead() async throws {
        let server = RawServer { visit in _ = visit.request() }
        let failure = try #require(await CurlTransport(mutations).failure(HTTPRequest(.post, server.url, body: [1])))
        #expect(failure.kind == .cutOff)
        #expect(server.requests.count == 1)
        #expect(server.connections == 1)
        #expect(failure.bytesSent == server.requests[0].count)
    }

    @Test("Reads keep their connection; one that dies is made up for, announced once and counted twice")
    func reuse() async throws {
        let server = RawServer.dyingWhenKept()
        let client = CurlTransport(reads)
        _ = try await client.outcome(HTTPRequest(.get, server.url)).get()
        let recorder = Recorder()
        let second = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(server.connections == 2)
        #expect(server.requests.count == 3)
        #expect(recorder.log == ["sending", "head 200"])
        #expect(second.bytesSent == 2 * server.requests[0].count)
    }

    @Test("The client for reads refuses what acts", arguments: [HTTPMethod.post, .put, .delete, HTTPMethod("PATCH")])
    func readsOnly(method: HTTPMethod) async throws {
        let server = RawServer.answering(empty)
        let failure = try #require(await CurlTransport(reads).failure(HTTPRequest(method, server.url)))
        #expect(failure.kind == .invalidRequest)
        #expect(failure.bytesSent == 0)
        #expect(server.connections == 0)
    }

    @Test(
        "Nothing can be smuggled into a request",
        arguments: [
            HTTPRequest(.get, "/a\r\nX-Evil: 1"), HTTPRequest(.get, "/a b"), HTTPRequest(.get, "/a\u{0}b"),
            HTTPRequest(.get, "/\u{7F}"), HTTPRequest(HTTPMethod("GET /x HTTP/1.1\r\n"), "/"),
            HTTPRequest(HTTPMethod(""), "/"),
            HTTPRequest(.get, "/", headers: ["X-A": "1\r\nX-Evil: 1"]), HTTPRequest(.get, "/", headers: ["X-A": "1\n"]),
            HTTPRequest(.get, "/", headers: ["X-A": "1\u{0}2"]),
            HTTPRequest(.get, "/", headers: ["X-A: 1\r\nX-Evil": "1"]),
            HTTPRequest(.get, "/", headers: ["": "1"]),
            HTTPRequest(.post, "/", headers: ["Content-Length": "0"], body: [1]),
            HTTPRequest(.post, "/", headers: ["transfer-encoding": "chunked"]),
            HTTPRequest(.get, "/", headers: ["Expect": "1"]),
            HTTPRequest(.get, "/", headers: ["Accept-Encoding": "gzip"]), HTTPRequest(.head, "/", body: [1]),
        ])
    func smuggling(request: HTTPRequest) async throws {
        let server = RawServer.answering(empty)
        var request = request
        request.url = server.url.dropLast() + request.url
        let failure = try #require(await CurlTransport(mutations).failure(request))
        #expect(failure.kind == .invalidRequest)
        #expect(failure.bytesSent == 0)
        #expect(!failure.message.contains("Evil"))
        #expect(server.connections == 0)
    }

    @Test(
        "A URL that is none is refused",
        arguments: [
            "", "n8n.example.com", "/path", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://[::1/",
            "http://a:99999/",
        ])
    func urls(url: String) async throws {
        let failure = try #require(await CurlTransport(mutations).failure(HTTPRequest(.get, url)))
        #expect(failure.kind == .invalidRequest)
        #expect(failure.bytesSent == 0)
    }

}

extension RawServer {
    /// Answers the first request of the first connection, reads the second and dies; later connections live.
    static func dyingWhenKept() -> RawServer {
        RawServer { visit in
            while visit.request() != nil {
                visit.send(empty)
                if visit.index == 1 {
                    _ = visit.request()
                    return
                }
            }
        }
    }
}
