import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("The evidence of an execution's data")
struct DetailTests {
    private func detail(_ name: String, where isWanted: (Recording) -> Bool = { _ in true }) async throws
        -> ExecutionDetail
    {
        let recording = try #require(Recording.current.first { $0.name == name && isWanted($0) })
        let id = recording.path.split(separator: "/")[3].prefix { $0 != "?" }
        let answer = try await reader(ScriptedTransport(.init(recording))).detail(ExecutionID(String(id)))
        return try #require(answer).detail
    }

    private func detail(of json: String) async throws -> ExecutionDetail {
        let answer = try await reader(ScriptedTransport(.json(200, json))).detail("7")
        return try #require(answer).detail
    }

    @Test("says that five items would be posted again, and where")
    func batch() async throws {
        let detail = try await detail("batch.get")
        #expect(detail.readability == .readable)
        #expect(detail.itemsToRepeat == 5)
        #expect(detail.resumesAtNode == true)
        #expect(detail.error?.itemIndex == 2)
        #expect(detail.error?.httpCode == "503")
        #expect(detail.error?.name == "NodeApiError")
        #expect(detail.error?.messages.count == 1)
        #expect(detail.error?.at != nil)
        #expect(detail.lastNode?.name == "Charge card")
        #expect(detail.lastNode?.type == "n8n-nodes-base.httpRequest")
        #expect(detail.lastNode?.method == "POST")
        #expect(detail.lastNode?.target == "127.0.0.1:9915/charge")
        #expect(detail.finishedNodes == 2)
        #expect(detail.createdAt != nil)
    }

    @Test("a crash without saved progress restarts at the trigger, one with progress resumes")
    func crashes() async throws {
        let restart = try await detail("crash.get") { $0.path.contains("/82?") }
        #expect(restart.error?.name == "WorkflowCrashedError")
        #expect(restart.lastNode?.name == "HTTP Request")
        #expect(restart.lastNode?.type == "n8n-nodes-base.httpRequest")
        #expect(restart.resumesAtNode == false)
        #expect(restart.finishedNodes == 0)
        #expect(restart.itemsToRepeat == nil)
        let resume = try await detail("crash.get") { $0.path.contains("/83?") }
        #expect(resume.resumesAtNode == true)
        #expect(resume.finishedNodes == 2)
        #expect(resume.itemsToRepeat == 1)
    }

    @Test("names the parent of a sub-workflow's run, and no parent of the parent's")
    func parent() async throws {
        #expect(try await detail("sub.child.data").parentExecution == "65")
        #expect(try await detail("sub.parent.data").parentExecution == nil)
    }

    @Test(
        "redacted data is redacted, with the error's name and code left",
        arguments: ["n8n-2.41.1", "n8n-2.35.7", "n8n-2.27.5"])
    func redacted(_ server: String) async throws {
        let recording = try #require(Recording.named("get.redacted", server))
        let answer = try await reader(ScriptedTransport(.init(recording))).detail("2")
        let detail = try #require(answer).detail
        #expect(detail.readability == .redacted)
        #expect(detail.error == ErrorEvidence(name: "NodeApiError", httpCode: "503"))
        #expect(detail.lastNode?.name == "HTTP Request")
        #expect(detail.itemsToRepeat == 2)
    }

    @Test("a Code node's error names no node: the last one is looked up in the stack or the workflow")
    func code() async throws {
        let detail = try await detail("get.data.code")
        #expect(detail.error?.name == "WrappedExecutionError")
        #expect(detail.error?.description == "TypeError")
        #expect(detail.lastNode == NodeEvidence(name: "Code", type: "n8n-nodes-base.code"))
    }

    @Test("codes such as ENOTFOUND stand where HTTP statuses do")
    func codes() async throws {
        #expect(try await detail("get.data.dns").error?.httpCode == "ENOTFOUND")
        #expect(try await detail("get.data.refused").error?.httpCode == "ECONNREFUSED")
        #expect(try await detail("get.data.rate").error?.httpCode == "429")
    }

    @Test("waits: a timer, a webhook")
    func waits() async throws {
        #expect(try await detail("get.data.wait").waitKind == .timer)
        #expect(try await detail("get.data.waith").waitKind == .event)
        #expect(try await detail("get.data.ok").waitKind == nil)
    }

    @Test("a stopped run has no failed node; a retry goes on where its stack stands")
    func stopped() async throws {
        let detail = try await detail("get.after-stop.later")
        #expect(detail.error?.name == "ManualExecutionCancelledError")
        #expect(detail.lastNode?.name == "Webhook")
        #expect(detail.resumesAtNode == true)
        #expect(detail.finishedNodes == 1)
    }

    @Test("a success has no error, although a node that goes on may hold one")
    func goesOn() async throws {
        let detail = try await detail("cof.get")
        #expect(detail.status == .success)
        #expect(detail.error == nil)
    }

    @Test("keeps what the workflow noted, whole values only")
    func notes() async throws {
        let long = String(repeating: "x", count: 600)
        let members = (0..<60).map { "\"k\($0)\":\"\($0 == 3 ? long : "v hunter2")\"" }.joined(separator: ",")
        let detail = try await detail(of: Self.json(customData: "{\(members)}"))
        #expect(detail.customData.count == 49)
        #expect(detail.customData["k3"] == nil)
        #expect(detail.customData["k4"] == "v [secret]")
        // Ten more were noted than are kept: nothing can be said of a key that was not.
        #expect(detail.unreadCustomData == nil)
    }

