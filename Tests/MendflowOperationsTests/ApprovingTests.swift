import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What people say yes and no to")
struct ApprovingTests {
    let folder: Folder
    let workspace: Workspace
    let id: ApprovalID

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace()
        let draft = IntentDraft(
            instance: InstanceKey(name: "production", epoch: 1), action: .retry, execution: "5619", root: "5619",
            workflow: "w", policy: "gone", policyVersion: "v")
        let ask = ApprovalAsk(draft: draft, request: "POST", attempts: 1, expiresAt: .noon + .hours(4))
        id = ApprovalID(try #require(try await workspace.append([.approvalAsked(ask)]).first))
    }

    @Test("is of policies that are there, or have asked; of files with errors nobody knows which are")
    func policies() async throws {
        #expect(try await Approving.open(workspace, policy: "gone").map(\.approval.id) == [id])
        #expect(try await Approving.open(workspace, policy: "a").isEmpty)
        let failure = await #expect(throws: MendflowFailure.self) {
            try await Approving.open(workspace, policy: "gonne")
        }
        #expect(failure?.kind == .usage && failure?.message == "no policy is named 'gonne'; there are: a, b")
        try folder.write("policies/a.yaml", "policies: 1")
        let broken = try Workspace.load(
            path: folder.path + "/mendflow.yaml", environment: .test(VirtualClock(.noon)), needs: .configuration)
        #expect(try await Approving.open(try #require(broken.workspace), policy: "gonne").isEmpty)
    }

    @Test("has a number of its own: that of an execution is told whose it is, and says yes to nothing")
    func numbers() async throws {
        let ids = [ApprovalID(5619), ApprovalID(7777)]
        let outcome = try await Approving.answer(workspace, ids, isYes: true, note: "")
        #expect(
            outcome.refused.map(\.why) == [
                "there is no ask 5619 in the ledger; 5619 is an execution, and its ask is \(id)",
                "there is no ask 7777 in the ledger",
            ])
        #expect(try await Approving.open(workspace).map(\.approval.id) == [id])
    }

    @Test("is told with the pause that keeps it back, the longest of several")
    func paused() async throws {
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "lunch", for: .hours(1))
        _ = try await KillSwitch.pause(workspace, instance: "production", reason: "repairs", for: .hours(8))
        let outcome = try await Approving.answer(workspace, [id], isYes: true, note: "")
        #expect(outcome.paused.mapValues(\.reason) == ["production": "repairs"])
    }
}
