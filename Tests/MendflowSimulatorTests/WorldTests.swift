import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("A simulated server")
struct WorldTests {
    @Test("prunes by age and count, but nothing live and nothing that was ever annotated")
    func pruning() throws {
        let n8n = server(script: .init(next: [.success(after: 0), .waitForEvent(after: 0, then: .hang)]))
        n8n.n8n.configuration.pruning = .init(maxAge: 3_600_000, maxCount: 2, every: 600_000)
        n8n.n8n.add(tag: "t", name: "needs-human")
        for _ in 1...6 { n8n.trigger(orders) }
        n8n.n8n.personTags(1, ["t"])
        _ = n8n.advance(to: noon + 600_000)
        #expect(n8n.n8n.database.ids == [1, 2, 5, 6], "the newest two, the waiting one and the tagged one stay")
        _ = n8n.advance(to: noon + 4_200_000)
        #expect(n8n.n8n.database.ids == [1, 2])
        #expect(n8n.n8n.deeds.map(\.what).contains(.pruned([3, 4])))
        #expect(try n8n.ask(.get, "/executions/3", now: noon + 4_200_000).status == 404)
        #expect(try n8n.ask(.post, "/executions/3/retry", now: noon + 4_200_000).status == 404)
    }

    @Test("stamps rows and answers by its own clock, which may be ahead, while time goes on as for everybody")
    func clock() throws {
        let n8n = server(script: .always(.success(after: 1_000)))
        n8n.n8n.configuration.clockAhead = 3_600_000
        n8n.trigger(orders)
        #expect(n8n.n8n.nextEvent == noon + 1_000)
        let reply = try #require(n8n.receive(request(.get, "/executions/1"), now: noon + 1_000).response)
        #expect(reply.head.headers["Date"] == httpDate(noon + 3_601_000))
        let row = try Simulator.JSON(parsing: reply.body)
        #expect(row["startedAt"]?.text == timestamp(noon + 3_600_000))
        #expect(row["status"] == "success")
        #expect(n8n.n8n.deeds.first?.at == noon)
    }

    @Test("answers 304 to who has the answer already")
    func entityTag() throws {
        let n8n = server()
        n8n.trigger(orders)
        let tag = try #require(n8n.receive(request(.get, "/executions"), now: noon + 50).response?.head.headers["ETag"])
        var again = request(.get, "/executions")
        again.headers["If-None-Match"] = tag
        let same = try #require(n8n.receive(again, now: noon + 60).response)
        #expect(same.status == 304)
        #expect(same.body.isEmpty)
        #expect(same.head.headers["Date"] == httpDate(noon + 60))
        n8n.trigger(orders, now: noon + 100)
        #expect(n8n.receive(again, now: noon + 200).response?.status == 200)
    }

    @Test("storms for a while, on some requests, the same for the same seed")
    func storm() throws {
        func statuses(seed: UInt64) throws -> [Int] {
            let server = Server(Simulator(now: noon, configuration: .init(seed: seed)))
            server.n8n.faults = [
                .storm(.tooManyRequests(retryAfter: 5), during: noon..<noon + 100, oneIn: 2),
                .storm(.badGateway, during: noon + 50..<noon + 100),
            ]
            return try stride(from: 0, to: 120, by: 10).map { after in
                try #require(server.receive(request(.get, "/executions"), now: noon + Int64(after)).response).status
            }
        }
        let first = try statuses(seed: 1)
        #expect(try first == statuses(seed: 1))
        #expect(try first != statuses(seed: 2))
        #expect(Set(first[0..<5]) == [200, 429])
        #expect(Set(first[5..<10]).isSubset(of: [429, 502]))
        #expect(Set(first[10...]) == [200])
    }

