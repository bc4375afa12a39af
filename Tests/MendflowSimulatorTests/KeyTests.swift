import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("An Idempotency-Key")
struct KeyTests {
    /// A server of era D with a failed run, whose retries take 20 seconds and come to these ends.
    static func server(
        _ reading: Simulator.KeyReading = .init(), release: Simulator.Release = Simulator.Era.d.release,
        retries: [Simulator.Outcome] = [.success(after: 20_000), .success(after: 20_000)]
    ) -> Server {
        let n8n = MendflowSimulatorTests.server(script: .init(next: [.error(.http(503), after: 0)], retries: retries))
        n8n.n8n.configuration.release = release
        n8n.n8n.configuration.keyReading = reading
        n8n.trigger(orders)
        return n8n
    }

    static func retry(_ key: String, load: Bool = false, user: String = "test-key") -> HTTPRequest {
        var retry = request(.post, "/executions/1/retry", ["loadWorkflow": .bool(load)], key: user)
        retry.headers["Idempotency-Key"] = key
        return retry
    }

    @Test("is ignored before 2.45, and where something takes it out of the request")
    func ignored() {
        var stripped = Simulator.KeyReading()
        stripped.isStripped = true
        for n8n in [Self.server(release: Simulator.Era.c.release), Self.server(stripped)] {
            _ = n8n.receive(Self.retry("a"))
            _ = n8n.receive(Self.retry("a"))
            #expect(n8n.n8n.retries(of: 1) == [2, 3])
        }
    }

    @Test("answers again what was answered, for twelve hours, and to its user alone")
    func replayed() throws {
        let n8n = Self.server()
        n8n.n8n.configuration.keys.append(.init(key: "other", name: "other"))
        let call = try #require(n8n.receive(Self.retry("a")).call)
        let first = try #require(n8n.advance(to: noon + 20_000).first { $0.0 == call }?.1.response)
        let again = try #require(n8n.receive(Self.retry("a"), now: noon + 3_600_000 * 11).response)
        #expect(first.status == 200 && again.body == first.body)
        #expect(n8n.n8n.retries(of: 1) == [2])
        #expect(n8n.receive(Self.retry("a", load: true), now: noon + 3_600_000 * 11).response?.status == 422)
        _ = n8n.receive(Self.retry("a", user: "other"), now: noon + 3_600_000 * 11)
        #expect(n8n.n8n.retries(of: 1) == [2, 3])
        _ = n8n.receive(Self.retry("a"), now: noon + 3_600_000 * 12)
        #expect(n8n.n8n.retries(of: 1) == [2, 3, 4])
    }

    @Test(
        "is refused while its request goes on, or waits for the same answer",
        arguments: Simulator.KeyReading.Processing.allCases)
    func processing(_ processing: Simulator.KeyReading.Processing) throws {
        var reading = Simulator.KeyReading()
        reading.processing = processing
        let n8n = Self.server(reading)
        let first = try #require(n8n.receive(Self.retry("a")).call)
        let second = n8n.receive(Self.retry("a"), now: noon + 10)
        let answers = n8n.advance(to: noon + 20_000)
        switch processing {
        case .refused:
            #expect(second.response?.status == 409)
            #expect(answers.map(\.0) == [first])
        case .held:
            #expect(answers.map(\.0) == [first, try #require(second.call)])
            #expect(answers.first?.1.response?.body == answers.last?.1.response?.body)
        }
        #expect(n8n.n8n.retries(of: 1) == [2])
    }

    @Test("is answered though the first caller is gone")
    func callerGone() throws {
        let n8n = Self.server()
        n8n.n8n.faults = [.init(.loseAnswer(after: 100))]
        _ = n8n.receive(Self.retry("a"))
        _ = n8n.advance(to: noon + 20_000)
        let again = try #require(n8n.receive(Self.retry("a"), now: noon + 20_001).response)
        #expect(try Simulator.JSON(parsing: again.body)["id"] == "2")
        #expect(n8n.n8n.retries(of: 1) == [2])
    }

