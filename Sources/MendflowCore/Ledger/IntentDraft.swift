/// What is about to be done, before the ledger gives it a number.
///
/// Plans, views of the ledger and what is worked out of them hold the same drafts: copies share what they say.
public struct IntentDraft: Sendable, Hashable {
    private struct Parts: Sendable, Hashable {
        var instance: InstanceKey
        var action: ActionKind
        var execution: ExecutionID
        var root: ExecutionID
        var workflow: WorkflowID
        var policy: String
        var policyVersion: String
        var contributors: [String]
        var attempt: Int
        var loadWorkflow: Bool
        var tags: [String]
        var nodeType: String?
        var bulk: BulkStopCall?
        var consent: Consent?
        var incident: String?
        var isShadow: Bool
    }
    private var parts: Shared<Parts>

    /// The instance and its epoch.
    public var instance: InstanceKey {
        get { parts.value.instance }
        set { parts = parts.with(\.instance, newValue) }
    }
    /// What to do.
    public var action: ActionKind {
        get { parts.value.action }
        set { parts = parts.with(\.action, newValue) }
    }
    /// To which execution.
    public var execution: ExecutionID {
        get { parts.value.execution }
        set { parts = parts.with(\.execution, newValue) }
    }
    /// The root of its chain.
    public var root: ExecutionID {
        get { parts.value.root }
        set { parts = parts.with(\.root, newValue) }
    }
    /// Its workflow.
    public var workflow: WorkflowID {
        get { parts.value.workflow }
        set { parts = parts.with(\.workflow, newValue) }
    }
    /// The policy that wants it.
    public var policy: String {
        get { parts.value.policy }
        set { parts = parts.with(\.policy, newValue) }
    }
    /// Hash of the policy's text.
    public var policyVersion: String {
        get { parts.value.policyVersion }
        set { parts = parts.with(\.policyVersion, newValue) }
    }
    /// All policies that share a tag write; the owner alone otherwise. Each is charged.
    public var contributors: [String] {
        get { parts.value.contributors }
        set { parts = parts.with(\.contributors, newValue) }
    }
    /// For a retry which one of the chain this will be, from 1; for a stop which try.
    public var attempt: Int {
        get { parts.value.attempt }
        set { parts = parts.with(\.attempt, newValue) }
    }
    /// For a retry: run the workflow as saved last.
    public var loadWorkflow: Bool {
        get { parts.value.loadWorkflow }
        set { parts = parts.with(\.loadWorkflow, newValue) }
    }
    /// For tags: their names, sorted.
    public var tags: [String] {
        get { parts.value.tags }
        set { parts = parts.with(\.tags, newValue) }
    }
    /// Type of the failed node, for rate limits by node type.
    public var nodeType: String? {
        get { parts.value.nodeType }
        set { parts = parts.with(\.nodeType, newValue) }
    }
    /// For a bulk stop what is asked and which executions it is expected to stop; `execution` is the oldest of them.
    public var bulk: BulkStopCall? {
        get { parts.value.bulk }
        set { parts = parts.with(\.bulk, newValue) }
    }
    /// Of a policy with `approval`: who said yes, or that a person would be asked.
    public var consent: Consent? {
        get { parts.value.consent }
        set { parts = parts.with(\.consent, newValue) }
    }
    /// For a retry: the incident that holds what it belongs to, and lets this one go.
    public var incident: String? {
        get { parts.value.incident }
        set { parts = parts.with(\.incident, newValue) }
    }
    /// True in dry-run: it counts there and is never seen by enforce.
    public var isShadow: Bool {
        get { parts.value.isShadow }
        set { parts = parts.with(\.isShadow, newValue) }
    }

    /// Makes a draft.
    public init(
        instance: InstanceKey, action: ActionKind, execution: ExecutionID, root: ExecutionID, workflow: WorkflowID,
        policy: String, policyVersion: String, contributors: [String] = [], attempt: Int = 1,
        loadWorkflow: Bool = false, tags: [String] = [], nodeType: String? = nil, bulk: BulkStopCall? = nil,
        isShadow: Bool = false
    ) {
        parts = Shared(
            Parts(
                instance: instance, action: action, execution: execution, root: root, workflow: workflow,
                policy: policy,
                policyVersion: policyVersion, contributors: contributors.isEmpty ? [policy] : contributors,
                attempt: attempt, loadWorkflow: loadWorkflow, tags: tags, nodeType: nodeType, bulk: bulk,
                isShadow: isShadow))
    }
}

extension IntentDraft {
    /// How many actions it counts as.
    var charges: Int { max(1, bulk?.predicted.count ?? 1) }
}