    @Test("keeps what its settings say, where a workflow does not say otherwise")
    func saves() throws {
        let n8n = server(script: .init(thenAlways: [.success(after: 0), .error(.http(503), after: 0)]))
        n8n.n8n.configuration.saves = .init(successes: false, failures: true, manual: false)
        for mode in ["webhook", "webhook", "manual", "manual"] { n8n.n8n.trigger(orders, mode: mode, now: noon) }
        #expect(n8n.n8n.database.ids == [2])
        n8n.n8n.database.workflows[orders]?.settings = [
            "saveDataSuccessExecution": "all", "saveManualExecutions": true,
        ]
        n8n.trigger(orders)
        n8n.n8n.trigger(orders, mode: "manual", now: noon)
        #expect(n8n.n8n.database.ids == [2, 5, 6])
    }

    @Test("runs the error workflow for each failure, but not for its own")
    func errorWorkflow() throws {
        let n8n = server(
            script: .init(thenAlways: [.error(.http(503), after: 0)]), settings: ["errorWorkflow": "alarm"])
        n8n.n8n.add(
            Simulator.Workflow(
                id: "alarm", name: "Alarm", nodes: [.code()], settings: ["errorWorkflow": "alarm"],
                script: .always(.error(.code("no"), after: 0))))
        n8n.trigger(orders)
        #expect(n8n.receive(request(.post, "/executions/1/retry")).response?.status == 200)
        let rows = try n8n.ask(.get, "/executions").json["data"]?.elements ?? []
        #expect(rows.compactMap { $0["mode"]?.text } == ["error", "retry", "error", "webhook"])
        #expect(rows.allSatisfy { $0["status"] == "error" })
    }

