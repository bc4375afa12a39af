import MendflowHTTP
import Testing

@testable import MendflowSimulator

private func queued(
    _ era: Simulator.Era = .c, workers: Int = 1, slots: Int = 1, script: Simulator.Script,
    saves: Simulator.SaveSettings = .init()
) -> Server {
    let server = server(script: script)
    var world = Simulator.Configuration(era: era, mode: .queue(workers: workers, slots: slots), saves: saves)
    world.keys = server.n8n.configuration.keys
    server.n8n.configuration = world
    return server
}

extension Server {
    /// The ids that a list shows.
    func ids(_ query: String = "", now: Int64) throws -> [String] {
        try ask(.get, "/executions?\(query)", now: now).json["data"]?.elements?.compactMap { $0["id"]?.text } ?? []
    }
    /// The status of an execution; nil where it is gone.
    func status(_ id: Int, now: Int64) throws -> String? {
        try ask(.get, "/executions/\(id)", now: now).json["status"]?.text
    }
}

@Suite("Queue mode")
struct QueueTests {
    @Test("hides a retry's child in every list until a worker takes it", arguments: Simulator.Era.allCases)
    func hiddenChild(era: Simulator.Era) throws {
        let n8n = queued(
            era,
            script: .init(next: [.error(.http(503), after: 0), .success(after: 5_000)], retries: [.success(after: 50)]))
        n8n.trigger(orders)
        n8n.trigger(orders)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry")).call)
        for query in ["", "status=new", "status=running"] {
            #expect(try !n8n.ids(query, now: noon).contains("3"), "\(query)")
        }
        #expect(try n8n.status(3, now: noon) == "new")
        #expect(n8n.n8n.retries.map(\.beganAt) == [nil])
        #expect(n8n.advance(to: noon + 5_000).isEmpty)
        #expect(try n8n.ids("status=running", now: noon + 5_000) == ["3"])
        #expect(n8n.advance(to: noon + 5_050).map(\.0) == [call])
        #expect(n8n.n8n.retries.map(\.beganAt) == [noon + 5_000])
        #expect(try n8n.ask(.get, "/executions/1", now: noon + 5_050).json["retrySuccessId"] == "3")
    }

    @Test("runs so many at once on each worker, oldest first")
    func slots() throws {
        let n8n = queued(workers: 2, slots: 2, script: .always(.success(after: 1_000)))
        for _ in 1...6 { n8n.trigger(orders) }
        #expect(try n8n.ids("status=running", now: noon) == ["4", "3", "2", "1"])
        _ = n8n.advance(to: noon + 1_000)
        #expect(try n8n.ids("status=running", now: noon + 1_000) == ["6", "5"])
    }

