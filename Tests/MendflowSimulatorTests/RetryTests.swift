import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("A retry")
struct RetryTests {
    @Test("is answered when its run ends, and tells its parent of success")
    func held() throws {
        let n8n = server(script: .init(next: [.error(.http(503), after: 100), .success(after: 20_000)]))
        let failed = try #require(n8n.trigger(orders))
        _ = n8n.advance(to: noon + 100)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon + 1_000).call)
        #expect(n8n.n8n.nextEvent == noon + 21_000)
        #expect(n8n.advance(to: noon + 20_999).isEmpty)
        let due = n8n.advance(to: noon + 21_000)
        #expect(due.map(\.0) == [call])
        let body = try Simulator.JSON(parsing: try #require(due.first?.1.response).body)
        #expect(body["id"] == "2")
        #expect(body["retryOf"] == "1")
        #expect(body["status"] == "success")
        #expect(try n8n.ask(.get, "/executions/1").json["retrySuccessId"] == "2")
        #expect(n8n.n8n.retries(of: failed, by: .key("agent")) == [2])
        #expect(n8n.n8n.retries(of: failed, by: .person("person")).isEmpty)
    }

    @Test("feeds the failed node its whole batch again")
    func batch() throws {
        let n8n = server(script: .always(.error(.http(503, method: "POST").fed(5), after: 0)))
        n8n.trigger(orders, now: noon)
        let retried = try n8n.ask(.post, "/executions/1/retry", ["loadWorkflow": false])
        #expect(retried.json["data"]?["resultData"]?["runData"]?["HTTP Request"]?.elements?.count == 1)
        for id in [1, 2] {
            let data = try n8n.ask(.get, "/executions/\(id)?includeData=true").json["data"]
            let fed = data?["executionData"]?["nodeExecutionStack"]?[0]?["data"]?["main"]?[0]?.elements
            #expect(fed?.count == 5)
            #expect(data?["resultData"]?["error"]?["context"]?["request"]?["method"] == "POST")
        }
    }

    @Test("of a renamed node with loadWorkflow answers 500 and makes no row")
    func renamed() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)))
        n8n.trigger(orders, now: noon)
        n8n.n8n.edit(workflow: orders) { $0.rename(node: "HTTP Request", to: "Call API") }
        #expect(try n8n.ask(.post, "/executions/1/retry", ["loadWorkflow": true]).status == 500)
        #expect(try n8n.ask(.get, "/executions").json["data"]?.elements?.count == 1)
        #expect(n8n.n8n.retries(of: 1).isEmpty)
    }

    @Test("with loadWorkflow runs the edited workflow, without it the snapshot")
    func edited() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)))
        n8n.trigger(orders, now: noon)
        n8n.n8n.edit(workflow: orders) { $0.script = .always(.success(after: 0)) }
        #expect(try n8n.ask(.post, "/executions/1/retry", ["loadWorkflow": false]).json["status"] == "error")
        #expect(try n8n.ask(.post, "/executions/1/retry", ["loadWorkflow": true]).json["status"] == "success")
    }

    @Test("that is stopped answers 500 and leaves a canceled row")
    func stopped() throws {
        let n8n = server(script: .init(next: [.error(.http(503), after: 0), .hang]))
        n8n.trigger(orders, now: noon)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon).call)
        n8n.n8n.personStops(2, now: noon + 5)
        let due = n8n.advance(to: noon + 5)
        #expect(due.map(\.0) == [call])
        #expect(due.first?.1.response?.status == 500)
        #expect(try n8n.ask(.get, "/executions/2").json["status"] == "canceled")
    }

    @Test("of a workflow that keeps no successes leaves no trace")
    func notKept() throws {
        let n8n = server(
            script: .init(next: [.error(.http(503), after: 0)]), settings: ["saveDataSuccessExecution": "none"])
        n8n.trigger(orders, now: noon)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon).call)
        #expect(try n8n.ask(.get, "/executions?status=running").json["data"]?.elements?.count == 1)
        let due = n8n.advance(to: noon + 50)
        #expect(due.map(\.0) == [call])
        #expect(due.first?.1.response?.status == 200)
        #expect(try n8n.ask(.get, "/executions/2", now: noon + 50).status == 404)
        #expect(try n8n.ask(.get, "/executions/1", now: noon + 50).json["retrySuccessId"]?.isNull == true)
        #expect(n8n.n8n.retries(of: 1) == [2])
    }

    @Test("that falls asleep is answered then, and does not tell its parent")
    func sleeps() throws {
        let wait = Simulator.Outcome.wait(for: 7_200_000, after: 0, then: .success(after: 10))
        let n8n = server(script: .init(next: [.error(.http(503), after: 0), wait]))
        n8n.trigger(orders, now: noon)
        let answer = try n8n.ask(.post, "/executions/1/retry").json
        #expect(answer["status"] == "waiting")
        #expect(answer["waitTill"]?.text == timestamp(noon + 7_200_000))
        _ = n8n.advance(to: noon + 7_200_010)
        let row = try n8n.ask(.get, "/executions/2", now: noon + 7_200_010).json
        #expect(row["status"] == "success")
        #expect(row["retryOf"] == "1")
        #expect(try n8n.ask(.get, "/executions/1").json["retrySuccessId"]?.isNull == true)
    }

    @Test("after a crash starts at the trigger, or with saved progress at the node that ran", arguments: [false, true])
    func crashed(saved: Bool) throws {
        let n8n = server(
            script: .init(next: [.hang, .success(after: 0)]), settings: ["saveExecutionProgress": .bool(saved)])
        n8n.trigger(orders, now: noon)
        n8n.n8n.kill(now: noon + 1_000)
        #expect(n8n.receive(request(.get, "/executions"), now: noon + 1_000) == .drop(.refused))
        n8n.n8n.start(now: noon + 2_000)
        #expect(try n8n.ask(.get, "/executions/1", now: noon + 2_000).json["status"] == "crashed")
        let runs = try n8n.ask(.post, "/executions/1/retry", now: noon + 2_000).json["data"]?["resultData"]?["runData"]
        #expect(runs?["Webhook"]?.elements?.count == (saved ? 1 : 2))
        #expect(runs?["HTTP Request"]?.elements?.count == 1)
    }

    @Test("of a parent runs its sub-workflow again")
    func subWorkflow() throws {
        let n8n = Server(Simulator(now: noon))
        n8n.n8n.add(
            Simulator.Workflow(
                id: "child", name: "Child", nodes: [.webhook("c"), .http(url: "http://x")],
                script: .init(next: [.error(.http(503), after: 0)])))
        n8n.n8n.add(
            Simulator.Workflow(id: "parent", name: "Parent", nodes: [.webhook("p"), .subWorkflow(id: "child")]))
        n8n.trigger("parent", now: noon)
        let rows = try n8n.ask(.get, "/executions").json["data"]?.elements ?? []
        #expect(rows.map { $0["mode"] } == ["integrated", "webhook"])
        #expect(rows.map { $0["status"] } == ["error", "error"])
        let data = try n8n.ask(.get, "/executions/2?includeData=true").json["data"]
        #expect(data?["parentExecution"]?["executionId"] == "1")
        let call = n8n.receive(request(.post, "/executions/1/retry"), now: noon).call
        #expect(n8n.advance(to: noon + 100).map(\.0) == [try #require(call)])
        #expect(try n8n.ask(.get, "/executions/4", now: noon + 100).json["mode"] == "integrated")
    }

    @Test(
        "of a stopped run whose progress was not saved runs to its end and is called an error; with it saved a success")
    func stoppedRun() throws {
        for saved in [false, true] {
            let n8n = server(
                script: .init(next: [.hang], retries: [.success(after: 10)]),
                settings: ["saveExecutionProgress": .bool(saved)])
            n8n.trigger(orders, now: noon)
            n8n.n8n.personStops(1, now: noon + 1_000)
            let call = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon + 2_000).call)
            let due = n8n.advance(to: noon + 2_010)
            #expect(due.map(\.0) == [call])
            let answer = try Simulator.JSON(parsing: try #require(due.first?.1.response).body)
            #expect(answer["status"] == (saved ? "success" : "error") && answer["finished"] == true)
            let row = try n8n.ask(.get, "/executions/2?includeData=true", now: noon + 2_010).json
            #expect(row["status"] == answer["status"] && row["finished"] == true)
            let result = row["data"]?["resultData"]
            #expect(result?["error"]?["name"]?.text == (saved ? nil : "ManualExecutionCancelledError"))
            #expect(result?["runData"]?["HTTP Request"]?[0]?["executionStatus"] == "success")
            #expect(try n8n.ask(.get, "/executions/1", now: noon + 2_010).json["retrySuccessId"] == "2")
            #expect(try n8n.ask(.post, "/executions/2/retry", now: noon + 2_010).status == 409)
        }
    }

    @Test("of a run that a time limit cut off in a call has nothing on its stack: it runs nothing and succeeds")
    func nothingOnTheStack() throws {
        let n8n = server(
            script: .init(next: [.hang], retries: [.error(.http(503), after: 10)]), settings: ["executionTimeout": 3])
        n8n.trigger(orders, now: noon)
        _ = n8n.advance(to: noon + 3_000)
        let before = try n8n.ask(.get, "/executions/1?includeData=true", now: noon + 3_000).json
        #expect(before["status"] == "canceled" && before["data"]?["resultData"]?["error"] == nil)
        #expect(before["data"]?["executionData"]?["nodeExecutionStack"]?.elements?.isEmpty == true)
        _ = n8n.receive(request(.post, "/executions/1/retry"), now: noon + 4_000)
        _ = n8n.advance(to: noon + 4_010)
        let after = try n8n.ask(.get, "/executions/2?includeData=true", now: noon + 4_010).json
        #expect(after["status"] == "success")
        let ran = [before, after].map { $0["data"]?["resultData"]?["runData"]?.object?.fields.map(\.key) }
        #expect(ran[0] == ran[1] && ran[0]?.contains("HTTP Request") == false)
    }

    @Test("with loadWorkflow of a node that is disabled by now succeeds without the step")
    func disabledNode() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)))
        n8n.trigger(orders, now: noon)
        n8n.n8n.edit(workflow: orders) { $0.nodes[2].json["disabled"] = true }
        _ = n8n.receive(request(.post, "/executions/1/retry", ["loadWorkflow": true]), now: noon)
        _ = n8n.advance(to: noon + 10)
        #expect(try n8n.ask(.get, "/executions/2", now: noon + 10).json["status"] == "success")
    }

    @Test("that is never answered: its run is in no list, GET by id and the parent know it, a restart shows it")
    func neverAnswered() throws {
        let n8n = server(
            script: .init(next: [.error(.http(503), after: 0)], retries: [.success(after: 50)]),
            settings: ["saveDataSuccessExecution": "none"])
        n8n.n8n.configuration.mode = .queue(workers: 1)
        n8n.n8n.faults = [.init(.neverAnswered, at: [.retry])]
        n8n.trigger(orders, now: noon)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry"), now: noon + 100).call)
        #expect(n8n.advance(to: noon + 3_600_000).isEmpty)
        let now = noon + 3_600_000
        #expect(try n8n.ask(.get, "/executions/2", now: now).json["status"] == "success")
        #expect(try n8n.ask(.get, "/executions/1", now: now).json["retrySuccessId"] == "2")
        for query in ["", "?status=success", "?status=running", "?status=new"] {
            let rows = try n8n.ask(.get, "/executions\(query)", now: now).json["data"]?.elements ?? []
            #expect(!rows.contains { $0["id"] == "2" }, "\(query)")
        }
        n8n.n8n.kill(now: now)
        #expect(n8n.advance(to: now).map(\.0) == [call])
        n8n.n8n.start(now: now)
        #expect(try n8n.ask(.get, "/executions", now: now).json["data"]?.elements?.count == 2)
    }
}
