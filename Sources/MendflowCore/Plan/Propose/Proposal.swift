/// An action that a policy wants for an execution, before anything holds it.
final class Proposal {
    let context: PlanningContext
    let subject: Subject
    /// The policy that wants it; of a shared tag write the first.
    let shared: SharedPolicy
    let kind: ActionKind
    /// For a tag write which tags, and which policies want them.
    let tags: [TagShare]
    /// In a second pass: the enforced policy that owns the execution now.
    let takenFrom: String?
    /// Positions of the policies that match the execution, or may, and have exceptions; none for what is no remediation.
    let excepting: [Int]
    /// Earlier requests of this kind for this execution, oldest first; a bulk stop is a stop of each of its executions.
    let earlier: [Intent]

    init(
        _ context: PlanningContext, _ subject: Subject, _ shared: SharedPolicy, _ kind: ActionKind,
        tags: [TagShare] = [], takenFrom: String? = nil, excepting: [Int] = [],
        earlier: [Intent]? = nil
    ) {
        self.context = context
        self.subject = subject
        self.shared = shared
        self.kind = kind
        self.tags = tags
        self.takenFrom = takenFrom
        self.excepting = excepting
        self.earlier = earlier ?? context.intents.all(kind, subject.row.id)
    }

    var policy: Policy { shared.policy }

    /// What would be written down, before an action adds what is its own.
    var draft: IntentDraft {
        var draft = IntentDraft(
            instance: context.snapshot.instance, action: kind, execution: subject.row.id, root: subject.chain.root,
            workflow: subject.row.workflow, policy: shared.policy.name, policyVersion: shared.policy.version)
        draft.consent = consent
        return draft
    }

    /// What is told where the chain may have retries that nobody has read; nil where all are known.
    var unknownRetries: String? {
        guard let from = context.snapshot.coverage.retriesKnownFrom, !subject.knowsAllRetries else { return nil }
        return "executions below \(from) may have retries that are not read yet"
    }

    /// Tries of the same request that were refused, and of which three are enough. One that n8n refuses for its limit of
    /// requests comes too early, and nothing is wrong with it; but not for longer than the server is sure to know the key
    /// under which it may have run (semantics 29b).
    var refusalsForGood: [Intent] {
        let refusals = context.intents.refusals(kind, subject.row.id)
        guard let first = refusals.first(where: \.wasThrottled)?.sendingAt,
            !context.validity.hasCome(context.clockOffset.server(first + AskingProof.horizon))
        else { return refusals }
        return refusals.filter { !$0.wasThrottled }
    }

    /// Until when a refusal of the same request holds it back.
    func refusedUntil(_ backoff: Backoff) -> ServerTime? {
        context.intents.refusedUntil(kind, subject.row.id, backoff)
    }
}

extension Intent {
    /// Whether it was refused for a limit of requests.
    fileprivate var wasThrottled: Bool {
        guard case .proof(.throttled, _, _)? = evidence else { return false }
        return true
    }
}
