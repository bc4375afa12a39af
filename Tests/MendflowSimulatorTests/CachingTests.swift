import MendflowHTTP
import Testing

@testable import MendflowSimulator

@Suite("An answer that its client has")
struct CachingTests {
    @Test(
        "is 304 where one of the tags named is its own, weak or strong, or any will do",
        arguments: [("TAG", 304), ("\"x\", TAG", 304), ("\"x\" ,STRONG", 304), ("*", 304), ("\"x\"", 200), ("", 200)])
    func tags(named: String, status: Int) throws {
        let n8n = server()
        let tag = try #require(n8n.receive(request(.get, "/executions")).response?.head.headers["ETag"])
        var again = request(.get, "/executions")
        again.headers["If-None-Match"] =
            named.replacing("TAG", with: tag).replacing("STRONG", with: String(tag.dropFirst(2)))
        #expect(n8n.receive(again).response?.status == status)
    }

    @Test("to HEAD has no body and announces the length that GET's has")
    func head() throws {
        let n8n = server()
        let whole = try #require(n8n.receive(request(.get, "/executions")).response)
        let head = try #require(n8n.receive(request(.head, "/executions")).response)
        #expect(head.body.isEmpty)
        #expect(head.head.headers["Content-Length"] == String(whole.body.count))
    }

    @Test("of a workflow shows with whom it is shared and who published it, as was recorded")
    func workflow() throws {
        let recorded: Simulator.JSON = [
            "id": "w", "name": "W", "nodes": [], "connections": [:], "versionId": "v", "activeVersionId": "v",
            "shared": [["role": "workflow:owner", "projectId": "p", "project": ["name": "Own Er"]]],
            "activeVersion": ["versionId": "v", "workflowPublishHistory": [["event": "activated"]]],
        ]
        let n8n = server()
        n8n.n8n.load(workflows: [recorded], rows: [], details: [], shift: 0)
        let answer = try n8n.ask(.get, "/workflows/w").json
        #expect(answer["shared"] == recorded["shared"])
        #expect(answer["activeVersion"]?["workflowPublishHistory"] == [["event": "activated"]])
    }
}
