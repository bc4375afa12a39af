import MendflowHTTP
import MendflowHTTPClient
import Testing

@Suite("Answers", .timeLimit(.minutes(30)))
struct AnswerTests {
    let client = CurlTransport(reads)

    @Test("A whole answer arrives in order: sending, head, body; and its bytes are counted")
    func whole() async throws {
        let server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One:  two \r\n\r\nhello")
        let recorder = Recorder()
        let summary = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(recorder.log == ["sending", "head 200", "body 5"])
        #expect(recorder.text == "hello")
        #expect(summary.head.headers["x-one"] == "two")
        #expect(summary.bytesReceived == 5)
        #expect(summary.bytesSent == server.requests.first?.count)
        #expect(summary.framing == .contentLength)
        #expect(!summary.stopped)
    }

    @Test(
        "The framing is told, since it decides whether an answer can be known to be whole",
        arguments: [
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                BodyFraming.chunked
            ),
            ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde", .contentLength),
            ("HTTP/1.1 200 OK\r\n\r\nabcde", .untilClose),
            ("HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nabcde", .untilClose),
        ])
    func framing(answer: String, framing: BodyFraming) async throws {
        let server = RawServer.answeringOnce(answer)
        let recorder = Recorder()
        let summary = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(summary.framing == framing)
        #expect(recorder.text == "abcde")
    }

    @Test("Answers without a body are framed by that", arguments: [204, 304])
    func bodiless(status: Int) async throws {
        let server = RawServer.answering("HTTP/1.1 \(status) So\r\n\r\n")
        let summary = try await client.outcome(HTTPRequest(.get, server.url)).get()
        #expect(summary.framing == .none)
        #expect(summary.head.status == status)
    }

    @Test("The answer to HEAD declares a length and has no body")
    func head() async throws {
        let server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        let summary = try await client.outcome(HTTPRequest(.head, server.url)).get()
        #expect(summary.framing == .none)
        #expect(summary.bytesReceived == 0)
    }

    @Test("Trailers behind a chunked body are no part of the head, and no second head")
    func trailers() async throws {
        let server = RawServer.answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Late: yes\r\n\r\n")
        let recorder = Recorder()
        let summary = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(recorder.log == ["sending", "head 200", "body 3"])
        #expect(summary.head.headers["x-late"] == nil)
    }

    /// libcurl itself bounds a line, and says of a longer one that memory is out.
    @Test("Trailers without end are cut off, the answer is none, and it is said why", arguments: [100, 8000])
    func endlessTrailers(width: Int) async throws {
        let server = RawServer { visit in
            guard visit.request() != nil else { return }
            visit.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")
            let trailers = String(repeating: "X-Late: " + String(repeating: "y", count: width) + "\r\n", count: 100)
            // 100 MB at most, so that the test ends where nothing is counted.
            for _ in 0..<10_000 where !visit.send(trailers) { return }
        }
        let failure = await #expect(throws: TransportFailure.self) {
            _ = try await client.outcome(HTTPRequest(.get, server.url)).get()
        }
        #expect(failure?.kind == .tooLarge && failure?.status == 200)
        #expect(failure?.message.contains("larger than is read: 256 KiB") == true)
    }

    @Test(
        "An answer cut off inside its headers is a failure, though libcurl calls most of them a success",
        arguments: [
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
            "HTTP/1.1 204 No Content\r\nContent-Ty",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK",
            "",
        ])
    func cutOffInHead(answer: String) async throws {
        let server = RawServer.answeringOnce(answer)
        let recorder = Recorder()
        let failure = try #require(await CurlTransport(mutations).failure(HTTPRequest(.post, server.url), recorder))
        #expect(failure.kind == .cutOff)
        #expect(failure.bytesSent == server.requests.first?.count)
        #expect(recorder.log == ["sending"])
        #expect(failure.status != 100)
    }

    @Test(
        "A body cut off is a failure that keeps the status",
        arguments: [
            "Content-Length: 10\r\n\r\nabc", "Content-Length: 10\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "Transfer-Encoding: chunked\r\n\r\n",
        ])
    func cutOffInBody(rest: String) async throws {
        let server = RawServer.answeringOnce("HTTP/1.1 201 Made\r\n" + rest)
        let failure = try #require(await client.failure(HTTPRequest(.get, server.url)))
        #expect(failure.kind == .cutOff)
        #expect(failure.status == 201)
        #expect(failure.bytesSent > 0)
    }

    @Test("A chunked body with a broken chunk is a failure")
    func brokenChunk() async throws {
        let server = RawServer.answeringOnce(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n")
        let failure = try #require(await client.failure(HTTPRequest(.get, server.url)))
        #expect(failure.bytesSent > 0)
        #expect(failure.status == 200)
    }

    @Test(
        "A connection reset after the request is cut off, with everything sent", arguments: ["", "HTTP/1.1 200 OK\r\n"])
    func reset(start: String) async throws {
        let server = RawServer { visit in
            _ = visit.request()
            visit.send(start)
            visit.reset()
        }
        let failure = try #require(await CurlTransport(mutations).failure(HTTPRequest(.post, server.url)))
        #expect(failure.kind == .cutOff)
        #expect(failure.bytesSent == server.requests.first?.count)
    }

    @Test(
        "What is not HTTP is told apart, and does not hide that the request had left",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "<html>hello</html>", "\u{0}\u{1}\u{2}\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        ])
    func notHTTP(answer: String) async throws {
        let server = RawServer.answeringOnce(answer)
        let recorder = Recorder()
        let failure = try #require(await CurlTransport(mutations).failure(HTTPRequest(.post, server.url), recorder))
        #expect(failure.kind == .notHTTP)
        #expect(failure.bytesSent == server.requests.first?.count)
        #expect(!recorder.log.contains { $0.hasPrefix("body") })
    }

    @Test("A head without end is given up")
    func endlessHead() async throws {
        let server = RawServer { visit in
            _ = visit.request()
            visit.send("HTTP/1.1 200 OK\r\n")
            while visit.send("X-Filler: \(String(repeating: "x", count: 1000))\r\n") {}
        }
        let failure = try #require(await client.failure(HTTPRequest(.get, server.url)))
        #expect(failure.status == 200)
    }

    @Test("Interim answers are not the answer", arguments: ["100 Continue", "103 Early Hints", "102 Processing"])
    func interim(line: String) async throws {
        let server = RawServer.answering(
            "HTTP/1.1 \(line)\r\nX-Hint: 1\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok")
        let recorder = Recorder()
        let summary = try await CurlTransport(mutations).outcome(
            HTTPRequest(.post, server.url, body: [1]), recorder
        ).get()
        #expect(recorder.log == ["sending", "head 201", "body 2"])
        #expect(summary.head.headers["x-hint"] == nil)
    }

    @Test("Redirects are answers, not instructions", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let server = RawServer.answering("HTTP/1.1 \(status) Away\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        let summary = try await CurlTransport(mutations).outcome(HTTPRequest(.post, server.url, body: [1])).get()
        #expect(summary.head.status == status)
        #expect(summary.head.headers["location"] == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test("A status of failure is a whole answer like any other", arguments: [400, 401, 404, 409, 429, 500, 503])
    func statuses(status: Int) async throws {
        let server = RawServer.answering("HTTP/1.1 \(status) So\r\nContent-Length: 2\r\n\r\n{}")
        #expect(try await client.outcome(HTTPRequest(.get, server.url)).get().head.status == status)
    }

    @Test("A large answer arrives in pieces, in order")
    func pieces() async throws {
        let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let server = RawServer { visit in
            _ = visit.request()
            visit.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            visit.send(body)
        }
        let recorder = Recorder()
        let summary = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(recorder.body == body)
        #expect(recorder.log.count > 4)
        #expect(summary.bytesReceived == body.count)
    }

    @Test(
        "A reader that has enough ends the transfer and the connection, as a success",
        arguments: [Recorder.Point.head, .body])
    func stop(point: Recorder.Point) async throws {
        let gone = Gate()
        let server = RawServer { visit in
            _ = visit.request()
            visit.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while visit.send("400\r\n\(String(repeating: "x", count: 1024))\r\n") {}
            gone.open()
        }
        let recorder = Recorder(stopAt: point)
        let summary = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(summary.stopped)
        #expect(summary.head.status == 200)
        #expect(recorder.log.count == (point == .head ? 2 : 3))
        await gone.passed()
    }

    @Test("Bodies are left in the coding in which they came")
    func codings() async throws {
        let server = RawServer.answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
        let recorder = Recorder()
        _ = try await client.outcome(HTTPRequest(.get, server.url), recorder).get()
        #expect(recorder.text == "abc")
    }
}