    @Test("a note that is no text is not readable, and neither is any where there is no object of notes")
    func unreadNotes() async throws {
        let detail = try await detail(of: Self.json(customData: #"{"a":"x","b":["x"],"c":null,"d":{"x":1},"e":5}"#))
        #expect(detail.customData == ["a": "x"])
        #expect(detail.unreadCustomData == ["b", "c", "d", "e"])
        for odd in ["null", "[]", #""{}""#, "5"] {
            #expect(try await self.detail(of: Self.json(customData: odd)).unreadCustomData == nil)
        }
        let missing = #"{"data":{"resultData":{"runData":{}}},"status":"error","workflowId":"w","id":7}"#
        #expect(try await self.detail(of: missing).unreadCustomData == nil)
        #expect(try await self.detail("get.data.refused").unreadCustomData == [])
    }

    static func json(
        status: String = "error", data: String = #"{"resultData":{"runData":{}}}"#, customData: String = "{}",
        more: String = ""
    ) -> String {
        #"{"data":\#(data),"customData":\#(customData),"status":"\#(status)","workflowId":"w","id":7\#(more)}"#
    }

    @Test("texts are scrubbed, then cut at 2 KiB between characters")
    func texts() async throws {
        let long = "hunter2 " + String(repeating: "ä", count: 4000)
        let error = #"{"message":"\#(long)","description":"","messages":["1","2","3","4","5","6"],"httpCode":503}"#
        let detail = try await detail(of: Self.json(data: #"{"resultData":{"error":\#(error),"runData":{}}}"#))
        let message = try #require(detail.error?.message)
        #expect(message.hasPrefix("[secret] ä"))
        #expect(message.utf8.count <= 2048 && message.utf8.count > 2040)
        #expect(message.hasSuffix("ä"))
        #expect(detail.error?.description == nil)
        #expect(detail.error?.messages == ["1", "2", "3", "4", "5"])
        #expect(detail.error?.httpCode == "503")
    }

    @Test("reads what recent releases say of provider limits")
    func failure() async throws {
        let error = #"""
            {"failure":{"cause":"rateLimit","retryAfterMs":1500,"resetsAtEpochMs":1795460000000},"timestamp":1795450000000,
            "node":"an old form","context":"none"}
            """#
        let detail = try await detail(of: Self.json(data: #"{"resultData":{"error":\#(error),"runData":{}}}"#))
        #expect(detail.error?.cause == "rateLimit")
        #expect(detail.error?.retryAfter == .milliseconds(1500))
        #expect(detail.error?.resetsAt == ServerTime(milliseconds: 1_795_460_000_000))
        #expect(detail.error?.at == ServerTime(milliseconds: 1_795_450_000_000))
    }

    @Test("falls back to the last node's own error where the run has none")
    func lastRun() async throws {
        let data = #"""
            {"resultData":{"lastNodeExecuted":"B","runData":{"A":[{"executionStatus":"success"}],
            "B":[{"executionStatus":"success"},{"executionStatus":"error","error":{"message":"no"}}]}}}
            """#
        let detail = try await detail(of: Self.json(data: data))
        #expect(detail.error?.message == "no")
        #expect(detail.finishedNodes == 1)
        #expect(detail.resumesAtNode == nil)
        #expect(try await self.detail(of: Self.json(status: "success", data: data)).error == nil)
    }

    @Test("user, query and fragment of a URL are left out")
    func targets() {
        #expect(DetailAnswer.target("https://u:p@api.x.com:8443/a/b?key=1#f") == "api.x.com:8443/a/b")
        #expect(DetailAnswer.target("https://api.x.com?key=1") == "api.x.com")
        #expect(DetailAnswer.target("/a") == nil)
        #expect(DetailAnswer.target("https://") == nil)
    }

    @Test("too large to display, and an answer without data, are not errors that are absent")
    func oversized() async throws {
        let large = try await detail(of: Self.json(more: #","dataTooLargeToDisplay":true"#))
        #expect(large.readability == .oversized)
        let none = try await detail(of: #"{"id":"7","workflowId":"w","status":"error"}"#)
        #expect(none.readability == .unreadable("n8n's answer holds no run data"))
        let redacted = try await detail(
            of: Self.json(data: #"{"redactionInfo":{"isRedacted":true},"resultData":{"runData":{}}}"#))
        #expect(redacted.readability == .redacted)
    }

    @Test("a 500 for the data leaves the row and says what n8n said")
    func unreadable() async throws {
        let row = #"{"id":"7","workflowId":"w","status":"error","createdAt":"2026-11-23T19:09:25.387Z"}"#
        let transport = ScriptedTransport { request, _ in
            request.url.contains("includeData") ? .json(500, #"{"message":"Internal server error"}"#) : .json(200, row)
        }
        let answer = try #require(try await reader(transport).detail("7"))
        #expect(answer.execution.status == .error)
        #expect(answer.detail.createdAt == answer.execution.createdAt)
        guard case .unreadable(let reason) = answer.detail.readability else {
            Issue.record("it is \(answer.detail.readability)")
            return
        }
        #expect(reason.contains("500"))
    }

    @Test("every recorded execution with its data can be read", arguments: Recording.all)
    func all(_ recording: Recording) async throws {
        guard recording.method == "GET", recording.status == 200, recording.path.contains("includeData=true"),
            let id = recording.path.split(separator: "/").dropFirst(3).first?.prefix(while: { $0 != "?" })
        else { return }
        let answer = try await reader(ScriptedTransport(.init(recording))).detail(ExecutionID(String(id)))
        let detail = try #require(answer).detail
        #expect(detail.finishedNodes != nil)
        if answer?.execution.status == .error { #expect(detail.error?.name != nil || detail.error?.message != nil) }
        if answer?.execution.status == .error { #expect(detail.lastNode?.type != nil) }
    }
}