    @Test("leaves the run of a killed worker running, until somebody stops it or three hours have passed")
    func deadWorker() throws {
        let n8n = queued(script: .always(.success(after: 60_000)))
        n8n.trigger(orders)
        n8n.trigger(orders)
        n8n.n8n.killWorker(now: noon + 1_000)
        #expect(try n8n.ids("status=running", now: noon + 120_000) == ["1"])
        #expect(try n8n.status(2, now: noon + 120_000) == "new")
        n8n.n8n.startWorker(now: noon + 120_000)
        #expect(try n8n.ids("status=running", now: noon + 120_000) == ["2", "1"])
        let hours: Int64 = 10_800_000
        #expect(try n8n.status(1, now: noon + 1_000 + hours) == "crashed")
        #expect(
            try n8n.ask(.get, "/executions/1", now: noon + 2_000 + hours).json["stoppedAt"]?.text
                == timestamp(noon + 45))
        #expect(try n8n.status(2, now: noon + 1_000 + hours) == "success")
    }

    @Test("may hand the run of a dead worker to another one, under the same id")
    func stalled() throws {
        let n8n = queued(workers: 2, script: .always(.success(after: 60_000)))
        n8n.trigger(orders)
        n8n.n8n.killWorker(0, now: noon + 1_000)
        n8n.n8n.rerunStalled(now: noon + 2_000)
        #expect(try n8n.status(1, now: noon + 61_999) == "running")
        #expect(try n8n.status(1, now: noon + 62_000) == "success")
    }

    @Test("goes on without its main process, which then shows what it did not queue itself")
    func deadMain() throws {
        let n8n = queued(
            script: .init(next: [.error(.http(503), after: 0)], retriesThenAlways: [.success(after: 5_000)]))
        n8n.trigger(orders)
        let first = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon).call)
        let second = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon).call)
        n8n.n8n.kill(now: noon + 1_000)
        #expect(n8n.advance(to: noon + 1_000).map(\.1) == [.drop(.cutOff), .drop(.cutOff)])
        #expect([first, second].count == 2)
        n8n.n8n.start(now: noon + 2_000)
        #expect(try n8n.ids("status=new", now: noon + 2_000) == ["3"])
        #expect(try n8n.status(2, now: noon + 5_000) == "success")
        #expect(try n8n.status(3, now: noon + 10_000) == "success")
        #expect(n8n.n8n.retries.allSatisfy { $0.end == .success })
    }

    @Test("answers 500 to the caller of a queued retry that is stopped, and nothing ever ran")
    func stoppedChild() throws {
        let n8n = queued(script: .init(next: [.error(.http(503), after: 0), .hang]))
        n8n.trigger(orders)
        n8n.trigger(orders)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry")).call)
        #expect(
            try n8n.ask(.post, "/executions/stop", ["status": ["queued"], "startedBefore": "2099-01-01T00:00:00.000Z"])
                .json["stopped"] == 0)
        n8n.n8n.personStops(3, now: noon + 10)
        let due = n8n.advance(to: noon + 10)
        #expect(due.map(\.0) == [call])
        #expect(due.first?.1.response?.status == 500)
        #expect(n8n.n8n.retries.map(\.beganAt) == [nil])
        #expect(n8n.n8n.retries.map(\.end) == [.canceled])
    }

    @Test("forgets its jobs with Redis; their rows stay queued and hidden until they are found")
    func lostJobs() throws {
        let n8n = queued(script: .init(next: [.hang], thenAlways: [.success(after: 0)]))
        n8n.trigger(orders)
        n8n.trigger(orders)
        n8n.n8n.loseJobs(now: noon + 1)
        #expect(try n8n.ids("status=new", now: noon + 60_000).isEmpty)
        #expect(try n8n.status(2, now: noon + 60_000) == "new")
        #expect(try n8n.status(2, now: noon + 10_800_001) == "crashed")
        #expect(try n8n.status(1, now: noon + 10_800_001) == "running", "a worker is at it")
    }

    @Test("shows a run that woke as running while it waits for a worker, and tells its parent")
    func woken() throws {
        let wait = Simulator.Outcome.wait(for: 70_000, after: 0, then: .success(after: 100))
        let n8n = queued(script: .init(next: [.error(.http(503), after: 0), .hang], retries: [wait]))
        n8n.trigger(orders)
        let answer = try n8n.ask(.post, "/executions/1/retry").json
        #expect(answer["status"] == "waiting")
        n8n.trigger(orders)
        #expect(try n8n.status(2, now: noon + 70_000) == "running")
        n8n.n8n.personStops(3, now: noon + 80_000)
        #expect(try n8n.status(2, now: noon + 80_100) == "success")
        #expect(try n8n.ask(.get, "/executions/1", now: noon + 80_100).json["retrySuccessId"] == "2")
    }

    @Test("runs a sub-workflow inside its parent's slot")
    func subWorkflow() throws {
        let n8n = queued(script: .init())
        n8n.n8n.add(
            Simulator.Workflow(id: "child", name: "Child", nodes: [.webhook("c"), .code()], script: .always(.hang)))
        n8n.n8n.add(
            Simulator.Workflow(
                id: "parent", name: "Parent", nodes: [.webhook("p"), .subWorkflow(id: "child")], script: .always(.hang))
        )
        n8n.trigger("parent")
        #expect(try n8n.ids("status=running", now: noon) == ["2", "1"])
        n8n.n8n.killWorker(now: noon)
        #expect(n8n.n8n.runs.isEmpty)
    }
}

@Suite("The concurrency limit of regular mode")
struct ConcurrencyTests {
    @Test("queues what is over it, shows that, and lets the next one go on at an end")
    func limit() throws {
        let n8n = server(script: .always(.success(after: 1_000)))
        n8n.n8n.configuration.concurrencyLimit = 1
        for _ in 1...3 { n8n.trigger(orders) }
        #expect(try n8n.ids("status=new", now: noon) == ["3", "2"])
        #expect(try n8n.ids(now: noon) == ["3", "2"])
        #expect(try n8n.ids("status=running", now: noon + 1_000) == ["2"])
        #expect(try n8n.ids("status=running", now: noon + 2_000) == ["3"])
    }

    @Test("is no limit for retries, and one that is stopped while queued lets the next one start above it")
    func aboveLimit() throws {
        let n8n = server(script: .init(next: [.error(.http(503), after: 0)], thenAlways: [.hang]))
        n8n.n8n.configuration.concurrencyLimit = 1
        for _ in 1...4 { n8n.trigger(orders) }
        _ = n8n.advance(to: noon)
        #expect(try n8n.ids("status=running", now: noon) == ["2"])
        #expect(n8n.receive(request(.post, "/executions/1/retry")).call != nil)
        #expect(try n8n.ids("status=running", now: noon) == ["5", "2"])
        n8n.n8n.personStops(4, now: noon)
        #expect(try n8n.ids("status=running", now: noon) == ["5", "3", "2"])
    }

    @Test("lets queued runs start anew after a crash")
    func restarted() throws {
        let n8n = server(script: .always(.success(after: 1_000)))
        n8n.n8n.configuration.concurrencyLimit = 1
        for _ in 1...3 { n8n.trigger(orders) }
        n8n.n8n.kill(now: noon + 10)
        n8n.n8n.start(now: noon + 20)
        #expect(try n8n.status(1, now: noon + 20) == "crashed")
        #expect(try n8n.ids("status=running", now: noon + 20) == ["2"])
        #expect(try n8n.ids("status=running", now: noon + 1_020) == ["3"])
    }
}
