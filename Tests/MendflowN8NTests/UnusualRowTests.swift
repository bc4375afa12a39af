import MendflowCore
import Testing

@testable import MendflowN8N

@Suite("Rows and workflows that are not as usual")
struct UnusualRowTests {
    private func reader(_ transport: ScriptedTransport) throws -> N8NReader {
        try MendflowN8NTests.reader(transport, clock: ManualClock())
    }

    private func failure(_ reply: ScriptedTransport.Reply) async throws -> ReadFailure {
        let reader = try reader(ScriptedTransport(reply))
        return try #require(await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) })
    }

    @Test("takes ids as numbers or texts, empty texts and nulls as absent, and columns it does not know")
    func lenient() async throws {
        let row = #"""
            {"id":12,"workflowId":"w","status":"new","mode":"agent","retryOf":11,"retrySuccessId":"","startedAt":null,
            "stoppedAt":"soon","waitTill":null,"extra":{"id":1}}
            """#
        let body = #"{"nextCursor":"c","data":[\#(row)]}"#
        let page = try await reader(ScriptedTransport(.json(200, body))).list(ListQuery())
        #expect(
            page.executions == [
                Execution(id: "12", workflow: "w", status: .queued, mode: "agent", retryOf: "11")
            ])
        #expect(page.nextCursor == "c")
    }

    @Test(
        "a mode that is missing or no text is not known",
        arguments: ["", #""mode":null,"#, #""mode":"","#, #""mode":{"x":1},"#, #""mode":5,"#])
    func unreadMode(_ member: String) async throws {
        let body =
            #"{"nextCursor":null,"data":[{\#(member)"id":"1","workflowId":"w","status":"error","retryOf":null}]}"#
        let row = try #require(try await reader(ScriptedTransport(.json(200, body))).list(ListQuery()).executions.first)
        #expect(!row.mode.isKnown && !row.hidesRetryOf)
    }

    @Test(
        "what a row retries is not known where the member is missing or no id",
        arguments: ["", #""retryOf":{"id":1},"#, #""retryOf":true,"#, #""retryOf":[],"#])
    func unreadRetryOf(_ member: String) async throws {
        let row = #"{\#(member)"id":"1","workflowId":"w","status":"paused","mode":"webhook"}"#
        let page = try await reader(ScriptedTransport(.json(200, #"{"nextCursor":null,"data":[\#(row)]}"#)))
            .list(ListQuery())
        #expect(page.executions.first?.hidesRetryOf == true && page.executions.first?.retryOf == nil)
        #expect(page.executions.first?.unrecognisedWord == "paused")
    }

    @Test(
        "workflow tags and projects are not known where they are not what n8n sends",
        arguments: [
            (#""tags":[],"shared":[{"role":"workflow:owner","projectId":"p"}]"#, false, false),
            (#""tags":[{"id":"1","name":"a"}],"shared":[]"#, false, true), (#""shared":null"#, true, true),
            (#""tags":null,"shared":[{"role":"workflow:owner"}]"#, true, true),
            (#""tags":[{"id":"1"}],"shared":[{"role":"workflow:editor","projectId":"p"}]"#, true, true),
            (#""tags":{"a":1},"shared":{"projectId":"p"}"#, true, true), (#""tags":["a"],"shared":["p"]"#, true, true),
        ])
    func unreadWorkflowParts(_ members: String, _ hidesTags: Bool, _ hidesProjects: Bool) async throws {
        let body = #"{"nextCursor":null,"data":[{"id":"w","name":"W","active":true,\#(members)}]}"#
        let workflow = try #require(try await reader(ScriptedTransport(.json(200, body))).workflows().first)
        #expect(workflow.hidesTags == hidesTags && workflow.hidesProjects == hidesProjects)
    }

    @Test(
        "an answer that is not a whole page is none",
        arguments: [
            "{}", "[]", #"{"data":[]}"#, #"{"data":{},"nextCursor":null}"#, #"{"data":[{"id":"1"}],"nextCursor":null}"#,
            #"{"data":[],"nextCursor":null"#, "null", #"{"data":[null],"nextCursor":null}"#,
        ])
    func noPage(_ body: String) async throws {
        #expect(try await failure(.json(200, body)).kind == .notN8N)
    }

    @Test(
        "a row without what every row has is named, and n8n is not taken for something else",
        arguments: [
            (#"{"id":"4","workflowId":"w"}"#, "row 3 of 3 in the answer (id 4) has no `status`"),
            (#"{"id":"4","workflowId":"w","status":null}"#, "row 3 of 3 in the answer (id 4) has null as its `status`"),
            (
                #"{"id":{"x":1},"workflowId":"w","status":"error"}"#,
                "row 3 of 3 in the answer has an object as its `id`"
            ),
            ("7", "row 3 of 3 in the answer has no members: it is a number"),
        ])
    func oddRow(_ odd: String, _ words: String) async throws {
        let good = #"{"id":"1","workflowId":"w","status":"error"}"#
        let failure = try await failure(.json(200, #"{"data":[\#(good),\#(good),\#(odd)],"nextCursor":null}"#))
        #expect(failure.kind == .serverError)
        #expect(failure.message.hasPrefix(words), "\(failure.message)")
        #expect(!failure.message.contains("may not be n8n"))
    }

    @Test("a workflow without a name is named by its id")
    func oddWorkflow() async throws {
        let body =
            #"{"nextCursor":null,"data":[{"id":"a","name":"A","active":true},{"id":"b","name":"B","active":true},{"id":"w7","active":true}]}"#
        let failure = await #expect(throws: ReadFailure.self) {
            _ = try await reader(ScriptedTransport(.json(200, body))).workflows()
        }
        #expect(failure?.message.hasPrefix("workflow 3 of 3 in the answer (id w7) has no `name`") == true)
        #expect(failure?.kind == .serverError)
    }

}
