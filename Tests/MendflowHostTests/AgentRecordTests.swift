import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowHost

@Suite("What is on record of the agent itself")
struct AgentRecordTests {
    let folder: Folder
    let workspace: Workspace

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace()
    }

    @Test("the start and the stop of the agent are on record, and each policy's text once")
    func lifecycle() async throws {
        try await AgentRecords.started(workspace, nil, .noon)
        try await AgentRecords.stopped(workspace, why: "signal", .noon)
        try await AgentRecords.started(workspace, .dryRun, .noon)
        var records: [AuditRecord] = []
        try await Audit.entries(workspace) { records.append($0.record) }
        #expect(records.filter { $0.kind == .policy }.map(\.policy) == ["a", "b"])
        for record in records where record.kind == .policy {
            guard case .text(let text)? = record.fields["text"] else {
                Issue.record("no text")
                continue
            }
            #expect(record.fields["version"] == .text(SHA256.hex(of: text)))
        }
        let lifecycle = records.filter { $0.kind == .lifecycle }
        #expect(lifecycle.map { $0.fields["what"] } == ["agent_started", "agent_stopped", "agent_started"])
        #expect(lifecycle[0].fields["version"] == .text(Version.text))
        #expect(lifecycle.compactMap { $0.fields["mode"] } == ["enforce", "dry_run"])
    }
}
