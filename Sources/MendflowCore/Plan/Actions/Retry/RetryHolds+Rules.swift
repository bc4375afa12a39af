extension Proposal {
    /// Retry requests for all runs of the chain, oldest first.
    var chainRetries: [Intent] { context.intents.retries(subject.chain) }

    /// Whether the policy's retries are used up, or it took too long. A lost answer that may be sent again is no try.
    var isExhausted: Bool {
        // A replay retries each of its executions once, whatever was tried before: a person wants it.
        guard let retry = policy.retry, policy.replay == nil else { return false }
        if attemptsSpent >= retry.maxRetries { return true }
        // Where nobody can tell the time, nobody can tell that it took too long.
        guard !context.clockOffset.isDisputed, let limit = policy.guards.giveUpAfter,
            let first = subject.chain.firstFailure
        else { return false }
        return context.validity.hasCome(first + limit)
    }

    /// What exhausted the policy's retries.
    var exhaustionWords: String {
        let most = policy.retry?.maxRetries ?? 0
        return subject.retriesMade >= most
            ? "\(subject.retriesMade) of \(most) retries made"
            : "first failed more than \(policy.guards.giveUpAfter ?? .zero) ago"
    }
}

extension RetryHolds {
    static func isNoFailure(_ proposal: Proposal) -> HoldAnswer {
        guard proposal.subject.chain.hasEnded else { return .clear }
        return CommonHolds.ofStatus.ask(proposal)
    }

    /// Whether the run was canceled and a stop of ours may have reached n8n, whatever became of its answer. A run that ended
    /// in any other way had failed before our stop came.
    static func wasStoppedByUs(_ proposal: Proposal) -> HoldAnswer {
        guard proposal.subject.row.status == .canceled else { return .clear }
        let stops = proposal.context.intents.all(.stop, proposal.subject.row.id)
        return .held(if: stops.contains { $0.state != .void && $0.state != .shadow })
    }

    static func hidesOrigin(_ proposal: Proposal) -> HoldAnswer {
        guard let root = proposal.subject.chain.rootRow, root.mode != .retry else {
            return .held("the chain's first run cannot be seen")
        }
        return root.mode.isKnown ? .clear : .held("n8n does not tell how \(root.id) was started")
    }

    static func isOfError(_ proposal: Proposal) -> HoldAnswer {
        guard proposal.subject.chain.rootRow?.mode == .error, !proposal.policy.namesErrorMode else { return .clear }
        return .held("another run's failure started it; name execution_mode: error to retry it")
    }

    /// Only the outermost of nested runs is retried, or the child's work is done twice (semantics 20).
    static func hasFailedParent(_ proposal: Proposal) -> HoldAnswer {
        guard let root = proposal.subject.chain.rootRow, root.mode == .integrated else { return .clear }
        guard proposal.context.snapshot.details[root.id] != nil else { return .pending([.detail(root.id)]) }
        guard let parent = proposal.parent else { return .held("its parent cannot be read") }
        return parent.status.isFailed ? .held(words(parent)) : .clear
    }

    /// A parent that goes on may yet fail of this very child, and be the one to retry.
    static func hasLiveParent(_ proposal: Proposal) -> HoldAnswer {
        guard proposal.subject.chain.rootRow?.mode == .integrated, let parent = proposal.parent else { return .clear }
        return parent.status == .success ? .clear : .held(words(parent))
    }

    private static func words(_ parent: Execution) -> String { "parent \(parent.id) is \(parent.status.rawValue)" }

    static func isUnresolved(_ proposal: Proposal) -> HoldAnswer {
        let lost = proposal.chainRetries.first { $0.state == .unresolved && !mayResend(proposal, $0) }
        return .held(by: lost.map { "intent \($0.id): \($0.note ?? "no answer")" })
    }

    /// A lost answer is sent again once per execution, and only where the policy says so.
    private static func mayResend(_ proposal: Proposal, _ lost: Intent) -> Bool {
        guard proposal.policy.retry?.whenUnresolved == .resend, lost.draft.execution == proposal.subject.row.id,
            !proposal.isExhausted
        else { return false }
        return !proposal.earlier.contains { $0.state == .superseded }
    }

