import MendflowHTTP
import Testing

@testable import MendflowSimulator

/// A list row as n8n answers it; times are minutes before noon.
private func row(
    _ id: Simulator.JSON, _ status: String = "error", mode: String = "webhook", began: Int64? = 10, ended: Int64? = 9,
    of workflow: Simulator.JSON = "orders0000000001", plus more: Simulator.JSON = [:]
) -> Simulator.JSON {
    var row: Simulator.JSON = [
        "id": id, "status": .string(status), "mode": .string(mode), "workflowId": workflow, "retryOf": nil,
        "startedAt": .init(time: began.map { noon - $0 * 60_000 }),
        "stoppedAt": .init(time: ended.map { noon - $0 * 60_000 }), "waitTill": nil,
    ]
    for field in more.object?.fields ?? [] { row[field.key] = field.value }
    return row
}

/// The data of a run that failed in its last node.
private func data(_ message: String, node: String = "HTTP Request") -> Simulator.JSON {
    let entry: Simulator.JSON = ["node": ["name": .string(node)], "data": ["main": [[["json": [:]]]]], "source": nil]
    return [
        "data": [
            "resultData": [
                "runData": [:], "lastNodeExecuted": .string(node),
                "error": ["message": .string(message), "name": "NodeOperationError"],
            ],
            "executionData": ["nodeExecutionStack": [entry]],
        ]
    ]
}

private func loaded(
    _ rows: [Simulator.JSON], _ configuration: Simulator.Configuration = .init(), live: Bool = false,
    _ change: (inout Simulator.Workflow) -> Void = { _ in }
) -> Server {
    let n8n = server()
    n8n.n8n.configuration = configuration
    if var workflow = n8n.n8n.database.workflows[orders] {
        change(&workflow)
        n8n.n8n.add(workflow)
    }
    n8n.n8n.load(workflows: [], rows: rows, details: [], shift: 0)
    if live { n8n.n8n.goOn(from: noon) }
    return n8n
}

extension Server {
    fileprivate func listed(_ query: String, now: Int64 = noon) throws -> [String] {
        (try ask(.get, "/executions?\(query)", now: now).json["data"]?.elements ?? []).compactMap { $0["id"]?.text }
    }