    @Test("keeps an answer that is no success, or is free again", arguments: [false, true])
    func failures(_ keeps: Bool) throws {
        var reading = Simulator.KeyReading()
        reading.keepsFailures = keeps
        let n8n = Self.server(reading)
        _ = n8n.receive(Self.retry("a"))
        _ = n8n.receive(request(.post, "/executions/2/stop"), now: noon + 10)
        // n8n tells the caller of a run that was stopped that it failed.
        let again = n8n.receive(Self.retry("a"), now: noon + 20)
        #expect(again.response?.status == (keeps ? 500 : nil))
        #expect(n8n.n8n.retries(of: 1) == (keeps ? [2] : [2, 3]))
    }

    @Test("outlives a start of the process, or does not", arguments: Simulator.KeyReading.AtRestart.allCases)
    func restart(_ atRestart: Simulator.KeyReading.AtRestart) throws {
        var reading = Simulator.KeyReading()
        reading.atRestart = atRestart
        let n8n = Self.server(reading)
        _ = n8n.receive(Self.retry("done"))
        _ = n8n.advance(to: noon + 20_000)
        _ = n8n.receive(Self.retry("going"), now: noon + 20_000)
        n8n.n8n.kill(now: noon + 21_000)
        n8n.n8n.start(now: noon + 22_000)
        let (done, underWay) = (
            n8n.receive(Self.retry("done"), now: noon + 23_000).response?.status,
            n8n.receive(Self.retry("going"), now: noon + 24_000).response?.status
        )
        switch atRestart {
        case .kept: #expect(done == 200 && underWay == 409)
        case .processingForgotten: #expect(done == 200 && underWay == nil)
        case .forgotten: #expect(done == nil && underWay == nil)
        }
    }

    @Test("is forgotten where the server forgets some")
    func forgotten() {
        var reading = Simulator.KeyReading()
        reading.forgetsSome = true
        let n8n = Self.server(reading)
        for key in ["a", "b", "c"] {
            _ = n8n.receive(Self.retry(key), now: noon)
            _ = n8n.advance(to: noon + 60_000)
            _ = n8n.receive(Self.retry(key), now: noon + 60_001)
        }
        // The sum of the characters of "c" is a multiple of three.
        #expect(n8n.n8n.retries(of: 1).count == 4)
    }

    @Test("is 1 to 128 visible characters", arguments: ["", "a b", String(repeating: "x", count: 129)])
    func invalid(_ key: String) {
        let n8n = Self.server()
        #expect(n8n.receive(Self.retry(key)).response?.status == 400)
        #expect(n8n.n8n.retries(of: 1) == [])
    }

    @Test("is treated in each way that the documents leave open")
    func everyReading() {
        #expect(Set(Simulator.KeyReading.every).count == 108)
    }
}

@Suite("A limit of requests")
struct RateLimitTests {
    @Test("counts reads and writes apart, tells what is left, and refuses what is beyond it before it runs")
    func limits() throws {
        let n8n = KeyTests.server(release: Simulator.Release(2, 47))
        n8n.n8n.configuration.rateLimit = .init(reads: 2, writes: 1, window: 60_000)
        func headers(_ response: HTTPResponse?) -> [String?] {
            ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"].map { response?.head.headers[$0] }
        }
        #expect(headers(n8n.receive(request(.get, "/executions")).response) == ["2", "1", "60"])
        let last = n8n.receive(request(.get, "/executions"), now: noon + 30_000).response
        #expect(headers(last) == ["2", "0", "30"])
        let refused = n8n.receive(request(.get, "/executions"), now: noon + 30_500).response
        #expect(refused?.status == 429 && refused?.head.headers["Retry-After"] == "30")
        #expect(n8n.receive(KeyTests.retry("a"), now: noon + 31_000).call != nil)
        #expect(n8n.receive(KeyTests.retry("b"), now: noon + 32_000).response?.status == 429)
        #expect(n8n.n8n.retries(of: 1) == [2])
        #expect(headers(n8n.receive(request(.get, "/executions"), now: noon + 60_000).response) == ["2", "1", "60"])
    }

    @Test("is told by nobody before 2.47")
    func older() {
        let n8n = KeyTests.server()
        n8n.n8n.configuration.rateLimit = .init(reads: 0, writes: 0)
        let answer = n8n.receive(request(.get, "/executions")).response
        #expect(answer?.status == 200 && answer?.head.headers["X-RateLimit-Limit"] == nil)
    }
}
