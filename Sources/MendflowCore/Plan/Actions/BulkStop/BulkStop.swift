extension ActionDefinition {
    /// `POST /executions/stop`: everything live that its body describes, at once.
    ///
    /// It is proposed as single stops; those that pass every hold may then leave together as one request (`BulkStop`).
    static let bulkStop = ActionDefinition(
        .bulkStop, scopes: ["execution:stop"], fits: [.running, .waiting, .queued], single: .stop,
        request: { $0.bulk.map { ExecutionRequest.stopMany($0.request).description } ?? "" })
}

/// Stops of one policy that may leave as one request.
struct BulkStop {
    /// The decisions that stop its executions one by one, oldest first.
    private(set) var singles: [DueAction]
    /// The same as one action, at the place of the oldest run that it stops; nil where that is not safe.
    private(set) var call: DueAction?
    /// Why that is not safe; nil where it is.
    private(set) var held: HeldBulkStop?
    private let policy: SharedPolicy

    /// Turns the stops that a policy with `bulk_stop` wants into one request, where exactly these executions would be
    /// stopped by it; else they are stopped one by one (semantics 35).
    init(_ context: PlanningContext, _ policy: SharedPolicy, _ due: [DueAction]) {
        singles = DueAction.oldestFirst(due)
        self.policy = policy
        guard case .bulkStop(let action)? = policy.policy.remediation else { return }
        let scope = BulkStopScope(policy.policy.match, action)
        let asked = BulkStopQuestion(
            context: context, policy: policy, scope: scope,
            request: scope.request(at: context.now, workflows: context.snapshot.workflows),
            wanted: singles.map(\.decision.execution))
        if let why = BulkStopHolds.all.lazy.compactMap({ $0.ask(asked) }).first {
            hold(why)
        } else if let request = asked.request, let first = singles.first?.decision {
            let facts = singles.reduce(into: ChangeableFacts()) { $0.merge($1.decision.action?.facts ?? $0) }
            call = DueAction(
                decision: first.asCall(BulkStopCall(request: request, predicted: asked.wanted), facts))
        }
    }

    /// Puts on record why runs that were to be stopped together are stopped one by one.
    mutating func hold(_ why: String) {
        held = HeldBulkStop(policy: policy.policy.name, why: why)
        call = nil
        for index in singles.indices { singles[index].decision.bulkHeld = why }
    }
}

extension Decision {
    /// What is due now; nil where nothing is.
    fileprivate var action: ProposedAction? { if case .act(let action) = verdict { action } else { nil } }

    /// One request for many in place of one stop.
    fileprivate func asCall(_ call: BulkStopCall, _ facts: ChangeableFacts) -> Decision {
        guard let action else { return self }
        var decision = self
        var draft = action.draft
        draft.action = .bulkStop
        draft.bulk = call
        decision.verdict = .act(ProposedAction(draft: draft, due: action.due, facts: facts))
        return decision
    }
}