    /// Retries an execution, waits, and answers what came of it.
    fileprivate func retry(_ id: Int) throws -> Simulator.JSON {
        let reply = receive(request(.post, "/executions/\(id)/retry"), now: n8n.now)
        guard let call = reply.call else {
            return try Simulator.JSON(parsing: try #require(reply.response).body)
        }
        let due = advance(to: n8n.now + 600_000).first { $0.0 == call }
        return try Simulator.JSON(parsing: try #require(due?.1.response).body)
    }
}

@Suite("A loaded history")
struct HistoryTests {
    @Test(
        "is no source of errors that it does not hold: their data is withheld, with its size", arguments: [nil, 9_000])
    func unknownData(size: Int64?) throws {
        let n8n = loaded([row("7", plus: size.map { ["jsonSizeBytes": .int($0)] } ?? [:]), row("8", "success")])
        for query in ["includeData=true", "includeData=true&ignoreDataSizeLimit=true"] {
            let answer = try n8n.ask(.get, "/executions/7?\(query)").json
            #expect(answer["dataTooLargeToDisplay"] == true)
            #expect(answer["jsonSizeBytes"] == .int(size ?? 0))
            #expect(answer["data"] == ["version": 1, "resultData": ["runData": [:]]])
        }
        let success = try n8n.ask(.get, "/executions/8?includeData=true").json
        #expect(success["dataTooLargeToDisplay"] == nil)
        #expect(success["data"]?["resultData"]?["runData"]?.object?.fields.isEmpty == false)
    }

    @Test("withholds what its server withheld, and serves what is given later")
    func withheld() throws {
        let stub: Simulator.JSON = ["data": ["resultData": ["runData": [:]]], "dataTooLargeToDisplay": true]
        let n8n = loaded([row("7", plus: stub)])
        #expect(try n8n.ask(.get, "/executions/7?includeData=true").json["dataTooLargeToDisplay"] == true)
        n8n.n8n.load(workflows: [], rows: [], details: [row("7", plus: data("no such order"))], shift: 0)
        let answer = try n8n.ask(.get, "/executions/7?includeData=true").json
        #expect(answer["dataTooLargeToDisplay"] == nil)
        #expect(answer["data"]?["resultData"]?["error"]?["message"] == "no such order")
    }

    @Test("cannot be read with data by a release that withholds nothing")
    func beforeLimits() throws {
        let n8n = loaded([row("7"), row("8", "success")], .init(era: .a))
        #expect(try n8n.ask(.get, "/executions/7?includeData=true").status == 500)
        #expect(try n8n.ask(.get, "/executions/7").status == 200)
        #expect(try n8n.listed("includeData=true") == ["8"])
    }

    @Test("lets runs whose error nobody recorded fail with an error that nobody knows")
    func unrecordedErrors() throws {
        let n8n = loaded([row("7"), row("8", "error", mode: "retry", plus: ["retryOf": "7"])])
        let answer = try n8n.retry(7)
        #expect(answer["status"] == "error")
        #expect(answer["data"]?["resultData"]?["error"] == nil)
        #expect(try n8n.retry(9)["status"] == "error")
        #expect(
            try n8n.ask(.get, "/executions/9?includeData=true", now: n8n.n8n.now).json["dataTooLargeToDisplay"] == true)
    }

    @Test("takes ids as numbers or texts, newest first or not")
    func ids() throws {
        let n8n = loaded([row(12, of: 5), row("9", "success", of: "5"), row(10, "success", of: "5")])
        #expect(try n8n.listed("limit=10") == ["12", "10", "9"])
        #expect(try n8n.listed("workflowId=5") == ["12", "10", "9"])
    }

    @Test(
        "refuses what cannot be served, and says why",
        arguments: [
            (["status": "error", "workflowId": "w", "mode": "webhook"], "has no id"),
            (row("0"), "has the id 0, which is not a whole number above 0"),
            (row("x1"), "has the id x1, which is not a whole number above 0"),
            (row(1.5), "has the id 1.5, which is not a whole number above 0"),
            (row("9223372036854775807"), "has the id 9223372036854775807, which is above 4611686018427387903"),
            (row("7", "odd"), "has the unknown status \"odd\""), (row("7", of: nil), "has no workflowId"),
            (
                row("7", plus: ["startedAt": "yesterday"]),
                "has the startedAt yesterday, which is not a time from 1970 to 3000"
            ),
            (row("7", plus: ["retryOf": "-1"]), "has the retryOf -1, which is not a whole number above 0"),
            (["message": "Unauthorized"], "is an answer of n8n that says \"Unauthorized\""),
            ([:], "is neither an execution"), (nil, "is not a JSON object but null"),
            (["nodes": [], "name": "x"], "is a workflow without an id"),
        ] as [(Simulator.JSON, String)])
    func refused(json: Simulator.JSON, reason: String) {
        let fault = #expect(throws: Simulator.RecordedFault.self) { _ = try Simulator.recorded(json) }
        #expect(fault?.description.hasPrefix(reason) == true, "\(fault?.description ?? "")")
        var n8n = Simulator(now: noon)
        #expect(n8n.load(workflows: [], rows: [json], details: [], shift: 0) == 0)
    }
}

@Suite("A retry of a loaded execution")
struct RecordedRetryTests {
    @Test("comes to what its own retries came to, the last one again and again", arguments: [false, true])
    func ownRetries(live: Bool) throws {
        let n8n = loaded(
            [
                row("7", plus: data("first")), row("8", mode: "retry", plus: ["retryOf": "7"]),
                row("9", "success", mode: "retry", plus: ["retryOf": "7"]),
                row("10", "success", mode: "retry", plus: ["retryOf": "1"]),
            ], live: live)
        #expect(try (1...3).map { _ in try n8n.retry(7)["status"] } == ["error", "success", "success"])
    }

    @Test("fails again with the same error where its node fails on purpose", arguments: [false, true])
    func deliberate(live: Bool) throws {
        let n8n = loaded(
            [
                row("7", plus: data("no stock", node: "Stop and Error")),
                row("8", "success", mode: "retry", plus: ["retryOf": "3"]),
            ],
            live: live
        ) {
            $0.nodes.append(.stopAndError("no stock"))
        }
        for _ in 1...2 {
            let answer = try n8n.retry(7)
            #expect(answer["status"] == "error")
            #expect(answer["data"]?["resultData"]?["error"]?["message"] == "no stock")
        }
    }

    @Test("comes to what retries of its workflow came to, over and over", arguments: [false, true])
    func workflowsRetries(live: Bool) throws {
        let n8n = loaded(
            [
                row("7", plus: data("first")), row("8", mode: "retry", plus: ["retryOf": "3"]),
                row("9", "success", mode: "retry", plus: ["retryOf": "4"]),
            ], live: live)
        #expect(try (1...4).map { _ in try n8n.retry(7)["status"] } == ["error", "success", "error", "success"])
    }

    @Test("heals where nothing is known of retries", arguments: [false, true])
    func nothingKnown(live: Bool) throws {
        let n8n = loaded([row("7"), row("8")], live: live)
        #expect(try n8n.retry(7)["status"] == "success")
    }
}

@Suite("What was live when it was recorded")
struct LoadedLiveTests {
    @Test("waits here too, hidden in era A, and wakes at its time", arguments: Simulator.Era.allCases)
    func waiting(era: Simulator.Era) throws {
        let n8n = loaded([row("7", "waiting", plus: ["waitTill": .init(time: noon + 60_000)])], .init(era: era))
        #expect(try n8n.listed("status=waiting") == (era == .a ? [] : ["7"]))
        #expect(try n8n.listed("limit=5") == (era == .a ? [] : ["7"]))
        #expect(try n8n.ask(.get, "/executions/7").json["status"] == "waiting")
        _ = n8n.advance(to: noon + 60_050)
        #expect(try n8n.listed("limit=5", now: noon + 60_050) == ["7"])
        #expect(try n8n.ask(.get, "/executions/7?includeData=true", now: noon + 60_050).json["status"] == "success")
    }