    @Test("runs the published version from outside and by hand or with loadWorkflow the draft")
    func draft() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)))
        n8n.trigger(orders)
        n8n.n8n.edit(workflow: orders, publishing: false) {
            $0.rename(node: "Code", to: "Shape")
            $0.script = .always(.success(after: 0))
        }
        n8n.trigger(orders)
        n8n.n8n.trigger(orders, mode: "manual", now: noon)
        #expect(try n8n.ask(.post, "/executions/1/retry", ["loadWorkflow": true]).json["status"] == "success")
        let statuses = try n8n.ask(.get, "/executions").json["data"]?.elements?.compactMap { $0["status"]?.text }
        #expect(statuses == ["success", "success", "error", "error"])
        let workflow = try n8n.ask(.get, "/workflows/\(orders)").json
        #expect(workflow["versionId"] != workflow["activeVersionId"])
        #expect(workflow["nodes"]?[1]?["name"] == "Shape")
        #expect(workflow["activeVersion"]?["nodes"]?[1]?["name"] == "Code")
    }

    @Test("redacts by a workflow's policy, and reveals to whom it may")
    func redaction() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)), settings: ["redactionPolicy": "all"])
        n8n.n8n.configuration.keys[0].reveals = false
        n8n.trigger(orders)
        let data = try n8n.ask(.get, "/executions/1?includeData=true").json["data"]
        #expect(data?["resultData"]?["error"] == nil)
        #expect(data?["resultData"]?["redactedError"]?["httpCode"] == "503")
        #expect(data?["redactionInfo"]?["canReveal"] == false)
        #expect(try n8n.ask(.get, "/executions/1?includeData=true&redactExecutionData=false").status == 403)
        n8n.n8n.configuration.keys[0].reveals = true
        let revealed = try n8n.ask(.get, "/executions/1?includeData=true&redactExecutionData=false").json["data"]
        #expect(revealed?["resultData"]?["error"]?["httpCode"] == "503")
    }

    @Test("withholds oversized data unless told otherwise")
    func oversized() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)))
        n8n.trigger(orders)
        n8n.n8n.database.change(1) { $0.isTooLarge = true }
        let short = try n8n.ask(.get, "/executions/1?includeData=true").json
        #expect(short["dataTooLargeToDisplay"] == true)
        #expect(short["data"]?["resultData"]?["error"] == nil)
        let long = try n8n.ask(.get, "/executions/1?includeData=true&ignoreDataSizeLimit=true").json
        #expect(long["data"]?["resultData"]?["error"] != nil)
    }

    @Test("may be put on another database, whose ids mean other runs")
    func swapped() throws {
        let n8n = server(script: .always(.success(after: 0)))
        let other = server(script: .always(.error(.http(503), after: 0)))
        other.trigger(orders, now: noon + 7)
        n8n.trigger(orders)
        n8n.n8n.kill(now: noon + 10)
        n8n.n8n.restore(other.n8n.database)
        n8n.n8n.start(now: noon + 20)
        let row = try n8n.ask(.get, "/executions/1", now: noon + 20).json
        #expect(row["status"] == "error")
        #expect(row["startedAt"]?.text == timestamp(noon + 7))
        #expect(n8n.n8n.deeds.map(\.what).contains(.restored))
    }

    @Test("deletes what is queued or sleeps, which then never runs, and refuses what runs")
    func deletes() throws {
        let n8n = server(
            script: .init(next: [.hang, .success(after: 0), .wait(for: 70_000, after: 0, then: .success(after: 0))]))
        n8n.n8n.configuration.concurrencyLimit = 1
        n8n.trigger(orders)
        n8n.trigger(orders)
        #expect(try n8n.ask(.delete, "/executions/1").status == 400)
        #expect(try n8n.ask(.delete, "/executions/2").json["status"] == "new")
        n8n.n8n.personStops(1, now: noon)
        n8n.trigger(orders)
        #expect(try n8n.ask(.get, "/executions/3").json["status"] == "success", "the deleted one's turn")
        n8n.trigger(orders)
        #expect(try n8n.ask(.delete, "/executions/4").json["id"] == 4)
        _ = n8n.advance(to: noon + 80_000)
        #expect(n8n.n8n.database.ids == [1, 3])
    }

    @Test("pages through filtered lists of many rows, and knows the end")
    func pages() throws {
        let n8n = server()
        for id in 1...1_000 {
            n8n.n8n.addExecution(
                of: orders, status: id % 10 == 0 ? .error : .success, startedAt: noon + Int64(id), id: id)
        }
        var seen: [Int] = []
        var cursor = ""
        repeat {
            let page = try n8n.ask(.get, "/executions?status=error&limit=30&cursor=\(cursor)").json
            seen += page["data"]?.elements?.compactMap { $0["id"]?.text.flatMap { Int($0) } } ?? []
            cursor = page["nextCursor"]?.text ?? ""
        } while !cursor.isEmpty
        #expect(seen == stride(from: 1_000, through: 10, by: -10).map { $0 })
        let recent = try n8n.ask(.get, "/executions?startedAfter=\(timestamp(noon + 995))").json
        #expect(recent["data"]?.elements?.count == 6)
        #expect(recent["nextCursor"]?.isNull == true)
    }

    @Test("forgets old requests where it is told to, and goes on answering those that are held")
    func forgets() throws {
        let n8n = server(script: .init(next: [.error(.http(503), after: 0), .success(after: 1_000)]))
        n8n.n8n.configuration.recordLimit = 5
        n8n.trigger(orders)
        let call = try #require(n8n.receive(request(.post, "/executions/1/retry")).call)
        for _ in 1...50 { _ = try n8n.ask(.get, "/executions/1") }
        #expect((5...10).contains(n8n.n8n.requests.count))
        #expect(n8n.n8n.requests.allSatisfy { $0.reply != nil })
        #expect(n8n.advance(to: noon + 1_000).map(\.0) == [call])
    }

    @Test("stops everything where a bulk stop names no workflow, queued ones unless a date is given")
    func stopsEverything() throws {
        let n8n = server(script: .always(.hang))
        n8n.n8n.configuration.concurrencyLimit = 1
        n8n.n8n.add(
            Simulator.Workflow(
                id: "other", name: "Other", nodes: [.webhook("o"), .wait(hours: nil)],
                script: .always(.waitForEvent(after: 0, then: .hang))))
        n8n.trigger("other")
        n8n.trigger("other")
        _ = n8n.advance(to: noon)
        for _ in 1...3 { n8n.trigger(orders) }
        let all: Simulator.JSON = ["running", "waiting", "queued"]
        let dated = try n8n.ask(
            .post, "/executions/stop",
            ["status": all, "workflowId": "other", "startedAfter": "2020-01-01T00:00:00.000Z"])
        #expect(dated.json["stopped"] == 2)
        #expect(
            try n8n.ask(.post, "/executions/stop", ["status": ["queued"], "startedBefore": "2099-01-01T00:00:00Z"])
                .json["stopped"] == 0)
        let rest = try n8n.ask(.post, "/executions/stop", ["status": all, "workflowId": "all"])
        #expect(rest.json["stopped"] == 3)
        let stopped = n8n.n8n.deeds.filter { if case .stopped = $0.what { true } else { false } }
        #expect(stopped.count == 5)
        #expect(stopped.allSatisfy { $0.by == .key("agent") })
    }

    @Test("is filled with rows whose data is made when it is read")
    func filled() throws {
        let n8n = server()
        n8n.n8n.addHistory(500, of: [orders], every: 1_000, until: noon, failing: 100)
        #expect(try n8n.ids("status=error", now: noon) == ["500", "400", "300", "200", "100"])
        let row = try n8n.ask(.get, "/executions/500?includeData=true").json
        #expect(row["startedAt"]?.text == timestamp(noon - 1_000))
        #expect(row["data"]?["resultData"]?["error"]?["httpCode"] == "503")
        #expect(n8n.receive(request(.post, "/executions/500/retry", [:])).call != nil)
        #expect(n8n.n8n.retries(of: 500) == [501])
    }

    @Test("does what falls due in the order of time, and of being put down where times are equal")
    func order() {
        var agenda = Simulator.Agenda()
        let times: [Int64] = [5, 3, 9, 3, 1, 9, 7, 3, 1]
        for (place, at) in times.enumerated() { agenda.put(.recovers, at: at + (place == 8 ? 10 : 0)) }
        var taken: [Int64] = []
        var turns: [Int] = []
        while let event = agenda.popFirst() {
            taken.append(event.at)
            turns.append(event.turn)
        }
        #expect(taken == [1, 3, 3, 3, 5, 7, 9, 9, 11])
        #expect(turns == [5, 2, 4, 8, 1, 7, 3, 6, 9])
    }

    @Test("is up only when the last of its starts is over")
    func startedTwice() throws {
        let n8n = server()
        n8n.n8n.kill(now: noon)
        n8n.n8n.start(now: noon, taking: 1_000)
        n8n.n8n.kill(now: noon + 500)
        n8n.n8n.start(now: noon + 600, taking: 5_000, answering: .databaseNotReady)
        #expect(try n8n.ask(.get, "/executions", now: noon + 1_000).status == 503)
        #expect(try n8n.ask(.get, "/executions", now: noon + 5_600).status == 200)
    }

    @Test("drops rows whose data it cannot read from lists with data, which may end a list too soon")
    func unreadable() throws {
        let n8n = server(script: .always(.error(.http(503), after: 0)))
        for _ in 1...4 { n8n.trigger(orders) }
        for id in [3, 4] { n8n.n8n.database.change(id) { $0.isUnreadable = true } }
        #expect(try n8n.ids("includeData=true", now: noon) == ["2", "1"])
        let page = try n8n.ask(.get, "/executions?includeData=true&limit=2").json
        #expect(page["data"]?.elements?.isEmpty == true)
        #expect(page["nextCursor"]?.isNull == true)
        #expect(try n8n.ids("limit=2", now: noon) == ["4", "3"])
        #expect(try n8n.ask(.get, "/executions/3").status == 200)
        #expect(try n8n.ask(.get, "/executions/3?includeData=true").status == 500)
    }
}
