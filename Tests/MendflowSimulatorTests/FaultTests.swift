import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("A fault")
struct FaultTests {
    private let retry = request(.post, "/executions/1/retry")

    private func failed(_ fault: Simulator.Fault, then outcome: Simulator.Outcome = .success(after: 1_000)) -> Server {
        let server = server(script: .init(next: [.error(.http(503), after: 0), outcome]))
        server.trigger(orders)
        server.n8n.faults = [.init(fault, at: [.retry], executions: [1])]
        return server
    }

    @Test("that loses the request leaves nothing done", arguments: [Simulator.Drop.refused, .lost])
    func lostRequest(drop: Simulator.Drop) {
        let n8n = failed(drop == .refused ? .refuse : .loseRequest())
        #expect(n8n.receive(retry) == .drop(drop))
        #expect(n8n.n8n.retries(of: 1).isEmpty)
        #expect(n8n.receive(retry).call != nil, "it befalls one request only")
    }

    @Test("that loses the answer lets the run go on")
    func lostAnswer() throws {
        let n8n = failed(.loseAnswer())
        #expect(n8n.receive(retry) == .drop(.cutOff))
        _ = n8n.advance(to: noon + 1_000)
        #expect(try n8n.ask(.get, "/executions/2", now: noon + 1_000).json["status"] == "success")
    }

    @Test("of a gateway answers 504 while the run goes on, unless the run was quicker", arguments: [30_000, 90_000])
    func gateway(duration: Int64) throws {
        let n8n = failed(.gatewayTimeout, then: .success(after: duration))
        let call = try #require(n8n.receive(retry).call)
        let due = n8n.advance(to: noon + 60_000)
        #expect(due.map(\.0) == [call])
        #expect(due.first?.1.response?.status == (duration < 60_000 ? 200 : 504))
        #expect(n8n.advance(to: noon + duration).isEmpty)
        #expect(try n8n.ask(.get, "/executions/1", now: noon + duration).json["retrySuccessId"] == "2")
    }

    @Test("before or after the deed answers the same 500", arguments: [false, true])
    func error(after: Bool) throws {
        let n8n = failed(after ? .errorAfter : .errorBefore)
        let answer = try n8n.ask(.post, "/executions/1/retry")
        #expect(answer.status == 500)
        #expect(answer.json == ["message": "Internal server error"])
        #expect(n8n.n8n.retries(of: 1) == (after ? [2] : []))
    }

    @Test("that delays the request lets the deed come late")
    func delayed() throws {
        let n8n = failed(.delayRequest(5_000))
        let call = try #require(n8n.receive(retry).call)
        #expect(n8n.n8n.retries(of: 1).isEmpty)
        #expect(n8n.advance(to: noon + 5_999).isEmpty)
        #expect(n8n.n8n.retries(of: 1) == [2])
        #expect(n8n.advance(to: noon + 6_000).map(\.0) == [call])
    }

    @Test("that doubles the request does the deed twice")
    func doubled() throws {
        let n8n = failed(.duplicate)
        let call = try #require(n8n.receive(retry).call)
        #expect(n8n.n8n.retries(of: 1) == [2, 3])
        #expect(n8n.advance(to: noon + 1_000).map(\.0).contains(call))
    }

    @Test("that loses the child answers well and leaves no row")
    func childLost() throws {
        let n8n = failed(.childNotSaved)
        #expect(n8n.receive(retry).call != nil)
        #expect(n8n.advance(to: noon + 1_000).first?.1.response?.status == 200)
        #expect(try n8n.ask(.get, "/executions/2", now: noon + 1_000).status == 404)
    }

    @Test("cuts the body, or puts a proxy's or a starting server's words in its place")
    func bodies() throws {
        let n8n = failed(.truncate(to: 10))
        n8n.n8n.faults = [
            .init(.truncate(to: 10)), .init(.badGateway), .init(.tooManyRequests(retryAfter: 7)),
            .init(.startingUp), .init(.databaseNotReady), .init(.redirect(to: "/login")),
        ]
        let list = request(.get, "/executions")
        let answers = try (1...6).map { _ in try #require(n8n.receive(list).response) }
        #expect(answers.map(\.status) == [200, 502, 429, 200, 503, 302])
        #expect(answers[0].body == Array(#"{"data":[{"#.utf8))
        #expect(answers[2].head.headers["retry-after"] == "7")
        #expect(String(decoding: answers[3].body, as: UTF8.self) == "n8n is starting up. Please wait")
        #expect(answers[5].head.headers["location"] == "/login")
    }

    @Test("makes a stop idle, or lets the run write its own end over it", arguments: [false, true])
    func stops(undone: Bool) throws {
        let n8n = server(script: .always(.success(after: 1_000)))
        n8n.trigger(orders)
        n8n.n8n.faults = [.init(undone ? .stopUndone : .stopIgnored, at: [.stop])]
        #expect(try n8n.ask(.post, "/executions/1/stop").json["status"] == "canceled")
        #expect(try n8n.ask(.get, "/executions/1").json["status"]?.text == (undone ? "canceled" : "running"))
        #expect(try n8n.ask(.get, "/executions/1", now: noon + 1_000).json["status"] == "success")
    }

    @Test("of the whole server: down, starting, up again; an earlier database comes back")
    func power() throws {
        let n8n = server(script: .always(.success(after: 1_000)))
        let backup = n8n.n8n.database
        n8n.trigger(orders)
        n8n.n8n.kill(now: noon)
        n8n.n8n.restore(backup)
        n8n.n8n.start(now: noon, taking: 5_000, answering: .databaseNotReady)
        #expect(n8n.receive(request(.get, "/executions")).response?.status == 503)
        #expect(try n8n.ask(.get, "/executions", now: noon + 5_000).json["data"]?.elements?.isEmpty == true)
        #expect(n8n.trigger(orders, now: noon + 6_000) == 1, "ids begin again")
    }
}
