import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("A workflow's webhook")
struct WebhookTests {
    private func call(_ n8n: Server, _ path: String = "/webhook/orders", _ method: HTTPMethod = .post)
        -> Simulator.Reply
    {
        n8n.receive(HTTPRequest(method, path), now: n8n.n8n.now)
    }

    private func json(_ reply: Simulator.Reply?) throws -> Simulator.JSON {
        try Simulator.JSON(parsing: try #require(reply?.response, "\(String(describing: reply))").body)
    }

    private func answering(_ mode: String, _ script: Simulator.Script = .init()) -> Server {
        let n8n = server(script: script)
        n8n.n8n.database.workflows[orders]?.nodes[0].json["parameters"]?["responseMode"] = .string(mode)
        return n8n
    }

    @Test("starts it and answers at once, whatever the method", arguments: [HTTPMethod.get, .post, .put])
    func starts(method: HTTPMethod) throws {
        let n8n = server(script: .always(.success(after: 5_000)))
        #expect(try json(call(n8n, method: method)) == ["message": "Workflow was started"])
        #expect(n8n.n8n.database[1]?.status == .running)
        #expect(n8n.n8n.database[1]?.mode == "webhook")
    }

    private func call(_ n8n: Server, method: HTTPMethod) -> Simulator.Reply { call(n8n, "/webhook/orders?x=1", method) }

    @Test("that says so answers when the run ended", arguments: ["lastNode", "responseNode"])
    func whenEnded(mode: String) throws {
        let n8n = answering(mode, .init(next: [.success(after: 50), .error(.http(503), after: 50)]))
        for (status, text) in [(200, nil), (500, "Error in workflow")] as [(Int, String?)] {
            let held = try #require(call(n8n).call)
            let due = n8n.advance(to: n8n.n8n.now + 50)
            #expect(due.map(\.0) == [held])
            #expect(due.first?.1.response?.status == status)
            #expect(try json(due.first?.1)["message"]?.text == text)
        }
    }

    @Test("over the concurrency limit answers when its run begins")
    func throttled() throws {
        let n8n = server(script: .always(.success(after: 1_000)))
        n8n.n8n.configuration.concurrencyLimit = 1
        #expect(call(n8n).response?.status == 200)
        let held = try #require(call(n8n).call)
        #expect(n8n.n8n.database[2]?.status == .new)
        let due = n8n.advance(to: noon + 1_000)
        #expect(due.map(\.0) == [held])
        #expect(try json(due.first?.1) == ["message": "Workflow was started"])
        #expect(n8n.n8n.database[2]?.status == .running)
    }

    @Test("in queue mode answers at once, though the run is queued")
    func queued() {
        let n8n = server()
        n8n.n8n.configuration.mode = .queue(workers: 1, slots: 1)
        n8n.n8n.killWorker(now: noon)
        #expect(call(n8n).response?.status == 200)
        #expect(n8n.n8n.database[1]?.status == .new)
    }

    @Test("is not registered where nobody knows the path, or its workflow is inactive")
    func unknown() throws {
        let n8n = server()
        let reply = call(n8n, "/webhook/other")
        #expect(reply.response?.status == 404)
        #expect(try json(reply)["message"] == "The requested webhook \"POST other\" is not registered.")
        n8n.n8n.database.workflows[orders]?.active = false
        #expect(call(n8n).response?.status == 404)
        #expect(n8n.n8n.database.ids.isEmpty)
    }
}
