import MendflowHTTP
import Testing

@testable import MendflowSimulator

/// Bodies of a size that a stranger may send before anybody asks for the key. Where work grew with the square of their
/// size these tests would take minutes.
@Suite("A request of a hundred thousand parts")
struct LargeBodyTests {
    private static let count = 100_000

    @Test("is refused for its key, or for what it asks", arguments: ["test-key", "wrong"])
    func keys(key: String) throws {
        let server = server()
        let many = Simulator.JSON.object(.init((0..<Self.count).map { ("k\($0)", .int(Int64($0))) }))
        let tags = Simulator.JSON.array((0..<Self.count).map { ["id": .string("t\($0)")] })
        let words = Simulator.JSON.object(
            .init([("status", .array(.init(repeating: "waiting", count: Self.count) + ["wrong"]))]))
        for (body, path, method, status) in [
            (many, "/executions/1/retry", HTTPMethod.post, 404), (tags, "/executions/1/tags", .put, 404),
            (words, "/executions/stop", .post, 400),
        ] {
            let reply = server.receive(request(method, path, body, key: key))
            guard case .answer(let answer) = reply else {
                Issue.record("\(reply)")
                return
            }
            #expect(answer.status == (key == "wrong" ? 401 : status), "\(path)")
        }
    }

    @Test("replaces the tags of an execution by as many as are known")
    func tags() throws {
        let server = server()
        let id = server.n8n.addExecution(of: orders, status: .error, startedAt: noon - 1_000)
        for number in 0..<Self.count { server.n8n.add(tag: "t\(number)", name: "n\(number)") }
        let tags = Simulator.JSON.array((0..<Self.count).map { ["id": .string("t\($0)")] })
        guard case .answer(let answer) = server.receive(request(.put, "/executions/\(id)/tags", tags)) else { return }
        #expect(answer.status == 200 && server.n8n.database[id]?.tags.count == Self.count)
    }

    @Test("asks with as many query fields")
    func query() throws {
        let server = server()
        let fields = (0..<Self.count).map { "status=\($0)" }.joined(separator: "&")
        guard case .answer(let answer) = server.receive(request(.get, "/executions?\(fields)")) else { return }
        #expect(answer.status == 400)
    }
}