    @Test("runs till somebody stops it, and is in the list of running ones only", arguments: [false, true])
    func running(queue: Bool) throws {
        let n8n = loaded(
            [row("7", "running", ended: nil)], .init(mode: queue ? .queue(workers: 1, slots: 1) : .regular))
        _ = n8n.advance(to: noon + 86_400_000)
        #expect(try n8n.listed("limit=5", now: noon + 86_400_000) == [])
        #expect(try n8n.listed("status=running", now: noon + 86_400_000) == ["7"])
        #expect(try n8n.ask(.post, "/executions/7/stop", now: noon + 86_400_000).status == 200)
        #expect(try n8n.ask(.get, "/executions/7", now: noon + 86_400_000).json["status"] == "canceled")
    }

    @Test("crashes with its process, and nobody knows its data")
    func runningDies() throws {
        let n8n = loaded([row("7", "running", ended: nil)])
        n8n.n8n.kill(now: noon + 1)
        n8n.n8n.start(now: noon + 2)
        let answer = try n8n.ask(.get, "/executions/7?includeData=true", now: noon + 3).json
        #expect(answer["status"] == "crashed")
        #expect(answer["dataTooLargeToDisplay"] == true)
    }

    @Test("is a job in queue mode: in no list, and taken by a worker in its turn")
    func jobs() throws {
        let n8n = loaded(
            [row("8", "new", began: nil, ended: nil), row("7", "new", began: nil, ended: nil)],
            .init(mode: .queue(workers: 1, slots: 1)))
        #expect(try n8n.listed("status=running") == ["7"])
        for query in ["status=new", "limit=5"] { #expect(try n8n.listed(query) == []) }
        #expect(try n8n.ask(.get, "/executions/8").json["status"] == "new")
        _ = n8n.advance(to: noon + 100)
        #expect(try n8n.listed("limit=5", now: noon + 100) == ["8", "7"])
    }

    @Test("is in n8n's own queue where the concurrency limit is reached, and begins when there is room")
    func throttled() throws {
        let n8n = loaded(
            [row("7", "running", ended: nil), row("8", "new", began: nil, ended: nil)], .init(concurrencyLimit: 1))
        #expect(try n8n.listed("status=new") == ["8"])
        #expect(try n8n.ask(.post, "/executions/7/stop").status == 200)
        _ = n8n.advance(to: noon + 100)
        #expect(try n8n.ask(.get, "/executions/8", now: noon + 100).json["status"] == "success")
    }
}

@Suite("A past that goes on")
struct GoingOnTests {
    @Test("starts a workflow as often as it was started, whatever the order of its ids")
    func period() throws {
        // Hours 9, 5 and 3 before noon: every three hours, next at noon.
        let n8n = loaded(
            [row("3", "success", began: 540), row("1", "success", began: 180), row("2", "success", began: 300)])
        #expect(n8n.n8n.goOn(from: noon) == 1)
        _ = n8n.advance(to: noon + 10_900_000)
        #expect(n8n.n8n.database.ids.filter { $0 > 3 }.count == 2)
    }

    @Test("fails anew as it did before, and when it does: an older time would be that of an earlier error")
    func failsAnew() throws {
        var error: Simulator.JSON = ["message": "boom", "name": "NodeOperationError"]
        error["timestamp"] = .int(noon - 20_000_000)
        var recorded = data("boom")
        recorded["data"]?["resultData"]?["error"] = error
        let n8n = loaded([row("1", began: 20, plus: recorded), row("2", began: 10, plus: recorded)], live: true)
        _ = n8n.advance(to: noon + 1_200_000)
        let id = try #require(n8n.n8n.database.ids.first { $0 > 2 })
        let row = try #require(n8n.n8n.database[id])
        let time = try #require(row.data?["resultData"]?["error"]?["timestamp"]?.integer)
        #expect(row.status == .error && time >= (row.startedAt ?? .max))
    }

    @Test("starts nothing that was started once, never from outside, or is inactive")
    func notStarted() throws {
        #expect(loaded([row("1"), row("2", mode: "retry", plus: ["retryOf": "1"])]).n8n.goOn(from: noon) == 0)
        let children = loaded([row("1", mode: "integrated", began: 20), row("2", mode: "manual", began: 15)])
        #expect(children.n8n.goOn(from: noon) == 0)
        let inactive = loaded([row("1", began: 20), row("2")]) { $0.active = false }
        #expect(inactive.n8n.goOn(from: noon) == 0)
    }
}
