import Glibc
import MendflowHTTP
import MendflowHTTPClient
import Synchronization
import Testing

@Suite("Cancellation and many at once", .timeLimit(.minutes(30)))
struct CancellationTests {
    @Test("Cancelling after the request was sent ends the connection and tells what was sent")
    func afterSending() async throws {
        let arrived = Gate()
        let gone = Gate()
        let server = RawServer { visit in
            _ = visit.request()
            arrived.open()
            visit.awaitEnd()
            gone.open()
        }
        let client = CurlTransport(mutations)
        let task = Task { await client.failure(HTTPRequest(.post, server.url, body: [1, 2])) }
        await arrived.passed()
        task.cancel()
        let failure = try #require(await task.value)
        #expect(failure.kind == .cancelled)
        #expect(failure.bytesSent == server.requests[0].count)
        await gone.passed()
    }

    @Test("Cancelling inside the body keeps the status and cannot be taken for an answer")
    func insideBody() async throws {
        let server = RawServer { visit in
            _ = visit.request()
            visit.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            visit.awaitEnd()
        }
        let begun = Gate()
        let client = CurlTransport(mutations)
        let task = Task { () -> TransportFailure? in
            do throws(TransportFailure) {
                _ = try await client.send(HTTPRequest(.post, server.url)) { event in
                    if case .body = event { begun.open() }
                    return .more
                }
                return nil
            } catch {
                return error
            }
        }
        await begun.passed()
        task.cancel()
        let failure = try #require(await task.value)
        #expect(failure.kind == .cancelled)
        #expect(failure.status == 200)
        #expect(failure.bytesSent > 0)
    }

    @Test("A task that is cancelled already sends nothing")
    func beforehand() async throws {
        let server = RawServer.answering(empty)
        let client = CurlTransport(mutations)
        let ready = Gate()
        let task = Task {
            await ready.passed()
            return await client.failure(HTTPRequest(.post, server.url))
        }
        task.cancel()
        ready.open()
        let failure = try #require(await task.value)
        #expect(failure.kind == .cancelled)
        #expect(failure.bytesSent == 0)
        #expect(server.connections == 0)
    }

    @Test("Saying stop when the request is about to leave keeps it from leaving")
    func atTheLastMoment() async throws {
        let rest = Mutex<[UInt8]?>(nil)
        let gone = Gate()
        let server = RawServer { visit in
            let bytes = visit.awaitEnd()
            rest.withLock { $0 = bytes }
            gone.open()
        }
        let client = CurlTransport(mutations)
        let failure = await client.failure(HTTPRequest(.post, server.url, body: [1]), Recorder(stopAt: .sending))
        #expect(failure?.kind == .cancelled)
        #expect(failure?.bytesSent == 0)
        await gone.passed()
        #expect(rest.withLock { $0 } == [])
    }

    @Test("Connecting to a host that does not answer can be cancelled, with nothing sent")
    func connecting() async throws {
        // A listener whose queue is full drops further connection attempts.
        let (listener, port) = RawServer.boundSocket()
        listen(listener, 0)
        let fillers = fill(port)
        defer { for descriptor in fillers + [listener] { close(descriptor) } }
        let client = CurlTransport(mutations)
        let task = Task { await client.failure(HTTPRequest(.post, "http://127.0.0.1:\(port)/")) }
        // Two whole round trips on the same thread let the attempt begin; either way the outcome is the same.
        let other = RawServer.answering(empty)
        for _ in 1...2 { _ = await client.outcome(HTTPRequest(.get, other.url)) }
        task.cancel()
        let failure = try #require(await task.value)
        #expect(failure.kind == .cancelled)
        #expect(failure.bytesSent == 0)
    }

