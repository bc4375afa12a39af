import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("The simulated server's own switches")
struct ControlTests {
    private func post(
        _ n8n: Server, _ path: String, _ method: HTTPMethod = .post
    ) throws -> (status: Int, json: Simulator.JSON) {
        let answer = n8n.n8n.control(HTTPRequest(method, "/simulate" + path), now: noon)
        let response = try #require(answer)
        return (response.status, try Simulator.JSON(parsing: response.body))
    }

    @Test("kill the main process and start it again")
    func power() throws {
        let n8n = server()
        #expect(try post(n8n, "/kill").json["power"] == "down")
        #expect(n8n.receive(request(.get, "/executions")) == .drop(.refused))
        #expect(try post(n8n, "", .get).json["power"] == "down")
        #expect(try post(n8n, "/start").json["power"] == "up")
        #expect(try n8n.ask(.get, "/executions").status == 200)
    }

    @Test("kill workers, counted from 1, and start them again")
    func workers() throws {
        let n8n = server()
        #expect(try post(n8n, "/kill-worker").status == 400)
        n8n.n8n.configuration.mode = .queue(workers: 2)
        #expect(try post(n8n, "/kill-worker?worker=2").json["workersDown"] == [2])
        #expect(try post(n8n, "/kill-worker").json["workersDown"] == [1, 2])
        #expect(try post(n8n, "/start-worker?worker=2").json["workersDown"] == [1])
        #expect(try post(n8n, "/kill-worker?worker=3").status == 400)
    }

    @Test("upgrade it")
    func upgrade() throws {
        let n8n = server()
        #expect(try post(n8n, "/upgrade?to=2.35.7").json["release"] == "2.35.7")
        #expect(try n8n.ask(.get, "/executions?bogus=1").status == 400)
        for query in ["", "?to=1.122", "?to=x"] { #expect(try post(n8n, "/upgrade" + query).status == 400) }
    }

    @Test("let the next requests fail in ways that the model knows")
    func faults() throws {
        let n8n = server()
        #expect(try post(n8n, "/fail?next=2&endpoint=list&fault=error-before").json["faultsToCome"] == 2)
        #expect(try (1...3).map { _ in try n8n.ask(.get, "/executions").status } == [500, 500, 200])
        for query in ["", "?fault=x", "?fault=refuse&next=0", "?fault=refuse&endpoint=x"] {
            #expect(try post(n8n, "/fail" + query).status == 400, "\(query)")
        }
    }

    @Test("are no paths of n8n, and take POST")
    func paths() throws {
        let n8n = server()
        #expect(n8n.n8n.control(HTTPRequest(.get, "/simulated"), now: noon) == nil)
        #expect(n8n.n8n.control(HTTPRequest(.get, "/api/v1/executions"), now: noon) == nil)
        #expect(try post(n8n, "/kill", .get).status == 405)
        #expect(try post(n8n, "/explode").status == 404)
        #expect(n8n.n8n.power == .up)
    }
}
