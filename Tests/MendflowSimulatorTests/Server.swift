import MendflowHTTP
import Testing

@testable import MendflowSimulator

let noon: Int64 = 1_795_435_200_000

/// A server with an order workflow, and the requests that tests send to it.
func server(script: Simulator.Script = .init(), settings: Simulator.JSON = [:]) -> Server {
    var simulator = Simulator(now: noon)
    simulator.add(
        Simulator.Workflow(
            id: "orders0000000001", name: "Order sync",
            nodes: [.webhook("orders"), .code(), .http(method: "POST", url: "http://127.0.0.1:9911/orders")],
            settings: settings, script: script))
    return Server(simulator)
}

let orders = "orders0000000001"

func request(
    _ method: HTTPMethod, _ path: String, _ body: Simulator.JSON? = nil, key: String? = "test-key",
    agent: String = "tests"
) -> HTTPRequest {
    var request = HTTPRequest(method, "/api/v1" + path, headers: ["User-Agent": agent])
    if let key { request.headers["X-N8N-API-KEY"] = key }
    if let body {
        request.headers["Content-Type"] = "application/json"
        request.body = body.bytes
    }
    return request
}

/// A simulator by reference, so that expectations may call what changes it.
final class Server {
    var n8n: Simulator
    init(_ n8n: Simulator) { self.n8n = n8n }

    func receive(_ request: HTTPRequest, now: Int64 = noon) -> Simulator.Reply { n8n.receive(request, now: now) }
    func advance(to now: Int64) -> [(Simulator.CallID, Simulator.Reply)] { n8n.advance(to: now) }
    @discardableResult
    func trigger(_ workflow: String, now: Int64 = noon) -> Int? { n8n.trigger(workflow, now: now) }

    /// Sends a request that is answered at once.
    func ask(
        _ method: HTTPMethod, _ path: String, _ body: Simulator.JSON? = nil, now: Int64 = noon
    ) throws -> (status: Int, json: Simulator.JSON) {
        let reply = receive(request(method, path, body), now: now)
        let response = try #require(reply.response, "\(reply)")
        return (response.status, try Simulator.JSON(parsing: response.body))
    }
}

extension Simulator.Reply {
    var response: HTTPResponse? {
        guard case .answer(let response) = self else { return nil }
        return response
    }
    var call: Simulator.CallID? {
        guard case .held(let call) = self else { return nil }
        return call
    }
}
