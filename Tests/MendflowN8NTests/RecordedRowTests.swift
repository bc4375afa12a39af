import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("The rows of every recorded answer")
struct RecordedRowTests {
    private static let reads = Recording.all.filter {
        $0.method == "GET" && $0.status == 200 && $0.path.hasPrefix("/api/v1/executions") && !$0.path.hasSuffix("/tags")
            && $0.json != nil
    }
    static let lists = reads.filter { $0.id.isEmpty }
    static let rows = reads.filter { !$0.id.isEmpty }

    /// A row as a plain reading of the document gives it.
    private func row(_ value: ReferenceParser.Value) throws -> Execution {
        func time(_ key: String) -> ServerTime? { value[key]?.string.flatMap { ServerTime(rfc3339: $0) } }
        for key in ["createdAt", "startedAt", "stoppedAt", "waitTill"] {
            #expect(value[key]?.string == nil || time(key) != nil, "\(key)")
        }
        return Execution(
            id: ExecutionID(try #require(value["id"]?.string)),
            workflow: WorkflowID(try #require(value["workflowId"]?.string)),
            status: ExecutionStatus(api: try #require(value["status"]?.string)),
            mode: ExecutionMode(try #require(value["mode"]?.string)),
            retryOf: value["retryOf"]?.string.map { ExecutionID($0) },
            retrySuccess: value["retrySuccessId"]?.string.map { ExecutionID($0) }, createdAt: time("createdAt"),
            startedAt: time("startedAt"), stoppedAt: time("stoppedAt"), waitTill: time("waitTill"))
    }

    @Test("there are lists and rows of all five servers")
    func complete() {
        for server in ["n8n-2.41.1", "n8n-2.35.7", "n8n-2.27.5", "n8n-2.41.1-queue", "n8n-1.123.81"] {
            #expect(Self.lists.contains { $0.server == server } && Self.rows.contains { $0.server == server })
        }
        #expect(Recording.all.count > 770)
        #expect(Self.lists.count > 150 && Self.rows.count > 150)
    }

    @Test("lists", arguments: lists)
    func list(_ recording: Recording) async throws {
        let json = try #require(recording.json)
        let page = try await reader(ScriptedTransport(.init(recording))).list(ListQuery())
        #expect(page.executions == (try #require(json["data"]?.items).map { try row($0) }))
        #expect(page.nextCursor == json["nextCursor"]?.string)
        #expect(page.executions.allSatisfy { $0.status != .unrecognised })
    }

    @Test("answers by id, with and without data", arguments: rows)
    func byID(_ recording: Recording) async throws {
        let expected = try row(try #require(recording.json))
        let reader = try reader(ScriptedTransport(.init(recording)))
        #expect(try await reader.execution(ExecutionID(recording.id)) == expected)
        let detailed = try #require(try await reader.detail(ExecutionID(recording.id)))
        #expect(detailed.execution == expected)
        #expect(detailed.detail.status == expected.status && detailed.detail.createdAt == expected.createdAt)
        let withData = recording.path.contains("includeData=true")
        let isRedacted = recording.path.contains("redactExecutionData=true")
        switch detailed.detail.readability {
        case .readable: #expect(withData && !isRedacted)
        case .redacted: #expect(isRedacted)
        case .unreadable: #expect(!withData)
        case .oversized, .unfound: Issue.record("nothing recorded was too large, or denied")
        }
    }

    @Test("workflows", arguments: Recording.all.filter { $0.name == "workflows" && $0.status == 200 })
    func workflows(_ recording: Recording) async throws {
        let text = recording.text.replacing(/"nextCursor":"[^"]*"/, with: #""nextCursor":null"#)
        let workflows = try await reader(ScriptedTransport(.json(200, text))).workflows()
        let wanted = try #require(recording.json?["data"]?.items)
        #expect(workflows.count == wanted.count && !wanted.isEmpty)
        for (workflow, wanted) in zip(workflows, wanted) {
            #expect(workflow.id.text == wanted["id"]?.string && workflow.name == wanted["name"]?.string)
            #expect(workflow.draftVersion == wanted["versionId"]?.string && workflow.draftVersion != nil)
            #expect(workflow.publishedVersion == wanted["activeVersionId"]?.string)
            #expect(workflow.active == (workflow.publishedVersion != nil))
            #expect(workflow.projects == (wanted["shared"]?.items ?? []).compactMap { $0["projectId"]?.string })
            let saves = wanted["settings"]?["saveExecutionProgress"] == nil ? nil : true
            #expect(workflow.savesProgress == saves && workflow.savesSuccesses == true)
        }
    }
}
