extension PlanRun {
    /// Whether the policy's retries are used up, or it took too long. A lost answer that may be sent again is no try.
    func isExhausted(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> Bool {
        if attemptsSpent(subject) >= action.maxRetries { return true }
        guard let limit = policy.guards.giveUpAfter, let first = subject.chain.firstFailure else { return false }
        return first + limit <= scene.snapshot.now
    }

    /// Retries made; a re-send takes the place of the try whose answer was lost.
    private func attemptsSpent(_ subject: Subject) -> Int {
        let made = subject.retriesMade
        return lostAnswer(subject) == nil ? made : max(0, made - 1)
    }

    private func lostAnswer(_ subject: Subject) -> Intent? {
        scene.intents.all(.retry, subject.row.id).last { $0.state == .unresolved }
    }

    /// What holds a chain whether or not it is exhausted (semantics 12): it is not a settled failure, or not ours to
    /// judge.
    mutating func holdBeforeExhaustion(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> Verdict? {
        if subject.isHealed { return .held(.healed, "") }
        if subject.chain.live.isEmpty, !Remediation.retry(action).fittingStatuses.contains(subject.row.status) {
            return .held(.noPolicy, "")
        }
        if wasStoppedByUs(subject) { return .held(.stoppedByUs, "") }
        if let from = scene.snapshot.coveredFrom, subject.chain.root < from {
            return .held(.incompletePoll, "executions below \(from) may have retries that are not read yet")
        }
        if let held = parentHold(subject, policy) ?? chainHold(subject, policy, action) { return held }
        return scene.view.isMemoryless || !isShadowed(subject) ? nil : .held(.shadowed, "")
    }

    /// Any stop of ours that may have reached n8n counts, whatever became of its answer; but a run that ended otherwise had
    /// failed before it came.
    private func wasStoppedByUs(_ subject: Subject) -> Bool {
        guard subject.row.status == .canceled else { return false }
        return scene.intents.all(.stop, subject.row.id).contains { $0.state != .void && $0.state != .shadow }
    }

    /// Decides about one failed leaf; the order is the order in which reasons are shown.
    mutating func retryVerdict(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> Verdict {
        if let held = holdBeforeExhaustion(subject, policy, action) { return held }
        if isExhausted(subject, policy, action) {
            latchExhaustion(subject, policy)
            return .held(.exhausted, exhaustionWords(subject, policy, action))
        }
        if let held = commonHold(subject, policy, .retry) { return held }
        let risk: RepeatRiskVerdict
        switch subject.repeatRisk {
        case .known(let known): risk = known
        case .needs(let need):
            needs.insert(need)
            return .held(.factPending, "")
        case .absent, .unknown: return .held(.mayRepeat, "the risk cannot be judged")
        }
        guard action.accepts(risk.risk) else { return .held(.mayRepeat, risk.words) }
        if let words = draftObjection(subject, action) { return .held(.draftDiffers, words) }
        return timed(subject, policy, action, risk)
    }

    private func draftObjection(_ subject: Subject, _ action: RetryAction) -> String? {
        guard action.loadWorkflow, !action.allowDraft else { return nil }
        guard let workflow = subject.workflow else { return "the workflow's versions cannot be read" }
        guard let published = workflow.publishedVersion, workflow.draftVersion != published else { return nil }
        return "the saved draft of '\(workflow.name)' is not the published version"
    }

    /// Only the root of nested runs acts, or the child's work is done twice (semantics 20).
    private mutating func parentHold(_ subject: Subject, _ policy: Policy) -> Verdict? {
        guard let root = subject.chain.rootRow, root.mode != .retry else {
            return .held(.parentFailed, "the chain's first run cannot be seen")
        }
        // It may be a sub-workflow's, whose parent is the one to retry.
        guard root.mode.isKnown else { return .held(.parentFailed, "n8n does not tell how \(root.id) was started") }
        if root.mode == .error, !policy.namesErrorMode {
            return .held(.errorWorkflow, "another run's failure started it; name execution_mode: error to retry it")
        }
        guard root.mode == .integrated else { return nil }
        guard let detail = scene.snapshot.details[root.id] else {
            needs.insert(.detail(root.id))
            return .held(.factPending, "")
        }
        guard let parent = detail.parentExecution, let row = scene.snapshot.executions[parent] else {
            return .held(.parentFailed, "its parent cannot be read")
        }
        if row.status == .success { return nil }
        // A parent that goes on may yet fail of this very child, and be the one to retry.
        return .held(row.status.isFailed ? .parentFailed : .live, "parent \(parent) is \(row.status.rawValue)")
    }

    /// What holds the whole tree: live runs, requests under way, unanswered ones, rows that are gone or closed.
    private func chainHold(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> Verdict? {
        if let live = subject.chain.live.first { return .held(.live, "\(live.id) is \(live.status.rawValue)") }
        let retries = scene.intents.retries(subject.chain)
        if let open = retries.first(where: \.state.isOpen) { return .held(.inFlight, "intent \(open.id)") }
        if let lost = retries.first(where: { $0.state == .unresolved && !mayResend(subject, policy, action, $0) }) {
            return .held(.unresolved, "intent \(lost.id): \(lost.note ?? "no answer")")
        }
        if subject.chain.hasHiddenLeaf || scene.view.gone.contains(subject.row.id) {
            return .held(.leafGone, "its newest run was not kept")
        }
        // A retry that ran by somebody's word, and whose run nobody can see.
        if let ran = scene.intents.all(.retry, subject.row.id).last(where: { $0.state == .applied }) {
            return .held(.leafGone, "intent \(ran.id) retried it, and the run of that cannot be seen")
        }
        return refusalHold(.retry, subject)
    }

    /// What n8n said before: that it cannot be done at all, or no, three times.
    func refusalHold(_ action: ActionKind, _ subject: Subject) -> Verdict? {
        if scene.view.isClosed(subject.row.id, for: action) { return .held(.closed, "n8n refuses it") }
        let refusals = scene.intents.refusals(action, subject.row.id)
        guard refusals.count >= 3 else { return nil }
        return .held(.refused, "three tries were refused: \(refusals.last?.note ?? "")")
    }

    /// A lost answer is sent again once per execution, and only where the policy says so.
    private func mayResend(_ subject: Subject, _ policy: Policy, _ action: RetryAction, _ lost: Intent) -> Bool {
        guard action.whenUnresolved == .resend, lost.draft.execution == subject.row.id,
            !isExhausted(subject, policy, action)
        else { return false }
        return !scene.intents.all(.retry, subject.row.id).contains { $0.state == .superseded }
    }

    private func isShadowed(_ subject: Subject) -> Bool {
        scene.intents.all(.retry, subject.row.id).contains { $0.state == .shadow }
    }

    /// Waits for the latest of all times that must have come.
    private func timed(
        _ subject: Subject, _ policy: Policy, _ retry: RetryAction, _ risk: RepeatRiskVerdict
    ) -> Verdict {
        let due = due(subject, retry)
        let action = proposal(subject, policy, retry, risk, due: due.time)
        var waits = [due]
        if let human = newestPersonRetry(subject) {
            waits.append((human + policy.guards.yieldToHumans, .yieldToHumans))
        }
        if let refused = scene.intents.refusedUntil(.retry, subject.row.id, retry.backoff) {
            waits.append((refused, .refusedRecently))
        }
        if let last = waits.max(by: { $0.time < $1.time }), last.time > scene.snapshot.now {
            return .wait(action, until: last.time, last.reason)
        }
        if let (reason, until) = outsideWindow(policy.guards) { return .wait(action, until: until, reason) }
        return .act(action)
    }

    private func newestPersonRetry(_ subject: Subject) -> Timestamp? {
        let seen = subject.chain.nodes.compactMap { node in
            node.parent != nil && !scene.intents.isOurs(node.id) ? node.row?.stoppedAt : nil
        }
        let remembered = subject.chain.nodes.compactMap { scene.view.personRetried[$0.id] }
        return (seen + remembered).max()
    }

    /// A re-send waits from when the answer was lost, for its run may yet show up.
    private func due(_ subject: Subject, _ action: RetryAction) -> (time: Timestamp, reason: Reason) {
        let retries = attemptsSpent(subject)
        let end = subject.row.stoppedAt ?? scene.snapshot.now
        return DueTime.next(
            after: max(end, lostAnswer(subject)?.settledAt ?? end), retries: retries, action: action,
            error: subject.error,
            key: DueTime.key(scene.snapshot.instance, subject.row.id, retries: retries))
    }

    private func proposal(
        _ subject: Subject, _ policy: Policy, _ action: RetryAction, _ risk: RepeatRiskVerdict, due: Timestamp
    ) -> ProposedAction {
        var classification: Classification?
        if case .known(let known) = subject.classification { classification = known }
        let attempt = attemptsSpent(subject) + 1
        return ProposedAction(
            draft: IntentDraft(
                instance: scene.snapshot.instance, action: .retry, execution: subject.row.id, root: subject.chain.root,
                workflow: subject.row.workflow, policy: policy.name, policyVersion: policy.version, attempt: attempt,
                loadWorkflow: action.loadWorkflow, nodeType: subject.failedNodeType),
            attempts: action.maxRetries, risk: risk, classification: classification, due: due,
            supersedes: lostAnswer(subject)?.id)
    }

    mutating func latchExhaustion(_ subject: Subject, _ policy: Policy) {
        guard exhausted[subject.chain.root]?.contains(policy.name) != true else { return }
        // Nothing is concluded from what an incomplete poll does not show.
        guard scene.snapshot.completeness == .complete else { return }
        if pass == .dryRun, policy.mode == .enforce { return }
        plan.latches.append(Latch(.exhausted, subject.chain.root, policy: policy.name, at: scene.snapshot.now))
    }

    private func exhaustionWords(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> String {
        subject.retriesMade >= action.maxRetries
            ? "\(subject.retriesMade) of \(action.maxRetries) retries made"
            : "first failed more than \(policy.guards.giveUpAfter ?? .zero) ago"
    }
}

extension RetryAction {
    /// Whether a retry may be sent in spite of a risk: unknown is treated as possible (semantics 44, 45).
    func accepts(_ risk: RepeatRisk) -> Bool {
        risk == .none || acceptedRisks.contains(risk == .unknown ? .possible : risk)
    }
}