    static func hasHiddenLeaf(_ proposal: Proposal) -> HoldAnswer {
        // A row that was gone and is shown again is there: a key may lose its access and get it back.
        .held(by: proposal.subject.chain.hasHiddenLeaf ? "its newest run was not kept" : nil)
    }

    /// Whether a retry of ours is settled as applied though its run was never seen, as when an operator says that it ran.
    static func hasHiddenRetry(_ proposal: Proposal) -> HoldAnswer {
        let ran = proposal.earlier.last { $0.state == .applied }
        return .held(by: ran.map { "intent \($0.id) retried it, and the run of that cannot be seen" })
    }

    static func isSpentAndPassesOn(_ proposal: Proposal) -> Bool {
        proposal.policy.onExhausted.continues && proposal.isExhausted
    }

    static func isOfUnknownOutcome(_ proposal: Proposal) -> HoldAnswer {
        let known = proposal.context.view.outcomeUnknown
        guard !known.isEmpty, let run = proposal.subject.chain.nodes.first(where: { known.contains($0.id) }) else {
            return .clear
        }
        return .held("\(run.id) went to its end, and n8n keeps an older error")
    }

    static func ranToItsEnd(_ proposal: Proposal) -> HoldAnswer {
        heldByDetail(proposal) {
            $0.ranToItsEnd ? "it went to its end, and n8n keeps an older error" : nil
        }
    }

    static func hasNothingToResume(_ proposal: Proposal) -> HoldAnswer {
        heldByDetail(proposal) { $0.hasEmptyStack ? "no node stands on its stored stack" : nil }
    }

    private static func heldByDetail(_ proposal: Proposal, _ words: (ExecutionDetail) -> String?) -> HoldAnswer {
        switch proposal.subject.detail {
        case .known(let detail): .held(by: words(detail))
        case .needs(let need): .pending([need])
        case .absent, .unknown: .clear
        }
    }

    /// n8n runs the saved workflow: where its node is disabled it ends as a success without the step.
    static func changedWorkflow(_ proposal: Proposal) -> HoldAnswer {
        guard proposal.policy.retry?.loadWorkflow == true else { return .clear }
        return heldByDetail(proposal) { detail in
            guard let workflow = proposal.subject.workflow else { return "the saved workflow cannot be read" }
            return workflow.change(since: detail)
        }
    }

    static func mayRepeat(_ proposal: Proposal) -> HoldAnswer {
        switch proposal.subject.repeatRisk {
        case .known(let known):
            proposal.policy.retry?.accepts(known.risk) == true ? .clear : .held(known.why)
        case .needs(let need): .pending([need])
        case .absent, .unknown: .held("the risk cannot be judged")
        }
    }

    static func runsDraft(_ proposal: Proposal) -> HoldAnswer {
        guard let retry = proposal.policy.retry, retry.loadWorkflow, !retry.allowDraft else { return .clear }
        guard let workflow = proposal.subject.workflow else { return .held("the workflow's versions cannot be read") }
        return .held(by: workflow.draftDifference)
    }
}

extension Proposal {
    /// The run that started the chain's first run as a sub-workflow, where it can be seen.
    fileprivate var parent: Execution? {
        subject.chain.rootRow.flatMap { context.snapshot.details[$0.id]?.parentExecution }
            .flatMap { context.snapshot.executions[$0] }
    }
}

extension RetryAction {
    /// Whether a retry may be sent in spite of a risk: who accepts what is possible accepts what is unlikely, and an
    /// unknown one may be either of the others (semantics 44, 45).
    func accepts(_ risk: RepeatRisk) -> Bool {
        switch risk {
        case .none: true
        case .unlikely: !acceptedRisks.isDisjoint(with: [.unlikely, .possible])
        case .possible: acceptedRisks.contains(.possible)
        case .restart: acceptedRisks.contains(.restart)
        case .unknown: acceptedRisks.isSuperset(of: [.possible, .restart])
        }
    }
}
