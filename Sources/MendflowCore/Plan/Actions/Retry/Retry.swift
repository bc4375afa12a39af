extension ActionDefinition {
    /// `POST /executions/{id}/retry`.
    static let retry = ActionDefinition(
        .retry, scopes: ["execution:retry"], fits: [.error, .crashed, .canceled],
        request: { ExecutionRequest.retry($0.execution, loadWorkflow: $0.loadWorkflow).description },
        holds: RetryHolds.all, hasDueTime: true, waits: RetryWaits.all, isSpent: RetryHolds.isSpent,
        prepare: \.preparedRetry)
}

extension Policy {
    /// How it retries; nil where it does not.
    var retry: RetryAction? { if case .retry(let action)? = remediation { action } else { nil } }
}

extension Proposal {
    /// The retry of the execution itself whose answer was lost; nil where there is none.
    var lostAnswer: Intent? { earlier.last { $0.state == .unresolved } }

    /// Retries made in the chain; a re-send takes the place of the try whose answer was lost.
    var attemptsSpent: Int {
        let made = subject.retriesMade
        return lostAnswer == nil ? made : max(0, made - 1)
    }

    fileprivate var preparedRetry: PreparedAction {
        let retry = policy.retry ?? RetryAction()
        let lost = lostAnswer
        let spent = attemptsSpent
        // A re-send waits from when the answer was lost, for the run that it may have started may yet show up.
        let end = subject.row.endedAt ?? context.validity.momentary()
        let from = max(end, lost?.settledAt.map(context.clockOffset.server) ?? end)
        // A person asks for it now: what was tried before makes nobody wait longer.
        let isReplay = policy.replay != nil
        let due = DueTime.next(
            after: from, backoff: retry.backoff, retries: isReplay ? 0 : spent,
            told: subject.cache.providerWaits(after: from),
            fraction: DueTime.fraction(context.snapshot.instance, subject.row.id, retries: spent))
        var draft = draft
        draft.attempt = spent + 1
        draft.loadWorkflow = retry.loadWorkflow
        draft.nodeType = subject.failedNodeType
        draft.incident = context.view.incident(holding: subject)
        let risk: RepeatRiskVerdict? = if case .known(let risk) = subject.repeatRisk { risk } else { nil }
        let classification: Classification? =
            if case .known(let classification) = subject.classification { classification } else { nil }
        let action = ProposedAction(
            draft: draft, attempts: isReplay ? draft.attempt : retry.maxRetries, risk: risk,
            classification: classification, due: due.time,
            supersedes: lost?.id, facts: ChangeableFacts(subject))
        return PreparedAction(action: action, dueReason: due.reason)
    }
}

/// What a retry waits for.
enum RetryWaits {
    static let all = [
        WaitRule(.backoff, "The interval since the newest run ended, or since our lost answer, has not passed.") {
            $1.dueReason == .backoff ? $1.action.due : nil
        },
        WaitRule(.providerWait, "The failed service asked to wait (`Retry-After`), longer than the interval.") {
            $1.dueReason == .providerWait ? $1.action.due : nil
        },
        .settling,
        WaitRule(.yieldToHumans, "A person retried the chain, and `yield_to_humans` since that run's end is not over.")
        {
            proposal, _ in
            proposal.newestPersonRetry.map { $0 + proposal.policy.guards.yieldToHumans }
        },
        WaitRule(
            .refusedRecently, "n8n or a proxy refused it a moment ago: the interval, or as long as they asked for."
        ) {
            proposal, _ in
            proposal.refusedUntil(proposal.policy.retry?.backoff ?? Backoff())
        },
        .droppedRecently,
    ]
}

extension Proposal {
    /// The newest end of a retry that a person made, seen or remembered by the ledger. One that may be ours is no reason to
    /// yield.
    fileprivate var newestPersonRetry: ServerTime? {
        guard subject.chain.nodes.count > 1 else { return context.view.personRetried[subject.row.id] }
        let origins = RetryOrigins.all(of: subject.chain) { context.intents.all(.retry, $0) }
        let seen = subject.chain.nodes.compactMap { node -> ServerTime? in
            guard let parent = node.parent, origins[parent]?[node.id] == .person else { return nil }
            return node.row?.endedAt
        }
        let remembered = subject.chain.nodes.compactMap { context.view.personRetried[$0.id] }
        return (seen + remembered).max()
    }
}