    @Test("Long requests of any number hold up neither one another nor the reads")
    func many() async {
        let count = 100
        let arrived = Gate(after: count)
        let release = Gate()
        let server = RawServer { visit in
            guard let request = visit.request() else { return }
            if request.hasPrefix("POST") {
                arrived.open()
                release.block()
            }
            visit.send(empty)
        }
        let acting = CurlTransport(mutations)
        let reading = CurlTransport(reads)
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try? await acting.outcome(HTTPRequest(.post, server.url, body: [1])).get().head.status
                }
            }
            await arrived.passed()
            for _ in 1...3 {
                let read = await reading.outcome(HTTPRequest(.get, server.url))
                #expect((try? read.get())?.head.status == 200)
            }
            release.open()
            for await status in group { #expect(status == 200) }
        }
        #expect(server.requests.count { $0.starts(with: Array("POST".utf8)) } == count)
    }

    @Test("Reads use four connections per host at once, and no more")
    func hostLimit() async {
        let present = Mutex((now: 0, most: 0))
        let four = [Gate(after: 4), Gate(after: 4), Gate(after: 4)]
        let turn = Mutex(0)
        let server = RawServer { visit in
            while visit.request() != nil {
                present.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                let gate = four[
                    turn.withLock { turn in
                        defer { turn += 1 }
                        return min(turn / 4, 2)
                    }]
                gate.open()
                gate.block()
                present.withLock { $0.now -= 1 }
                visit.send(empty)
            }
        }
        let client = CurlTransport(reads)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<12 {
                group.addTask { (try? await client.outcome(HTTPRequest(.get, server.url)).get()) != nil }
            }
            for await answered in group { #expect(answered) }
        }
        #expect(present.withLock { $0.most } == 4)
        #expect(server.connections == 4)
    }

    @Test("A read that waits for its turn can be cancelled, and hosts do not wait for one another")
    func waitingTurn() async throws {
        let arrived = Gate(after: 4)
        let busy = RawServer { visit in
            while visit.request() != nil { arrived.open() }
        }
        let other = RawServer.answering(empty)
        let client = CurlTransport(reads)
        await withTaskGroup(of: TransportFailure?.self) { group in
            for _ in 1...4 { group.addTask { await client.failure(HTTPRequest(.get, busy.url)) } }
            await arrived.passed()
            let fifth = Task { await client.failure(HTTPRequest(.get, busy.url)) }
            #expect((try? await client.outcome(HTTPRequest(.get, other.url)).get()) != nil)
            fifth.cancel()
            let failure = await fifth.value
            #expect(failure?.kind == .cancelled)
            #expect(failure?.bytesSent == 0)
            group.cancelAll()
            for await failure in group { #expect((failure?.bytesSent ?? 0) > 0) }
        }
        #expect(busy.requests.count == 4)
    }

    @Test("Shutting down ends what is under way as cancelled, and refuses what comes later")
    func shutdown() async throws {
        let arrived = Gate(after: 3)
        let gone = Gate(after: 3)
        let server = RawServer { visit in
            _ = visit.request()
            arrived.open()
            visit.awaitEnd()
            gone.open()
        }
        let client = CurlTransport(mutations)
        await withTaskGroup(of: TransportFailure?.self) { group in
            for _ in 1...3 { group.addTask { await client.failure(HTTPRequest(.post, server.url)) } }
            await arrived.passed()
            client.shutdown()
            for await failure in group {
                #expect(failure?.kind == .cancelled)
                #expect((failure?.bytesSent ?? 0) > 0)
            }
        }
        await gone.passed()
        let late = try #require(await client.failure(HTTPRequest(.post, server.url)))
        #expect(late.kind == .cancelled)
        #expect(late.bytesSent == 0)
        #expect(server.requests.count == 3)
    }

    @Test("Letting go of a client ends its thread and its kept connections")
    func release() async throws {
        let gone = Gate()
        let server = RawServer { visit in
            while visit.request() != nil { visit.send(empty) }
            gone.open()
        }
        var client: CurlTransport? = CurlTransport(reads)
        _ = try await client?.outcome(HTTPRequest(.get, server.url)).get()
        client = nil
        await gone.passed()
    }

    /// Connects until an attempt no longer succeeds at once.
    private func fill(_ port: Int) -> [Int32] {
        var descriptors: [Int32] = []
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var connected = true
        while connected, descriptors.count < 16 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(descriptor)
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
            }
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            connected = code == 0 || (Glibc.poll(&poll, 1, 50) == 1 && poll.revents & Int16(POLLERR) == 0)
        }
        return descriptors
    }
}
