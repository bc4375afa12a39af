import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowReview
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What people were asked before")
struct RecordedAsksTests {
    private let key = InstanceKey(name: "production", epoch: 1)

    private func ask(_ version: String) -> ApprovalAsk {
        let draft = IntentDraft(
            instance: key, action: .retry, execution: "5619", root: "5619", workflow: "w", policy: "a",
            policyVersion: version)
        return ApprovalAsk(draft: draft, request: "POST", attempts: 1, expiresAt: .noon + .hours(4))
    }

    @Test("stands in the story with its answer, also where it was asked anew since")
    func story() async throws {
        let folder = try Folder()
        let workspace = try await folder.workspace()
        let first = ApprovalID(try #require(try await workspace.append([.approvalAsked(ask("v"))]).first))
        let reference = ApprovalRef(id: first, instance: key, topic: ask("v").topic, root: "5619")
        let no = ApprovalAnswer(isYes: false, by: "anna", note: "not today")
        _ = try await workspace.append([.approvalAnswered(reference, no)])
        let second = ApprovalID(try #require(try await workspace.append([.approvalAsked(ask("w"))]).first))
        let store = try #require(try await workspace.openLedgerReading())
        let told = try await RecordedDecisions.read(about: ["5619"], store, key, .zero)
        #expect(told.map(\.record) == [first.number, second.number])
        #expect(
            told.first?.summary == "asked whether to retry it: ask \(first) was declined by anna: not today, policy a")
        #expect(told.last?.status == Approval.State.open.rawValue)
        #expect(try await RecordedDecisions.read(about: ["1"], store, key, .zero).isEmpty)
    }
}
