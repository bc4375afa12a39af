import MendflowHTTP
import Testing

@testable import MendflowSimulator

private func world(_ release: Simulator.Release, script: Simulator.Script = .init()) -> Server {
    let server = server(script: script)
    server.n8n.configuration.release = release
    return server
}

@Suite("A release of n8n")
struct EraTests {
    @Test(
        "belongs to an era by its number",
        arguments: [
            ("1.123.81", "A"), ("2.10.0", "A"), ("2.29.9", "A"), ("2.30", "B"), ("2.38.4", "B"), ("2.39.0", "C"),
            ("2.44.9", "C"), ("2.45", "D"), ("3.0.0", "D"),
        ])
    func eras(text: String, era: String) throws {
        #expect(try #require(Simulator.Release(text)).era.rawValue == era)
        #expect(Simulator.Release(era.lowercased()) == Simulator.Era(rawValue: era)?.release)
    }

    @Test("is not read from anything else", arguments: ["", "2", "2.x", "0.236.0", "2.41.1.0", "2.-1", "E"])
    func unreadable(text: String) { #expect(Simulator.Release(text) == nil) }

    @Test(
        "has a filter by start from 2.37, and the limit of data size from 2.28",
        arguments: [
            ("2.27.5", 400, 400), ("2.28.0", 400, 200), ("2.36.0", 400, 200), ("2.37.0", 200, 200),
            ("2.41.1", 200, 200),
        ])
    func parameters(text: String, started: Int, size: Int) throws {
        let n8n = world(try #require(Simulator.Release(text)))
        n8n.trigger(orders)
        #expect(try n8n.ask(.get, "/executions?startedAfter=2020-01-01T00:00:00.000Z").status == started)
        #expect(try n8n.ask(.get, "/executions/1?ignoreDataSizeLimit=true").status == size)
    }

    @Test(
        "lacks what came later",
        arguments: [
            ("1.123.81", [404, 404, 404, 400]), ("2.8.0", [404, 404, 404, 400]), ("2.9.0", [200, 404, 404, 400]),
            ("2.12.0", [200, 500, 404, 400]),
            ("2.13.0", [200, 500, 404, 200]), ("2.14.0", [200, 500, 200, 200]),
        ])
    func endpoints(text: String, statuses: [Int]) throws {
        let n8n = world(try #require(Simulator.Release(text)))
        n8n.trigger(orders)
        _ = n8n.advance(to: noon + 50)
        let asked = [
            try n8n.ask(.get, "/executions/1/tags", now: noon + 50).status,
            try n8n.ask(.post, "/executions/1/stop", now: noon + 50).status,
            try n8n.ask(.get, "/discover", now: noon + 50).status,
            try n8n.ask(.get, "/executions?status=crashed", now: noon + 50).status,
        ]
        #expect(asked == statuses)
    }

    @Test("of era A hides what sleeps until it is started anew, or is upgraded")
    func hiddenWaits() throws {
        let n8n = world(Simulator.Era.a.release, script: .always(.waitForEvent(after: 0, then: .success(after: 0))))
        n8n.trigger(orders)
        func listed(_ query: String, now: Int64) throws -> Int? {
            try n8n.ask(.get, "/executions?\(query)", now: now).json["data"]?.elements?.count
        }
        for query in ["status=waiting", "limit=10", "status=new"] { #expect(try listed(query, now: noon) == 0) }
        #expect(try n8n.ask(.get, "/executions/1").json["status"] == "waiting")
        n8n.n8n.kill(now: noon + 1)
        n8n.n8n.start(now: noon + 2)
        #expect(try listed("status=waiting", now: noon + 3) == 1)
        n8n.trigger(orders, now: noon + 4)
        #expect(try listed("status=waiting", now: noon + 4) == 1)
        n8n.n8n.upgrade(to: Simulator.Era.b.release, now: noon + 5)
        #expect(try listed("status=waiting", now: noon + 6) == 2)
        #expect(n8n.n8n.deeds.contains { $0.what == .upgraded(Simulator.Era.a.release, to: Simulator.Era.b.release) })
    }

    @Test("may change while it runs: the same request is answered another way")
    func upgraded() throws {
        let n8n = world(Simulator.Era.b.release)
        #expect(try n8n.ask(.get, "/executions?bogus=1").status == 400)
        n8n.n8n.upgrade(to: Simulator.Era.c.release, now: noon + 1, taking: 1_000)
        #expect(
            n8n.receive(request(.get, "/executions?bogus=1"), now: noon + 2).response?.body.starts(with: "n8n is".utf8)
                == true)
        #expect(try n8n.ask(.get, "/executions?bogus=1", now: noon + 1_001).status == 200)
    }

    @Test("may have a bug: reads by id answer 500 but for what was started by hand")
    func quirks() throws {
        let n8n = world(Simulator.Era.c.release)
        n8n.trigger(orders)
        n8n.n8n.trigger(orders, mode: "manual", now: noon)
        n8n.n8n.configuration.quirks = [.readFails]
        #expect(try n8n.ask(.get, "/executions/1").status == 500)
        #expect(try n8n.ask(.get, "/executions/2").status == 200)
        n8n.n8n.configuration.quirks = [.readWithDataFails]
        #expect(try n8n.ask(.get, "/executions/1").status == 200)
        #expect(try n8n.ask(.get, "/executions/1?includeData=true").status == 500)
    }
}
