import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("Pages that have not changed")
struct PageMemoryTests {
    private static let body =
        #"{"data":[{"id":"7","workflowId":"w","status":"error","mode":"webhook"}],"nextCursor":"c"}"#
    private static let empty = #"{"data":[],"nextCursor":null}"#

    private static func tagged(_ body: String, _ tag: String) -> ScriptedTransport.Reply {
        .json(200, body, headers: [.init("ETag", tag), .init("Date", "Mon, 23 Nov 2026 19:09:30 GMT")])
    }

    private static let unchanged = ScriptedTransport.Reply.answer(
        304, [.init("Date", "Mon, 23 Nov 2026 19:10:00 GMT")], [])

    private func tags(_ transport: ScriptedTransport) -> [String?] {
        transport.requests.map { $0.headers["if-none-match"] }
    }

    @Test("are not sent again: the page is the one before, the time is new")
    func unchanged() async throws {
        let transport = ScriptedTransport(Self.tagged(Self.body, "W/\"a\""), Self.unchanged)
        let reader = try reader(transport)
        let first = try await reader.list(ListQuery(status: .error))
        let second = try await reader.list(ListQuery(status: .error))
        #expect(tags(transport) == [nil, "W/\"a\""])
        #expect(second.executions == first.executions && second.nextCursor == "c" && first.executions.count == 1)
        #expect(second.serverTime == ServerTime(rfc3339: "2026-11-23T19:10:00Z"))
        #expect(first.bytes == Self.body.utf8.count && second.bytes == 0)
    }

    @Test("a page that has changed takes the place of the one before, and so does its tag")
    func changed() async throws {
        let transport = ScriptedTransport(
            Self.tagged(Self.body, "\"a\""), Self.tagged(Self.empty, "\"b\""), Self.unchanged)
        let reader = try reader(transport)
        _ = try await reader.list(ListQuery())
        #expect(try await reader.list(ListQuery()).executions.isEmpty)
        #expect(try await reader.list(ListQuery()).executions.isEmpty)
        #expect(tags(transport) == [nil, "\"a\"", "\"b\""])
    }

    @Test("a server that gives no tag any more, or one that no header can carry, is not asked by one")
    func untagged() async throws {
        let transport = ScriptedTransport(
            Self.tagged(Self.body, "\"a\""), .json(200, Self.body), Self.tagged(Self.body, "\"\u{7F}\""),
            Self.tagged(Self.body, ""))
        let reader = try reader(transport)
        for _ in 0..<5 { #expect(try await reader.list(ListQuery()).executions.count == 1) }
        #expect(tags(transport) == [nil, "\"a\"", nil, nil, nil])
    }

    @Test("a failure in between changes nothing")
    func failure() async throws {
        let transport = ScriptedTransport(
            Self.tagged(Self.body, "\"a\""), .html(502, "Bad Gateway"), Self.unchanged)
        let reader = try reader(transport)
        _ = try await reader.list(ListQuery())
        await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) }
        #expect(try await reader.list(ListQuery()).executions.count == 1)
    }

    @Test("each list has its own; pages further down, rows by id and their data are never asked for by a tag")
    func exactly() async throws {
        let row = #"{"id":"7","workflowId":"w","status":"error","mode":"webhook"}"#
        let transport = ScriptedTransport { request, _ in
            Self.tagged(request.url.contains("executions/7") ? row : Self.body, "\"a\"")
        }
        let reader = try reader(transport)
        for _ in 0..<2 {
            _ = try await reader.list(ListQuery(cursor: "b"))
            _ = try await reader.execution("7")
            _ = try await reader.detail("7")
        }
        _ = try await reader.list(ListQuery(status: .error))
        _ = try await reader.list(ListQuery(status: .crashed))
        _ = try await reader.list(ListQuery(status: .error, limit: 5))
        #expect(tags(transport).allSatisfy { $0 == nil })
        _ = try await reader.list(ListQuery(status: .crashed))
        #expect(tags(transport).last == "\"a\"")
    }

    @Test("304 to a request that named no tag is a failure that says what stands in between")
    func unasked() async throws {
        let reader = try reader(ScriptedTransport(Self.unchanged))
        let error = await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) }
        #expect(error?.kind == .notN8N && error?.message.contains("cache") == true)
    }

    @Test("few pages and few bytes are kept; what was used longest ago goes first")
    func bounds() {
        func page(_ bytes: Int) -> ExecutionPage { ExecutionPage(executions: [], nextCursor: nil, bytes: bytes) }
        let memory = PageMemory(maxEntries: 3, maxBytes: 100)
        for name in ["a", "b", "c"] { memory.keep(page(10), tag: "t", of: name) }
        _ = memory.page(of: "a")
        memory.keep(page(10), tag: "t", of: "d")
        #expect(memory.page(of: "b") == nil && memory.page(of: "a") != nil && memory.count == 3)
        memory.keep(page(85), tag: "t", of: "e")
        #expect(memory.page(of: "e") != nil && memory.count == 2)
        memory.keep(page(101), tag: "t", of: "e")
        #expect(memory.page(of: "e") == nil && memory.count == 1)
    }
}
