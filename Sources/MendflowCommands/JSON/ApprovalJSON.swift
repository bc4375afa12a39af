import MendflowCore
import MendflowOperations

/// An ask for approval, for programs.
struct ApprovalJSON: Encodable {
    var id: Int64, instance: String, execution: String, root: String, workflow: String, workflowName: String?
    var action: String, policy: String, policyVersion: String, request: String, attempt: Int, attempts: Int
    var start: String?, repeatRisk: String?, errorClass: String?
    var askedAt: String, expiresAt: String, state: String, by: String?, note: String?, link: String?

    init(_ item: Approving.Item) {
        let (approval, ask, draft) = (item.approval, item.approval.ask, item.approval.ask.draft)
        (id, instance, execution, root) =
            (approval.id.number, draft.instance.name, draft.execution.text, draft.root.text)
        (workflow, workflowName) = (draft.workflow.text, ask.workflowName)
        (action, policy, policyVersion) = (draft.action.rawValue, draft.policy, draft.policyVersion)
        (request, attempt, attempts) = (ask.request, draft.attempt, ask.attempts)
        (start, repeatRisk, errorClass) = (ask.start, ask.risk?.rawValue, ask.errorClass?.rawValue)
        (askedAt, expiresAt) = (approval.askedAt.rfc3339, ask.expiresAt.rfc3339)
        state = approval.state.rawValue
        by = approval.by.isEmpty ? nil : approval.by
        note = approval.note.isEmpty ? nil : approval.note
        link = item.link
    }
}

/// Asks, or what came of answers to them, for programs.
struct ApprovalsJSON: Encodable {
    struct Refused: Encodable { var id: Int64, words: String }
    var approvals: [ApprovalJSON], refused: [Refused], looksWithinMs: Int64?

    init(_ items: [Approving.Item]) { (approvals, refused) = (items.map(ApprovalJSON.init), []) }

    init(_ outcome: Approving.Outcome) {
        approvals = outcome.answered.map(ApprovalJSON.init)
        refused = outcome.refused.map { Refused(id: $0.id.number, words: $0.why) }
        looksWithinMs = outcome.looksWithin?.milliseconds
    }
}
