import MendflowCore
import MendflowHTTP
import MendflowSimulator
import Testing

@testable import MendflowRehearsal

@Suite("The demo's story")
struct DemoStoryTests {
    private static let noon = ServerTime(milliseconds: 1_800_000_000_000)
    private var n8n: Simulator
    private var story = DemoStory()

    init() throws { n8n = try DemoWorld.simulator(at: DemoStoryTests.noon) }

    private mutating func fails(_ workflow: String) throws -> Int {
        let id = n8n.trigger(workflow, now: n8n.now)
        _ = n8n.advance(to: n8n.now + 1_000)
        return try #require(id)
    }

    private mutating func send(_ method: HTTPMethod, _ path: String, _ body: String = "") {
        let headers: HTTPHeaders = ["X-N8N-API-KEY": "test-key", "Content-Type": "application/json"]
        let request = HTTPRequest(method, "/api/v1" + path, headers: headers, body: Array(body.utf8))
        _ = n8n.receive(request, now: n8n.now)
        _ = n8n.advance(to: n8n.now + 5_000)
    }

    private mutating func lines(
        _ name: String, _ action: String = "retry", of id: Int, _ level: AgentEvent.Level = .info, note: String = ""
    ) -> [String] {
        let event = AgentEvent(
            at: AgentTime(milliseconds: n8n.now), level, name, instance: "demo", "in words of the log",
            fields: [
                .init("action", action), .init("execution", "\(id)"), .init("policy", "p"), .init("note", note),
            ])
        return story.lines(of: event, n8n)
    }

    @Test("tells of a retry that heals in one line: what failed, how, what was done and what came of it")
    mutating func heals() throws {
        let id = try fails(DemoWorld.orders)
        #expect(lines("action.reserved", of: id).isEmpty)
        #expect(lines("action.sending", of: id).isEmpty)
        send(.post, "/executions/\(id)/retry", "{}")
        #expect(
            lines("action.applied", of: id) == ["08:00  order sync \(id) failed: connection reset; retried; healed"])
        #expect(story.sum == "1 healed, 0 stopped, 0 left to a person")
    }

    @Test("tells of a retry that fails again, and of the tag for a person")
    mutating func exhausted() throws {
        let id = try fails(DemoWorld.invoices)
        send(.post, "/executions/\(id)/retry", "{}")
        let child = try #require(n8n.retries(of: id).last)
        let failed = "08:00  invoice export \(id) failed: the service answered 503; retried; failed again, as \(child)"
        #expect(lines("action.applied", of: id) == [failed])
        send(.put, "/executions/\(child)/tags", #"[{"id":"\#(DemoWorld.tagID)"}]"#)
        let tagged =
            "08:00  invoice export \(child) failed: the service answered 503; no retries left; tagged needs-human"
        #expect(lines("action.applied", "tag", of: child) == [tagged])
        #expect(story.sum == "0 healed, 0 stopped, 1 left to a person")
    }

    @Test("tells of a lost answer, a stop and a request that was not sent")
    mutating func others() throws {
        let report = try fails(DemoWorld.reports)
        let lost =
            "08:00  nightly report \(report) failed: timed out; retried, but no answer came; not sent again, "
            + "it waits for a person in the inbox"
        #expect(lines("action.unresolved", of: report, .warning) == [lost])
        let wait = try #require(n8n.database.ids.first { n8n.database[$0]?.workflowID == DemoWorld.reminders })
        #expect(
            lines("action.applied", "stop", of: wait) == [
                "08:00  reminders \(wait) waiting since 05:00, which is too long; stopped"
            ])
        #expect(
            lines("action.dropped", of: report, note: "not sent: it is gone") == [
                "08:00  nightly report \(report) failed: timed out; retry put off: it is gone"
            ])
        #expect(story.sum == "0 healed, 1 stopped, 1 left to a person")
    }

    @Test("tells once of a protected failure that was left alone, and not before the agent could have acted on it")
    mutating func protected() throws {
        let id = try fails(DemoWorld.payments)
        func tick() -> AgentEvent { AgentEvent(at: AgentTime(milliseconds: n8n.now), .debug, "tick", "tick 1") }
        #expect(story.lines(of: tick(), n8n).isEmpty)
        _ = n8n.advance(to: n8n.now + 70_000)
        let spared =
            "card payments \(id) failed: the service answered 503; protected by the tag no-auto-retry; left alone"
        #expect(story.lines(of: tick(), n8n) == ["08:01  \(spared)"])
        #expect(story.lines(of: tick(), n8n).isEmpty)
    }

    @Test("says of a protected failure that was retried all the same nothing of the kind")
    mutating func touched() throws {
        let id = try fails(DemoWorld.payments)
        send(.post, "/executions/\(id)/retry", "{}")
        _ = n8n.advance(to: n8n.now + 70_000)
        let told = story.lines(
            of: AgentEvent(at: AgentTime(milliseconds: n8n.now), .debug, "tick", "tick 1"), n8n)
        #expect(!told.contains { $0.contains(" \(id) ") })
    }

    @Test("hands on what is wrong, and nothing else that the log says")
    mutating func wrong() {
        func event(_ level: AgentEvent.Level) -> AgentEvent {
            AgentEvent(at: AgentTime(milliseconds: n8n.now), level, "read.failed", "n8n does not answer")
        }
        #expect(story.lines(of: event(.warning), n8n) == ["08:00  n8n does not answer"])
        #expect(story.lines(of: event(.info), n8n).isEmpty)
    }
}
