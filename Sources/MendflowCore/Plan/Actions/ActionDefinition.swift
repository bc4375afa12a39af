/// Everything that planning knows of one kind of action.
///
/// Each kind has a folder beside this file that defines it: how it is proposed, what holds it, what it waits for, and the
/// request that it sends. `ActionKind.definition` is where a new kind is entered.
final class ActionDefinition: Sendable {
    let kind: ActionKind
    /// The API-key scopes that it needs.
    let scopes: [String]
    /// The statuses of executions that it fits.
    let fittingStatuses: Set<ExecutionStatus>
    /// What a policy that asks for it proposes for one execution: another kind, where several executions share a request.
    let single: ActionKind
    /// The literal request: method, path below the API's base, body.
    let request: @Sendable (IntentDraft) -> String
    /// What holds one policy's part of a request that serves all policies that want it of an execution; nil where each
    /// policy's request is its own.
    let ownHolds: [HoldRule]?
    /// What holds it, in the order in which reasons are told.
    let holds: [HoldRule]
    /// Whether it is due at a time of its own, and not at once.
    let hasDueTime: Bool
    /// The times that it waits for once nothing holds it; the policy's hours come last.
    let waits: [WaitRule]
    /// Whether the policy has nothing left to try, so that `on_exhausted: {continue: true}` passes the execution on.
    let isSpent: @Sendable (Proposal) -> Bool
    /// The action as it would be done.
    let prepare: @Sendable (Proposal) -> PreparedAction

    init(
        _ kind: ActionKind, scopes: [String], fits fittingStatuses: Set<ExecutionStatus>, single: ActionKind? = nil,
        request: @escaping @Sendable (IntentDraft) -> String, ownHolds: [HoldRule]? = nil, holds: [HoldRule] = [],
        hasDueTime: Bool = false, waits: [WaitRule] = [],
        isSpent: @escaping @Sendable (Proposal) -> Bool = { _ in false },
        prepare: @escaping @Sendable (Proposal) -> PreparedAction = { PreparedAction(dueNow: $0.draft, $0) }
    ) {
        self.kind = kind
        self.scopes = scopes
        self.fittingStatuses = fittingStatuses
        self.single = single ?? kind
        self.request = request
        self.ownHolds = ownHolds
        self.holds = holds
        self.hasDueTime = hasDueTime
        self.waits = waits
        self.isSpent = isSpent
        self.prepare = prepare
    }
}

extension ActionKind {
    /// What planning knows of the kind: the one place that names them all.
    var definition: ActionDefinition {
        switch self {
        case .retry: .retry
        case .stop: .stop
        case .tag: .tag
        case .bulkStop: .bulkStop
        case .delete: .delete
        }
    }

    /// The API-key scopes that the action needs (n8n facts 7.1).
    public var scopes: [String] { definition.scopes }
}

extension PreparedAction {
    /// An action that is due at once.
    init(dueNow draft: IntentDraft, attempts: Int = 1, _ proposal: Proposal) {
        self.init(
            action: ProposedAction(
                draft: draft, attempts: attempts, due: proposal.context.now, facts: ChangeableFacts(proposal.subject)),
            dueReason: .backoff)
    }
}
