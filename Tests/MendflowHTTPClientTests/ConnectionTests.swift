import Glibc
import MendflowHTTP
import MendflowHTTPClient
import Testing

@Suite("Connections that fail", .timeLimit(.minutes(30)))
struct ConnectionTests {
    @Test("A refused connection proves that nothing was sent")
    func refused() async throws {
        let (descriptor, port) = RawServer.boundSocket()
        defer { close(descriptor) }
        let recorder = Recorder()
        let failure = try #require(
            await CurlTransport(mutations).failure(HTTPRequest(.post, "http://127.0.0.1:\(port)/", body: [1]), recorder)
        )
        #expect(failure.kind == .unconnected)
        #expect(failure.bytesSent == 0)
        #expect(failure.status == nil)
        #expect(recorder.log.isEmpty)
    }

    @Test("A name that cannot be resolved proves that nothing was sent")
    func unresolved() async throws {
        let failure = try #require(await CurlTransport(mutations).failure(HTTPRequest(.post, "http://nosuch.invalid/")))
        #expect(failure.kind == .unresolved)
        #expect(failure.bytesSent == 0)
    }

    @Test("A TLS handshake that fails proves that nothing was sent, whatever went over the wire")
    func plainServer() async throws {
        let server = RawServer { visit in
            _ = visit.read()
            visit.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        let recorder = Recorder()
        let failure = try #require(
            await CurlTransport(mutations).failure(HTTPRequest(.post, "https://127.0.0.1:\(server.port)/"), recorder))
        #expect(failure.kind == .tls)
        #expect(failure.bytesSent == 0)
        #expect(recorder.log.isEmpty)
    }

    @Test("A TLS handshake cut off proves that nothing was sent", arguments: [true, false])
    func cutHandshake(reset: Bool) async throws {
        let server = RawServer { visit in
            _ = visit.read()
            if reset { visit.reset() }
        }
        let failure = try #require(
            await CurlTransport(mutations).failure(HTTPRequest(.post, "https://127.0.0.1:\(server.port)/")))
        #expect(failure.bytesSent == 0)
    }

    @Test("A TLS handshake with a silent server can be cancelled and proves that nothing was sent")
    func silentServer() async throws {
        let hello = Gate()
        let server = RawServer { visit in
            _ = visit.read()
            hello.open()
            visit.awaitEnd()
        }
        let client = CurlTransport(mutations)
        let task = Task { await client.failure(HTTPRequest(.post, "https://127.0.0.1:\(server.port)/")) }
        await hello.passed()
        task.cancel()
        let failure = try #require(await task.value)
        #expect(failure.kind == .cancelled)
        #expect(failure.bytesSent == 0)
    }

    @Test("A file of authorities that is not there fails before anything is sent")
    func missingAuthorities() async throws {
        let server = RawServer { visit in visit.awaitEnd() }
        let client = CurlTransport(.init(role: .mutations, caFile: "/nonexistent/authorities.pem"))
        let failure = try #require(await client.failure(HTTPRequest(.post, "https://127.0.0.1:\(server.port)/")))
        #expect(failure.kind == .tls)
        #expect(failure.bytesSent == 0)
    }

    @Test("Failures hold no header value, no password and no proxy password")
    func secrets() async throws {
        let (descriptor, port) = RawServer.boundSocket()
        defer { close(descriptor) }
        for url in [
            "http://me:hunter2@127.0.0.1:\(port)/", "http://me:hunter2@nosuch.invalid/", "http://me:hunter2@[::1/",
        ] {
            let request = HTTPRequest(.get, url, headers: ["X-N8N-API-KEY": "hunter2"])
            let failure = try #require(await CurlTransport(mutations).failure(request))
            #expect(!failure.description.contains("hunter2"))
            #expect(!failure.message.isEmpty)
        }
        let bad = HTTPRequest(.get, "http://127.0.0.1:\(port)/", headers: ["X-N8N-API-KEY": "hunter2\n"])
        #expect(await CurlTransport(mutations).failure(bad)?.description.contains("hunter2") == false)
    }

    @Test("The environment's proxy is ignored unless asked for")
    func proxies() async {
        await #expect(processExitsWith: .success) {
            let proxy = RawServer.answering("HTTP/1.1 502 Proxy\r\nContent-Length: 0\r\n\r\n")
            let server = RawServer.answering(empty)
            setenv("http_proxy", "http://127.0.0.1:\(proxy.port)", 1)
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            for role in [CurlTransport.Role.reads, .mutations] {
                let summary = try await CurlTransport(.init(role: role)).outcome(HTTPRequest(.get, server.url)).get()
                #expect(summary.head.status == 200)
            }
            #expect(proxy.connections == 0)
            let asked = CurlTransport(.init(role: .mutations, proxy: .environment))
            #expect(try await asked.outcome(HTTPRequest(.get, server.url)).get().head.status == 502)
            #expect(server.requests.count == 2)
        }
    }

    @Test("A proxy's CONNECT counts as sent, and its refusal is not the server's answer")
    func connect() async {
        await #expect(processExitsWith: .success) {
            let proxy = RawServer.answering("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            setenv("https_proxy", "http://me:hunter2@127.0.0.1:\(proxy.port)", 1)
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            let client = CurlTransport(.init(role: .mutations, proxy: .environment))
            let recorder = Recorder()
            let request = HTTPRequest(.post, "https://n8n.invalid/", headers: ["X-N8N-API-KEY": "hunter2"])
            let failure = try #require(await client.failure(request, recorder))
            #expect(failure.kind == .unconnected)
            #expect(failure.bytesSent > 0)
            #expect(failure.status == nil)
            #expect(recorder.log.isEmpty)
            #expect(proxy.texts.first?.hasPrefix("CONNECT n8n.invalid:443") == true)
            #expect(proxy.texts.allSatisfy { !$0.contains("N8N-API-KEY") })
            setenv("https_proxy", "gopher://me:hunter2@127.0.0.1:1", 1)
            let unknown = try #require(await client.failure(request))
            #expect(unknown.bytesSent == 0)
            #expect(!unknown.description.contains("hunter2"))
        }
    }
}
